package main

import (
	"strings"
	"testing"

	"govorun/crm/postgres/pgtest"
)

func TestM02_TwoProgramsThatStartOnAnEmptyDatabaseMigrateItOnce(t *testing.T) {
	t.Parallel()
	w := worldFor(t, pgtest.Empty(t))
	first, second := w.serve(), w.serve()
	first.ready()
	second.ready()
	w.settle()
	if n := one[int](w, `SELECT count(*) - count(DISTINCT version_id) FROM goose_db_version`); n != 0 {
		t.Errorf("%d migrations ran twice", n)
	}
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Что случилось?")
}

func TestM03_AnOldProgramRefusesANewerSchemaInOneSentence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
	out, code := runOnce(t, w.env, "serve")
	if code != exitTrouble || !strings.Contains(out, "start the newer program") || strings.Count(strings.TrimSpace(out), "\n") > 0 {
		t.Errorf("exit %d, printed:\n%s", code, out)
	}
}

// poison makes the database refuse every message with this one text, as a bug of ours would.
const poison = `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.status = 'received' AND NEW.content->>'text' = 'poison' THEN RAISE EXCEPTION 'this can not be handled'; END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER refuse_poison BEFORE INSERT OR UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION refuse_poison()`

func TestT19_APoisonMessageIsPutAsideAndEverybodyGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	anna, boris := w.person(101, "Анна"), w.person(102, "Борис")
	w.did(anna.Start(w.machines["214"]))
	w.did(boris.Start(""))
	w.sees(anna, "Что случилось?")
	w.sees(boris, "Здравствуйте")
	w.quiet()
	w.exec(poison)
	w.did(anna.Text("poison"))
	w.did(boris.Text("215"))
	w.sees(boris, "Что случилось?")
	w.did(anna.Press("⛔ Не работает"))
	w.sees(anna, "Заявка уже у нас")
	w.sees(anna, "Что-то пошло не так")
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM dead_letters WHERE source = 'inbound' AND status = 'open' AND attempts = 5`); n != 1 {
		t.Errorf("%d dead letters", n)
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind IN ('alert_dead', 'dead_letter')`); n == 0 {
		t.Error("nobody was told")
	}
	if got := p.metric("dead_letters_open"); got != "1" {
		t.Errorf("the metric says %s", got)
	}
	list, code := runOnce(t, w.env, "dead")
	if code != exitOK || !strings.Contains(list, "inbound") || !strings.Contains(list, "can not be handled") {
		t.Errorf("exit %d, listed:\n%s", code, list)
	}

	w.exec(`DROP TRIGGER refuse_poison ON messages`)
	id := one[int64](w, `SELECT id FROM dead_letters`)
	for range 2 { // the second time it is told that it was done
		if out, code := runOnce(t, w.env, "dead", "replay", toText(id)); code != exitOK {
			t.Errorf("exit %d, printed:\n%s", code, out)
		}
	}
	w.becomes(1, `SELECT count(*) FROM messages WHERE content->>'text' = 'poison' AND status = 'received'`)
	w.sees(anna, "Записал.") // a comment to the deal that exists by now
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'comment'`); n > 1 {
		t.Errorf("applied %d times", n)
	}
	if n := one[int](w, `SELECT count(*) FROM dead_letters WHERE status = 'open'`); n != 0 {
		t.Error("the letter is still open")
	}
}

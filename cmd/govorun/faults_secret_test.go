package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func TestX01_APostWithoutTheSecretIsTurnedAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	for _, secret := range []string{"", "wrong", testSecret[:len(testSecret)-1], testSecret + "x"} {
		if resp := post(t, p, written(1, 1, 101, "secretword"), "X-Telegram-Bot-Api-Secret-Token", secret); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("secret %q got %d", secret, resp.StatusCode)
		}
	}
	if n := one[int](w, `SELECT count(*) FROM messages`); n != 0 {
		t.Errorf("%d messages were stored", n)
	}
	if strings.Contains(p.out.String(), "secretword") {
		t.Error("a body is in the log")
	}
	if p.metric("webhook_unauthorized_total") != "4" {
		t.Errorf("counted %s", p.metric("webhook_unauthorized_total"))
	}
}

func TestX01_WebhookModeDoesNotStartWithoutASecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, code := runOnce(t, append(w.env, "GOVORUN_TELEGRAM_WEBHOOK=https://bot.example.org/telegram"), "serve")
	if code != exitTrouble || !strings.Contains(out, "GOVORUN_TELEGRAM_SECRET") {
		t.Errorf("exit %d, printed %s", code, out)
	}
}

func TestX03_WhoTriesManyCodesIsSlowedDownAndLearnsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	w.exec(`UPDATE assets SET disabled = true WHERE code = '215'`)
	answers := map[string]bool{}
	for id, code := range map[int64]string{201: w.machines["215"], 202: "m_1", 203: "m_" + strings.Repeat("A", 30)} {
		p := w.person(id, "Вася")
		w.did(p.Start(code))
		answers[w.sees(p, "Не узнал").Text] = true
	}
	if len(answers) != 1 {
		t.Errorf("unknown, mistyped and disabled codes are told apart: %v", answers)
	}
	eve := w.person(101, "Ева")
	for n := range 12 {
		w.did(eve.Start(fmt.Sprintf("m_%d", n)))
	}
	w.sees(eve, "Слишком много попыток")
	w.quiet()
	w.did(eve.Start(w.machines["214"]))
	w.quiet()
	if got := w.texts(101, "№ 214"); len(got) != 0 {
		t.Error("a good code was answered in the middle of an enumeration")
	}
	anna := w.person(102, "Анна")
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Что случилось?")
}

func TestX18_TokenAndSecretAreNowhereToBeSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	for _, f := range []simulator.Fault{
		{Kind: simulator.ServerError, Method: "file", Times: 1}, {Kind: simulator.DropAfter, Method: "file", Times: 1},
		{Kind: simulator.Refuse, Method: "getFile", Code: 404, Description: "Not Found", Times: 1},
		{Kind: simulator.DropBefore, Method: "sendMessage", Times: 1}, {Kind: simulator.Refuse, Method: "sendMessage", Code: 400, Description: "Bad Request: odd", Times: 1},
	} {
		w.sim.AddFault(f)
	}
	w.did(anna.Start(w.machines["214"]))
	w.becomesMore(1, `SELECT count(*) FROM messages WHERE direction = 'in'`)
	for range 3 {
		w.did(anna.Photo(320, 240, ""))
	}
	w.becomes(3, `SELECT count(*) FROM attachments`)
	w.becomesMore(2, `SELECT count(*) FROM attachments WHERE attempts > 0 OR status = 'stored'`)
	w.sim.SetToken("1000000001:another")
	w.did(anna.Text("ещё слово"))
	w.becomesMore(1, `SELECT count(*) FROM events WHERE kind = 'alert_paused'`)
	p.stop()
	out, _ := runOnce(t, w.env, "dead", "list", "--all")
	if words := p.out.String() + out; w.leaks(words) {
		t.Error("it is in the output")
	}
	rows, err := w.db.Pool.Query(waiting(t), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if len(tables) < 10 {
		t.Fatalf("only %d tables were looked at", len(tables))
	}
	for _, table := range tables {
		if text := one[string](w, `SELECT coalesce(string_agg(t::text, ' '), '') FROM "`+table+`" t`); w.leaks(text) {
			t.Errorf("it is in table %s", table)
		}
	}
}

// leaks says whether a text holds the token, its secret half, or the secret of the webhook.
func (w *world) leaks(text string) bool {
	_, half, _ := strings.Cut(testToken, ":")
	return strings.Contains(text, half) || strings.Contains(text, testSecret)
}

func TestX27_ANameCanNotForgeALogLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	anna := w.person(101, "Анна\n\x1b[31mtime=now level=ERROR msg=forged")
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Что случилось?")
	group, err := w.sim.AddGroup(simulator.NewGroup{Title: "G\n\x1b[31mlevel=ERROR msg=forged", Owner: 101})
	if err != nil {
		t.Fatal(err)
	}
	w.did(anna.In(group).Text("/my@x\nlevel=ERROR msg=forged"))
	w.quiet()
	if strings.ContainsRune(p.out.String(), 0x1b) || strings.Contains(p.out.String(), "\nlevel=ERROR msg=forged") || strings.Contains(p.out.String(), "\n\x1b") {
		t.Errorf("the log is forged:\n%q", p.out.String())
	}
	if name := one[string](w, `SELECT name FROM contacts LIMIT 1`); strings.ContainsAny(name, "\n\x1b") {
		t.Errorf("the name is stored with control characters: %q", name)
	}
}

func TestX28_ARealServerHasNeitherSimulatorNorDebugPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	for _, path := range []string{"/", "/sim/state", "/sim/do", "/sim/events", "/board/deals", "/debug/pprof/", "/debug/vars", "/page/"} {
		if code, _ := p.get(path); code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, code)
		}
	}
}

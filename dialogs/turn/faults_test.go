package turn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/crm/postgres"
)

func TestT01_TheSameMessageTwentyTimesAtOnceIsOneTurn(t *testing.T) {
	h := newHouse(t)
	in := h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "/start", Command: "start"})
	var all sync.WaitGroup
	fresh := make(chan bool, 20)
	for range 20 {
		all.Go(func() {
			r, err := h.runner.Accept(context.Background(), in)
			if err != nil {
				t.Error(err)
			}
			fresh <- r.Fresh
		})
	}
	all.Wait()
	close(fresh)
	n := 0
	for f := range fresh {
		if f {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 20 deliveries count as new, want 1", n)
	}
	if in, out := h.count("SELECT count(*) FROM messages WHERE direction = 'in'"), h.count("SELECT count(*) FROM messages WHERE direction = 'out'"); in != 1 || out != 1 {
		t.Errorf("%d messages in and %d out, want one each", in, out)
	}
}

func TestO03_ADoubleTapIsOneDealAndSaysSo(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	prompt := h.last(azamat)
	h.pressOn(azamat, prompt, "Взял деньги")
	if r := h.pressOn(azamat, prompt, "Взял деньги"); !strings.Contains(r.Toast, "Уже принято") {
		t.Errorf("the second tap hears %q", r.Toast)
	}
	if n := h.count("SELECT count(*) FROM deals"); n != 1 {
		t.Errorf("%d deals after a double tap, want 1", n)
	}
}

func TestO08_ThreeFirstMessagesAtOnceMakeOneContactAndOneGreeting(t *testing.T) {
	h := newHouse(t)
	var all sync.WaitGroup
	for _, text := range []string{"здравствуйте", "у вас автомат сломан", "ау"} {
		in := h.from(azamat, crm.Inbound{Kind: crm.InText, Text: text})
		all.Go(func() {
			if _, err := h.runner.Accept(context.Background(), in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := h.count("SELECT count(*) FROM contacts"); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
	if n := h.count("SELECT count(*) FROM events WHERE kind = 'dialog_started'"); n != 1 {
		t.Errorf("%d dialogs started, want 1", n)
	}
}

func TestT19_APoisonMessageIsPutAsideAndItsChatAndAllOthersGoOn(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	if _, err := h.db.Pool.Exec(ctx, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.content->>'text' = 'яд' AND NEW.status = 'received' THEN RAISE EXCEPTION 'poisoned'; END IF; RETURN NEW; END $$;
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION refuse()`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for person := range int64(10) {
		text := "/start"
		in := crm.Inbound{Kind: crm.InText, Text: text, Command: "start"}
		if person == 5 {
			in = crm.Inbound{Kind: crm.InText, Text: "яд"}
		}
		in = h.from(5000+person, in)
		all.Go(func() {
			if _, err := h.runner.Accept(ctx, in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := h.count("SELECT count(*) FROM messages WHERE direction = 'in' AND status = 'received'"); n != 9 {
		t.Errorf("%d others went through, want 9", n)
	}
	if n := h.count("SELECT count(*) FROM dead_letters WHERE source = 'inbound' AND attempts = 5"); n != 1 {
		t.Errorf("%d dead letters, want 1", n)
	}
	h.text(5005, "/start")
	if n := h.count("SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = '5005' AND m.status = 'received'"); n != 1 {
		t.Error("the chat of the poison message does not go on")
	}
}

func TestO09_WhileAPersonHasTheTalkTheBotIsSilentAndGoesOnAfterwards(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "оператор")
	h.says(aigul, "Азамат")
	h.press(aigul, "Взять диалог")
	h.says(azamat, "Айгуль")
	h.text(azamat, "автомат съел деньги")
	h.says(aigul, "автомат съел деньги")
	if n := h.count("SELECT count(*) FROM deals"); n != 0 {
		t.Errorf("the bot opened %d deals while a person had the talk", n)
	}
	h.text(aigul, "Сейчас <b>посмотрю</b>")
	h.says(azamat, "Сейчас &lt;b&gt;посмотрю")
	if got := h.last(azamat).Author; got != crm.ByEmployee {
		t.Errorf("the operator's words are from %q", got)
	}
	h.text(aigul, "// проверить 214")
	h.says(azamat, "посмотрю")
	if n := h.count("SELECT count(*) FROM events WHERE kind = 'note'"); n != 1 {
		t.Errorf("%d notes, want 1", n)
	}
	back := h.find(aigul, "Вернуть боту")
	h.pressOn(aigul, back, "Вернуть боту")
	h.says(azamat, "Что случилось")
	h.press(azamat, "Взял деньги")
	h.says(azamat, "Принято")
}

func TestX03_ManyUnknownCodesSlowAPersonDownAndAllUnknownCodesLookAlike(t *testing.T) {
	h := newHouse(t)
	var answers []string
	for i := range 10 {
		h.text(azamat, fmt.Sprintf("/start m_%d", i))
		answers = append(answers, h.last(azamat).Text)
	}
	for _, a := range answers[1:] {
		if a != answers[1] {
			t.Errorf("unknown codes are answered differently: %q and %q", a, answers[1])
		}
	}
	h.text(azamat, "/start m_11")
	h.text(azamat, h.scan(demo.MachineCode))
	h.says(azamat, "Слишком много попыток")
	h.shift = 2 * time.Hour
	h.text(azamat, h.scan(demo.MachineCode))
	h.says(azamat, "214")
}

func TestD01_AnAlbumGetsOneAnswer(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	before := h.count("SELECT count(*) FROM messages WHERE direction = 'out' AND kind = 'message' AND status = 'queued'")
	for i := range 3 {
		h.accept(h.from(azamat, crm.Inbound{Kind: crm.InMedia, Album: "a1",
			Media: []crm.Media{{Kind: crm.Photo, Ref: fmt.Sprint("r", i), Unique: fmt.Sprint("u", i), Width: 1280, Height: 960}}}))
	}
	queued := h.count("SELECT count(*) FROM messages WHERE direction = 'out' AND kind = 'message' AND status = 'queued'")
	if n := queued - before; n != 1 {
		t.Errorf("an album of three gets %d answers, want 1", n)
	}
	if n := h.count("SELECT count(*) FROM attachments WHERE deal_id IS NOT NULL"); n != 3 {
		t.Errorf("%d photos are at the deal, want 3", n)
	}
	if n := h.count("SELECT count(*) FROM messages WHERE not_before > created_at + interval '5.1 seconds'"); n != 0 {
		t.Error("an answer waits for more than five seconds")
	}
}

func TestO05_OfTwoTechniciansWhoTakeAtOnceOneWinsAndTheOtherHearsWho(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	if _, err := h.db.Pool.Exec(ctx, `INSERT INTO employees (id, name, role, city, crew_id) SELECT 9001, 'Пётр', role, city, crew_id
		FROM employees e JOIN identities i ON i.employee_id = e.id WHERE i.address = $1`, fmt.Sprint(ivan)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.Pool.Exec(ctx, `INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '2002', 9001)`); err != nil {
		t.Fatal(err)
	}
	h.text(ivan, "/start")
	h.text(2002, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	mine, his := h.last(ivan), h.last(2002)
	toasts := make(chan string, 2)
	var all sync.WaitGroup
	for person, card := range map[int64]crm.Outbound{ivan: mine, 2002: his} {
		in := h.from(person, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: card.Buttons[0][0].Data, Message: fmt.Sprint(card.ID)}})
		all.Go(func() {
			r, err := h.runner.Accept(ctx, in)
			if err != nil {
				t.Error(err)
			}
			toasts <- r.Toast
		})
	}
	all.Wait()
	a, b := <-toasts, <-toasts
	if strings.Contains(a, "Уже взято") == strings.Contains(b, "Уже взято") {
		t.Errorf("one must win and one must hear who was faster: %q, %q", a, b)
	}
	if n := h.count("SELECT count(*) FROM events WHERE kind = 'deal_owned'"); n != 1 {
		t.Errorf("%d owners, want 1", n)
	}
}

func TestX06_AMadeUpPressTakesNoTalk(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	id := h.count("SELECT id FROM conversations WHERE chat = $1", fmt.Sprint(azamat))
	in := h.from(ivan, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: fmt.Sprintf("t:%d:take", id), Message: "1"}})
	h.accept(in)
	if n := h.count("SELECT count(*) FROM conversations WHERE operator_id IS NOT NULL"); n != 0 {
		t.Error("a technician took a talk with a made-up press")
	}
	if n := h.count("SELECT count(*) FROM events WHERE kind = 'talk_refused'"); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestATalkOfADismissedOperatorGoesBackToTheBot(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	if _, err := h.db.Pool.Exec(context.Background(), "UPDATE employees SET active = false WHERE id = (SELECT employee_id FROM identities WHERE address = $1)", fmt.Sprint(aigul)); err != nil {
		t.Fatal(err)
	}
	h.text(azamat, h.scan(demo.MachineCode))
	h.says(azamat, "214")
}

func TestO09_ASignalWaitsWhileAPersonHasTheTalk(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.press(ivan, "Беру")
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	before := h.last(azamat).ID
	h.pressOn(ivan, h.find(ivan, "Готово"), "Готово")
	for range 2 {
		if err := h.runner.SweepOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.runner.Wait()
	}
	if got := h.last(azamat); got.ID != before {
		t.Errorf("the bot says %q while a person has the talk", got.Text)
	}
	h.pressOn(aigul, h.find(aigul, "Вернуть боту"), "Вернуть боту")
	if err := h.runner.SweepOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.runner.Wait()
	h.says(azamat, "починили")
}

func TestD10_ANumberOfACardIsNowhereKept(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.text(azamat, "верните на 4242 4242 4242 4242")
	for _, table := range []string{"messages", "events", "deals", "conversations", "contacts"} {
		if n := h.count("SELECT count(*) FROM " + table + " x WHERE x::text LIKE '%4242 4242%' OR x::text LIKE '%42424242%'"); n != 0 {
			t.Errorf("table %s keeps the number of a card", table)
		}
	}
}

func TestAPhotoSentForASecondReportLeavesTheFirstItsOwn(t *testing.T) {
	h := newHouse(t)
	photo := crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "same", Unique: "same", Width: 1280, Height: 960}}}
	for range 2 {
		h.text(azamat, h.scan(demo.MachineCode))
		h.press(azamat, "Взял деньги")
		h.accept(h.from(azamat, photo))
		if _, err := h.db.Pool.Exec(context.Background(), "UPDATE deals SET status = 'won', stage = 'done', closed_at = now()"); err != nil {
			t.Fatal(err)
		}
		h.press(azamat, "спасибо")
	}
	if n := h.count("SELECT count(DISTINCT deal_id) FROM attachments"); n != 2 {
		t.Errorf("two reports with a photo each have them at %d deals", n)
	}
}

func TestATurnThatWaitedForAnotherSeesWhatTheOtherWrote(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.text(azamat, h.scan(demo.MachineCode))
	tx, err := h.db.Pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "UPDATE conversations SET title = 'locked' WHERE chat = $1", fmt.Sprint(azamat)); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "UPDATE contacts SET name = 'Новое имя'"); err != nil {
		t.Fatal(err)
	}
	in := h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "оператор"})
	done := make(chan error, 1)
	go func() {
		_, err := h.runner.Accept(ctx, in)
		done <- err
	}()
	for h.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	h.says(aigul, "Новое имя")
}

func TestO01_TwoAnswersThatShareACommitAreBothKeptOfAContact(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	tx, turns, err := h.db.BeginTurns(ctx, []crm.Inbound{h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "x"})})
	if err != nil {
		t.Fatal(err)
	}
	if len(turns) != 1 {
		t.Fatalf("%d turns, want 1", len(turns))
	}
	c := &tx.Changes
	c.Contacts = append(c.Contacts, postgres.ContactRow{ID: 900})
	c.KnownBetter = append(c.KnownBetter, postgres.ContactRow{ID: 900, Name: "Ана", Fields: crm.Fields{"a": 1}}, postgres.ContactRow{ID: 900, Phone: "+77071234567", Fields: crm.Fields{"b": 2}})
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if n := h.count("SELECT count(*) FROM contacts WHERE id = 900 AND name = 'Ана' AND phone = '+77071234567' AND fields = '{\"a\": 1, \"b\": 2}'"); n != 1 {
		t.Error("of two changes to one contact only one is kept")
	}
}

package turn_test

import (
	"context"
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/dialogs"
)

// wantsRefund lets Azamat ask for his money back, with the number that is his own. A technician has the job.
func (h *house) wantsRefund() {
	h.t.Helper()
	h.text(ivan, "/start")
	if err := h.refund(demo.MachineCode, func(in crm.Inbound) crm.Inbound { return in }); err != nil {
		h.t.Fatal(err)
	}
	h.runner.Wait()
	h.sendOut()
	h.is("own numbers", h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567'`), 1)
}

func TestX20_WhoForgetsIsAskedOnceAndGoneThen(t *testing.T) {
	h := newHouse(t)
	h.wantsRefund()
	h.text(azamat, "удалить мои данные")
	if out := h.last(azamat); !strings.Contains(out.Text, "Удалить?") || len(out.Buttons) != 2 {
		t.Fatalf("asked: %+v", out)
	}
	h.is("contacts before the answer", h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567'`), 1)
	h.press(azamat, "🗑 Да, удалить всё")
	if out := h.last(azamat); !strings.Contains(out.Text, "больше нет") {
		t.Errorf("the last word: %q", out.Text)
	}
	h.is("contacts", h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567'`), 0)
	h.is("addresses", h.count(`SELECT count(*) FROM identities WHERE address = $1`, fmt.Sprint(azamat)), 0)
	h.is("messages but the last", h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = $1`, fmt.Sprint(azamat)), 1)
	h.is("open deals of nobody", h.count(`SELECT count(*) FROM deals WHERE status = 'open' AND contact_id IS NULL`), 0)
	if shown := h.edit(ivan); strings.Contains(shown.Text, "71234567") || shown.ID == 0 {
		t.Errorf("the technician's card still shows %q", shown.Text)
	}
	h.is("texts with the number", h.count(`SELECT count(*) FROM messages WHERE content::text LIKE '%77071234567%'`), 0)
	h.sendOut()
	if err := h.runner.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.is("talks", h.count(`SELECT count(*) FROM conversations WHERE chat = $1`, fmt.Sprint(azamat)), 0)
}

func TestX20_AnOldDeliveryBringsNobodyBackAndANewMessageIsANewBeginning(t *testing.T) {
	h := newHouse(t)
	first := h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "взял деньги, не выдал"})
	first.SentAt = time.Now().Add(-time.Minute)
	h.accept(first)
	h.text(azamat, "/forget")
	h.press(azamat, "🗑 Да, удалить всё")
	h.sendOut()
	if err := h.runner.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := h.accept(first); r.Fresh {
		t.Error("a second delivery counts as new")
	}
	h.is("contacts after a late delivery", h.count(`SELECT count(*) FROM contacts c JOIN identities i ON i.contact_id = c.id WHERE i.address = $1`, fmt.Sprint(azamat)), 0)
	h.is("talks after a late delivery", h.count(`SELECT count(*) FROM conversations WHERE chat = $1`, fmt.Sprint(azamat)), 0)
	again := h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "/start", Command: "start"})
	again.SentAt = time.Now().Add(2 * time.Second)
	if r := h.accept(again); !r.Fresh {
		t.Error("who comes back is not heard")
	}
	h.is("contacts of who came back", h.count(`SELECT count(*) FROM identities WHERE address = $1 AND contact_id IS NOT NULL`, fmt.Sprint(azamat)), 1)
}

func TestX20_WhoChangesTheirMindKeepsEverything(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, "/start")
	h.text(azamat, "delete my data")
	h.press(azamat, "Нет, оставить")
	h.is("wishes", h.count(`SELECT count(*) FROM erasures`), 0)
	old := "d:sure:" + "1" // of the year 1970
	if toast := h.forged(azamat, old, "1"); !strings.Contains(toast, "устарела") {
		t.Errorf("an old button says %q", toast)
	}
	h.text(azamat, "да, удалить всё!")
	h.is("wishes after the words alone", h.count(`SELECT count(*) FROM erasures`), 1)
}

func TestX20_ATypedNoKeepsEverythingOnlyAsTheAnswerToThatQuestion(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, "/start")
	h.text(azamat, "нет")
	h.is("declined before the question", h.count(`SELECT count(*) FROM events WHERE kind = 'erasure_declined'`), 0)
	h.text(azamat, "/forget")
	h.text(azamat, "Нет!")
	if out := h.last(azamat); !strings.Contains(out.Text, "ничего не удаляем") {
		t.Errorf("a no is answered with %q", out.Text)
	}
	h.text(azamat, "нет")
	h.is("declined", h.count(`SELECT count(*) FROM events WHERE kind = 'erasure_declined'`), 1)
	h.is("wishes", h.count(`SELECT count(*) FROM erasures`), 0)
}

func TestX20_ThePhraseAloneForgetsNobodyWhoWasNotAsked(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, "/start")
	h.text(azamat, "да, удалить всё")
	h.is("wishes", h.count(`SELECT count(*) FROM erasures`), 0)
}

func TestX20_OnChannelsWithoutButtonsTheAnswerIsTyped(t *testing.T) {
	h := newHouse(t)
	h.plain()
	h.text(azamat, "/forget")
	if out := h.last(azamat); !strings.Contains(out.Text, "напишите: Да, удалить всё") || len(out.Buttons) != 0 {
		t.Errorf("asked: %+v", out)
	}
	h.text(azamat, "Да, удалить всё")
	h.is("erasures", h.count(`SELECT count(*) FROM erasures WHERE status = 'erased'`), 1)
}

// plain lets the runner speak with channels that have no buttons.
func (h *house) plain() {
	h.runner.Capabilities = func(string) dialogs.Capabilities { return dialogs.Capabilities{} }
}

func TestX20_EmployeesAreNotForgottenInAChat(t *testing.T) {
	h := newHouse(t)
	for _, typed := range []string{"/forget", "/mydata"} {
		h.text(ivan, typed)
		if out := h.last(ivan); !strings.Contains(out.Text, "удаляет руководитель") {
			t.Errorf("%s: %q", typed, out.Text)
		}
	}
	h.forged(ivan, "d:ask", "1")
	h.is("wishes", h.count(`SELECT count(*) FROM erasures`), 0)
}

func TestMyDataIsToldInThreeLinesWithAFileOfAll(t *testing.T) {
	h := newHouse(t)
	h.wantsRefund()
	for _, words := range []string{"мои данные", "/mydata", "my data"} {
		h.exec(`UPDATE messages SET created_at = created_at - interval '10 minutes' WHERE card = 'mydata'`)
		before := h.count(`SELECT count(*) FROM events WHERE kind = 'own_data_told'`)
		h.text(azamat, words)
		h.is(words, h.count(`SELECT count(*) FROM events WHERE kind = 'own_data_told'`), before+1)
	}
	out := h.last(azamat)
	if out.Kind != crm.OutMedia || strings.Count(out.Text, "\n") > 2 || len(out.Media) != 1 {
		t.Fatalf("told: %+v", out)
	}
	h.text(azamat, "/mydata")
	h.says(azamat, "только что")
	page := html.UnescapeString(string(out.Media[0].Bytes))
	for _, part := range []string{"+77071234567", "150", "Азамат", "<h2>"} {
		if !strings.Contains(page, part) {
			t.Errorf("the file lacks %q", part)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("the file runs something")
	}
}

func TestX20_WhoWorksHereByAnotherAccountIsNotToldThatTheyAreForgotten(t *testing.T) {
	h := newHouse(t)
	h.wantsRefund()
	h.text(azamat, "удалить мои данные")
	h.exec(`UPDATE identities SET contact_id = (SELECT contact_id FROM identities WHERE address = $1) WHERE address = $2`, fmt.Sprint(azamat), fmt.Sprint(ivan))
	sent := len(h.out)
	h.press(azamat, "🗑 Да, удалить всё")
	for _, out := range h.out[sent:] {
		if strings.Contains(out.Text, "больше нет") || out.Address.Chat == fmt.Sprint(ivan) {
			t.Errorf("somebody hears %q", out.Text)
		}
	}
	h.is("wishes", h.count(`SELECT count(*) FROM erasures`), 0)
	h.is("contacts", h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567'`), 1)
}

func TestX20_WhoPressesTwiceHearsTheLastWordOnce(t *testing.T) {
	h := newHouse(t)
	h.wantsRefund()
	h.text(azamat, "удалить мои данные")
	data := h.last(azamat).Buttons[0][0].Data
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 4 {
		_, _ = h.runner.Accept(gone, h.from(azamat, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data}}))
	}
	h.runner.Wait()
	h.is("last words to be sent", h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.chat = $1 AND m.direction = 'out' AND m.status = 'queued' AND m.content->>'text' LIKE '%больше нет%'`, fmt.Sprint(azamat)), 1)
}

func TestX20_AWishThatAProgramLeftBehindIsDoneByTheNextSweep(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, "/start")
	h.exec(`INSERT INTO erasures (contact_id) SELECT contact_id FROM identities WHERE address = $1`, fmt.Sprint(azamat))
	if err := h.runner.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.is("addresses", h.count(`SELECT count(*) FROM identities WHERE address = $1`, fmt.Sprint(azamat)), 0)
	h.is("done", h.count(`SELECT count(*) FROM erasures WHERE status = 'done'`), 1)
}

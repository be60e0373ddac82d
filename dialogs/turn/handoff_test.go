package turn_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// both is a house that is reached by Telegram, with buttons, and by WhatsApp, without.
func both(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.tune = func(c *turn.Config) {
		c.Capabilities = func(channel string) dialogs.Capabilities {
			return dialogs.Capabilities{Buttons: channel == "telegram", Contact: channel == "telegram"}
		}
		c.Elsewhere = func(provider, code string) (string, bool) { return provider + "://" + code, true }
	}
	h.start()
	return h
}

// wa is an input of a person on WhatsApp: their number there ends with their number here.
func (h *house) wa(person int64, in crm.Inbound) crm.Inbound {
	in = h.from(person, in)
	in.Address.Channel, in.Address.Chat, in.Alias = "whatsapp", fmt.Sprintf("1000000%d@lid", person), fmt.Sprintf("7707%07d@s.whatsapp.net", person)
	in.From = crm.Person{ID: in.Address.Chat, Name: "Азамат", Phone: fmt.Sprintf("+7707%07d", person)}
	return in
}

func (h *house) waText(person int64, text string) {
	h.t.Helper()
	h.accept(h.wa(person, crm.Inbound{Kind: crm.InText, Text: text}))
}

// waLast is the newest message to somebody on WhatsApp.
func (h *house) waLast(person int64) string {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if h.out[i].Address.Chat == fmt.Sprintf("1000000%d@lid", person) && h.out[i].Text != "" {
			return h.out[i].Text
		}
	}
	return ""
}

// code is that of the newest link to somebody on Telegram.
func (h *house) code(person int64) string { return h.linked(person, "Продолжим в WhatsApp") }

// linked is the code of the newest link to somebody on Telegram under such words.
func (h *house) linked(person int64, words string) string {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		o := h.out[i]
		if o.Address.Chat != fmt.Sprint(person) || !strings.Contains(o.Text, words) || len(o.Buttons) == 0 {
			continue
		}
		_, code, _ := strings.Cut(o.Buttons[0][0].URL, "://")
		return code
	}
	h.t.Fatalf("no link under %q", words)
	return ""
}

const open = `SELECT count(*) FROM conversations WHERE channel = $1 AND session->>'dialog' = 'report'`

func TestATalkGoesOnInWhatsAppWhereItStoodAndComesBack(t *testing.T) {
	h := both(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "продолжить в WhatsApp")
	h.says(azamat, "с того же места")
	h.waText(azamat, "GO-"+h.code(azamat))
	if got := h.waLast(azamat); !strings.Contains(got, "Продолжаем здесь") || !strings.Contains(got, "<b>1</b>") {
		t.Fatalf("in WhatsApp one reads %q", got)
	}
	h.says(azamat, "Продолжили в WhatsApp")
	h.is("dialogs here", h.count(open, "telegram"), 0)
	h.is("dialogs there", h.count(open, "whatsapp"), 1)
	h.waText(azamat, "1")
	h.is("deals of the chat in WhatsApp", h.count(`SELECT count(*) FROM deals d JOIN conversations k ON k.id = d.conversation_id AND k.contact_id = d.contact_id WHERE k.channel = 'whatsapp' AND d.status = 'open'`), 1)
	h.waText(azamat, "перейти в telegram")
	if got := h.waLast(azamat); !strings.Contains(got, "Telegram") {
		t.Fatalf("the way back: %q", got)
	}
}

func TestATalkOfOneContactGoesToTheirOtherChatAtOnceAndBackByAButton(t *testing.T) {
	h := acquaintedInBoth(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "продолжить в ватсап")
	h.says(azamat, "Продолжили в WhatsApp")
	h.is("dialogs there", h.count(open, "whatsapp"), 1)
	h.press(azamat, "Вернуть")
	h.is("dialogs here again", h.count(open, "telegram"), 1)
	h.is("dialogs there still", h.count(open, "whatsapp"), 0)
	h.press(azamat, "Взял деньги")
	h.is("deals", h.count(`SELECT count(*) FROM deals d JOIN conversations k ON k.id = d.conversation_id WHERE k.channel = 'telegram'`), 1)
}

// acquaintedInBoth is a house that knows Azamat's number by both providers.
func acquaintedInBoth(t *testing.T) *house {
	t.Helper()
	h := both(t)
	h.waText(azamat, "привет")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.press(azamat, "Вернуть")
	h.press(azamat, "150")
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: fmt.Sprintf("+7707%07d", azamat), Own: true}}))
	h.is("contacts", h.count(`SELECT count(*) FROM contacts WHERE merged_into IS NULL`), 1)
	h.text(azamat, "отмена")
	h.exec(`UPDATE deals SET status = 'won', closed_at = now()`)
	h.exec(`UPDATE conversations SET session = NULL`)
	return h
}

func TestX05_AStrangerWithALinkOfAPersonIsAskedForThere(t *testing.T) {
	h := both(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.press(azamat, "Вернуть")
	h.press(azamat, "150")
	h.text(azamat, "+77017654321") // typed: nobody vouches for it
	h.text(azamat, h.scan("217"))
	h.text(azamat, "продолжить в whatsapp")
	code := h.code(azamat)
	h.waText(666, "GO-"+code)
	if got := h.waLast(666); !strings.Contains(got, "Подтвердите") {
		t.Fatalf("a stranger reads %q", got)
	}
	h.is("dialogs of the stranger", h.count(open, "whatsapp"), 0)
	h.waText(667, "GO-"+code)
	if got := h.waLast(667); !strings.Contains(got, "не работает") {
		t.Fatalf("a second stranger reads %q", got)
	}
	h.says(azamat, "Это вы?")
	ask := h.last(azamat)
	if !ask.Answer {
		t.Error("the question to who asked for the link counts as one of our own accord")
	}
	h.pressOn(azamat, ask, "Нет")
	h.pressOn(azamat, ask, "Да")
	h.is("dialogs of the stranger after a no", h.count(open, "whatsapp"), 0)
	h.is("contacts that became one", h.count(`SELECT count(*) FROM contact_merges`), 0)
	h.is("deals of the stranger", h.count(`SELECT count(*) FROM deals d JOIN conversations k ON k.id = d.conversation_id WHERE k.channel = 'whatsapp'`), 0)

	h.text(azamat, "продолжить в whatsapp")
	h.waText(666, "GO-"+h.code(azamat))
	h.press(azamat, "Да, это я")
	h.is("dialogs after a yes", h.count(open, "whatsapp"), 1)
	h.is("contacts that became one by a yes", h.count(`SELECT count(*) FROM contact_merges`), 0)
}

func TestX05_ACodeIsGoodOnceForADayAndCannotBeGuessed(t *testing.T) {
	h := both(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "продолжить в whatsapp")
	old := h.code(azamat)
	h.text(azamat, "продолжить в whatsapp")
	code := h.code(azamat)
	h.waText(700, "GO-"+old)
	dead := h.waLast(700)
	h.exec(`UPDATE handoffs SET expires_at = now() - interval '1 second' WHERE status = 'open'`)
	h.waText(701, "GO-"+code)
	h.waText(702, "GO-nobody")
	h.text(703, "/start go_"+code) // meant for another provider
	h.exec(`UPDATE handoffs SET expires_at = now() + interval '1 hour' WHERE status = 'open'`)
	for range 11 {
		h.waText(704, "GO-guess")
	}
	h.waText(704, "GO-"+code)
	for _, person := range []int64{701, 702, 704} {
		if got := h.waLast(person); got != dead || !strings.Contains(got, "не работает") {
			t.Errorf("%d reads %q, want %q", person, got, dead)
		}
	}
	h.waText(705, "GO-"+code)
	h.waText(706, "GO-"+code)
	h.is("talks that moved", h.count(open, "whatsapp"), 1)
	if got := h.waLast(706); got != dead {
		t.Errorf("a used code is answered %q", got)
	}
	h.is("codes in plain words", h.count(`SELECT count(*) FROM handoffs WHERE encode(code, 'escape') LIKE '%N0%'`), 0)
}

func TestAfterAReportACustomerGoesOnInWhatsApp(t *testing.T) {
	h := both(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.press(azamat, "Всё, спасибо")
	h.waText(azamat, "GO-"+h.linked(azamat, "Дальше можем писать вам в WhatsApp"))
	if got := h.waLast(azamat); !strings.Contains(got, "напишем сюда") {
		t.Errorf("there one reads %q", got)
	}
	h.is("deals there", h.count(`SELECT count(*) FROM deals d JOIN conversations k ON k.id = d.conversation_id WHERE k.channel = 'whatsapp'`), 1)
}

func TestAfterAReportWhoIsKnownInWhatsAppHearsTheRestThere(t *testing.T) {
	h := acquaintedInBoth(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.press(azamat, "Всё, спасибо")
	h.says(azamat, "Дальше напишем вам в WhatsApp")
	h.is("deals there", h.count(`SELECT count(*) FROM deals d JOIN conversations k ON k.id = d.conversation_id WHERE k.channel = 'whatsapp' AND d.status = 'open'`), 1)
}

func TestW11_WhatSomebodyWaitsForWhereTheyWentIsNoNagging(t *testing.T) {
	h := acquaintedInBoth(t)
	unasked := func() int {
		return h.count(`SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE k.channel = 'whatsapp' AND m.direction = 'out' AND m.content->>'answer' IS NULL`)
	}
	before := unasked()
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "продолжить в ватсап")
	h.is("dialogs there", h.count(open, "whatsapp"), 1)
	h.is("messages of our own accord", unasked(), before)

	h.waText(azamat, "хочу в telegram")
	h.press(azamat, "Взял деньги")
	h.is("messages of our own accord after the way back", unasked(), before)
}

func TestAQuestionOfADialogThatStaysIsNotAskedInAnotherChat(t *testing.T) {
	h := acquaintedInBoth(t)
	h.waText(azamat, "M-"+strings.TrimPrefix(h.scan(demo.MachineCode), "/start m_"))
	h.is("dialogs there", h.count(open, "whatsapp"), 1)
	h.delivered()
	h.exec(`WITH k AS (UPDATE conversations SET blocked = true WHERE channel = 'telegram' AND chat = $1 RETURNING id, contact_id), m AS (
			INSERT INTO messages (conversation_id, direction, author, kind, status, reason, content) SELECT id, 'out', 'bot', 'message', 'failed', 'blocked', c::jsonb
			FROM k, unnest(ARRAY['{"text": "Мастер едет к вам"}', '{"text": "Шаг 2. Номер?", "prompt": true}']) AS c RETURNING id, conversation_id)
		INSERT INTO events (at, kind, author, conversation_id, data) SELECT now(), 'send_failed', 'system', conversation_id, jsonb_build_object('message', id) FROM m`, fmt.Sprint(azamat))
	if err := h.runner.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.runner.Wait()
	const there = `SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE k.channel = 'whatsapp' AND m.content->>'text' LIKE $1`
	h.is("news", h.count(there, "Мастер едет%"), 1)
	h.is("questions of the other dialog", h.count(there, "Шаг 2%"), 0)
}

func TestWhatABlockedPersonMissesGoesOnceToTheirOtherChat(t *testing.T) {
	h := acquaintedInBoth(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.delivered()
	h.exec(`WITH k AS (UPDATE conversations SET blocked = true WHERE channel = 'telegram' AND chat = $1 RETURNING id, contact_id), m AS (
			INSERT INTO messages (conversation_id, direction, author, kind, status, reason, content) SELECT id, 'out', 'bot', 'message', 'failed', 'blocked', '{"text": "Мастер едет к вам"}' FROM k RETURNING id, conversation_id)
		INSERT INTO events (at, kind, author, conversation_id, data) SELECT now(), 'send_failed', 'system', conversation_id, jsonb_build_object('message', id) FROM m`, fmt.Sprint(azamat))
	for range 3 {
		if err := h.runner.SweepOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.runner.Wait()
		h.shift += time.Minute
	}
	h.is("copies", h.count(`SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE k.channel = 'whatsapp' AND m.content->>'text' LIKE 'Мастер едет%'`), 1)
	h.is("dialogs there", h.count(open, "whatsapp"), 1)
	h.is("lines in the journal", h.count(`SELECT count(*) FROM events WHERE kind = 'failed_over'`), 1)
	if got := h.waLast(azamat); !strings.Contains(got, "<b>1</b>") {
		t.Errorf("the question that is open reads %q", got)
	}
}

func TestWhatWaitsForAnAccountThatIsAwayGoesElsewhereOnlyToWhoWroteThere(t *testing.T) {
	h := acquaintedInBoth(t)
	h.delivered()
	h.exec(`INSERT INTO channels (channel, state, since, heard_at) VALUES ('telegram', 'bad_credentials', now() - interval '1 hour', now())`)
	h.exec(`INSERT INTO messages (conversation_id, direction, author, kind, status, content) SELECT id, 'out', 'employee', 'message', 'queued', '{"text": "Иду к вам"}'
		FROM conversations WHERE channel = 'telegram' AND chat = $1`, fmt.Sprint(azamat))
	h.exec(`DELETE FROM messages WHERE direction = 'in' AND conversation_id IN (SELECT id FROM conversations WHERE channel = 'whatsapp')`)
	sweep := func() {
		if err := h.runner.SweepOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.runner.Wait()
		h.shift += time.Minute
	}
	sweep()
	const copies = `SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE k.channel = 'whatsapp' AND m.author = 'employee' AND m.content->>'text' = 'Иду к вам'`
	h.is("copies to who never wrote there", h.count(copies), 0)
	h.waText(azamat, "я тут")
	sweep()
	h.is("copies", h.count(copies), 1)
	h.is("left behind", h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND content->>'text' = 'Иду к вам' AND conversation_id IN (SELECT id FROM conversations WHERE channel = 'telegram')`), 0)
}

func TestO11_TheSamePersonInTelegramAndWhatsAppAtOnceIsOneContactWithoutADeadlock(t *testing.T) {
	h := both(t)
	const people = 8
	scan := h.scan(demo.MachineCode)
	var talks sync.WaitGroup
	for n := range int64(people) {
		person := 7000 + n
		talks.Go(func() {
			for _, in := range []crm.Inbound{{Kind: crm.InText, Text: scan, Command: "start", Start: scan[len("/start "):]}, {Kind: crm.InText, Text: "взял деньги, не выдал"},
				{Kind: crm.InText, Text: "вернуть деньги"}, {Kind: crm.InText, Text: "150"}, {Kind: crm.InContact, Card: &crm.Card{Phone: fmt.Sprintf("7707%07d", person), Own: true}}} {
				if _, err := h.runner.Accept(t.Context(), h.from(person, in)); err != nil {
					t.Error(err)
				}
			}
		})
		talks.Go(func() {
			for _, text := range []string{"привет", "есть вопрос", "спасибо"} {
				if _, err := h.runner.Accept(t.Context(), h.wa(person, crm.Inbound{Kind: crm.InText, Text: text})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	talks.Wait()
	h.runner.Wait()
	if err := h.runner.SweepOnce(t.Context()); err != nil { // what gave way to other turns
		t.Fatal(err)
	}
	h.runner.Wait()
	h.is("people", h.count(`SELECT count(*) FROM contacts WHERE merged_into IS NULL AND phone LIKE '+77070007%'`), people)
	h.is("talks", h.count(`SELECT count(*) FROM conversations k JOIN contacts c ON c.id = k.contact_id AND c.merged_into IS NULL AND c.phone LIKE '+77070007%'`), 2*people)
	h.is("deadlocks", h.count(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`), 0)
	h.is("put aside", h.count(`SELECT count(*) FROM dead_letters`), 0)
}

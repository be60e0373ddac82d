package turn_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// newNumbered is a house on a channel without buttons.
func newNumbered(t *testing.T, can dialogs.Capabilities) *house {
	t.Helper()
	h := newHouse(t)
	h.tune = func(c *turn.Config) { c.Capabilities = func(string) dialogs.Capabilities { return can } }
	h.start()
	return h
}

// referred gives messages whose ids a test has written by itself the references that a sender writes with them.
const referred = `INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM messages
	WHERE ref IS NOT NULL ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING`

// ripen makes everything that was sent old enough to have been read, and gives it the provider's ids.
func (h *house) ripen() {
	h.t.Helper()
	h.exec(`UPDATE messages SET status = 'sent', sent_at = now() - interval '1 minute', ref = 'b' || id WHERE direction = 'out' AND status = 'queued'`)
	h.exec(referred)
	h.exec(`UPDATE messages SET content = jsonb_set(content, '{changed}', to_jsonb(now() - interval '1 minute')) WHERE content ? 'changed'`)
}

// reply answers a certain message of ours.
func (h *house) reply(person int64, to crm.Outbound, text string) {
	h.t.Helper()
	h.accept(h.from(person, crm.Inbound{Kind: crm.InText, Text: text, ReplyTo: fmt.Sprintf("b%d", to.ID)}))
}

// said is how many messages a person has got.
func (h *house) said(person int64) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.out {
		if o.Address.Chat == fmt.Sprint(person) {
			n++
		}
	}
	return n
}

func TestACardIsWorkedOnByNumbers(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "1")
	h.says(azamat, "Принято")
	card := h.last(ivan)
	if !strings.Contains(card.Text, "<b>1</b> ✅ Беру") || !card.Numbered || card.Answer || len(card.Buttons) == 0 {
		t.Fatalf("the card is %+v", card)
	}
	h.ripen()
	if r := h.text(ivan, "1️⃣"); r.Toast != "" {
		t.Errorf("a toast %q where there are none", r.Toast)
	}
	if n := h.count("SELECT count(*) FROM deals WHERE stage = 'in_work' AND owner_id IS NOT NULL"); n != 1 {
		t.Fatal("the technician took the job, but the deal has no owner")
	}
	taken := h.last(ivan)
	if taken.ID == card.ID || !taken.Answer || taken.Card != card.Card || !strings.HasPrefix(taken.Text, "Заявка ваша") || !strings.Contains(taken.Text, "Готово") {
		t.Fatalf("after taking it: %+v", taken)
	}
	h.ripen()
	h.reply(ivan, card, "1") // the old card
	h.says(ivan, "Уже принято")
	h.ripen()
	h.text(ivan, "готово")
	if n := h.count("SELECT count(*) FROM deals WHERE status = 'won'"); n != 1 {
		t.Fatal("the job is done, but the deal is not won")
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE kind = 'edit' AND conversation_id = (SELECT id FROM conversations WHERE chat = $1)`, fmt.Sprint(ivan)); n != 0 {
		t.Errorf("%d edits of what nobody scrolls back to", n)
	}
}

func TestOfTwoCardsTheNewestIsMeantUnlessAnotherIsRepliedToOrItHasJustCome(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "1")
	first := h.last(ivan)
	h.ripen()
	h.text(1002, h.scan("215"))
	h.text(1002, "3")
	second := h.last(ivan)
	if first.Card == second.Card {
		t.Fatalf("one card only: %+v", second)
	}
	h.text(ivan, "1") // meant for the first, while the second was on its way
	h.says(ivan, "Только что пришло")
	h.ripen()
	h.reply(ivan, first, "1")
	if n := h.count("SELECT count(*) FROM deals WHERE owner_id IS NOT NULL AND stage = 'in_work' AND 'deal:' || id || ':job' = $1", first.Card); n != 1 {
		t.Error("the card that was replied to is not the one that is taken")
	}
	h.ripen()
	h.text(ivan, "1 и 2")
	h.says(ivan, "Подходит несколько")
}

func TestALabelThatOnlyAnOlderCardHasMeansThatCard(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "1")
	h.ripen()
	h.text(ivan, "1")
	mine := h.last(ivan)
	h.ripen()
	h.text(1002, h.scan("215"))
	h.text(1002, "3")
	if h.last(ivan).Card == mine.Card {
		t.Fatal("no second card has come")
	}
	h.ripen()
	h.text(ivan, "готово") // the newer card offers to be taken only
	if n := h.count("SELECT count(*) FROM deals WHERE status = 'won' AND 'deal:' || id || ':job' = $1", mine.Card); n != 1 {
		t.Errorf("the job of the older card is not done: %q", h.last(ivan).Text)
	}
}

func TestNumbersOfATourThatWasLeftAreNoRivalOfTheCardThatHasJustCome(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(ivan, "/start")
	h.ripen()
	h.text(ivan, "2") // leaves the tour
	h.says(ivan, "дальше всё настоящее")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "1")
	h.text(ivan, "1") // the card, which is the only message with numbers that still mean something
	if n := h.count("SELECT count(*) FROM deals WHERE stage = 'in_work' AND owner_id IS NOT NULL"); n != 1 {
		t.Fatalf("the card is not taken: %q", h.last(ivan).Text)
	}
}

func TestACardThatAPhotoHasJustChangedKeepsItsNumbers(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "1")
	h.ripen()
	h.photo(azamat, "", "")
	h.photo(azamat, "", "")
	if n := h.count("SELECT count(*) FROM messages WHERE card IS NOT NULL AND content->>'text' LIKE '%📷%'"); n == 0 {
		t.Fatal("no card shows the photos")
	}
	h.text(ivan, "1")
	if n := h.count("SELECT count(*) FROM deals WHERE stage = 'in_work' AND owner_id IS NOT NULL"); n != 1 {
		t.Fatalf("the card is not taken: %q", h.last(ivan).Text)
	}
}

func TestAListIsPagedAndOpenedByNumbers(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(ivan, "/start")
	h.deals(0, 7, "Job ")
	h.exec("UPDATE deals SET pipeline = 'call_centre', stage = 'unsorted', city = (SELECT city FROM employees WHERE name LIKE 'Иван%' LIMIT 1)")
	h.text(ivan, "/my")
	list := h.last(ivan)
	if !strings.Contains(list.Text, "📄 1/2") || !strings.Contains(list.Text, "<b>6</b> ➡️") || strings.Contains(list.Text, "<b>1</b> 1") {
		t.Fatalf("the list is %q", list.Text)
	}
	h.ripen()
	h.text(ivan, "6")
	if page := h.last(ivan); !strings.Contains(page.Text, "2/2") || page.ID == list.ID {
		t.Fatalf("the next page is %q", page.Text)
	}
	h.ripen()
	h.text(ivan, "второй")
	if card := h.last(ivan); !strings.HasPrefix(card.Card, "deal:") {
		t.Fatalf("the second line shows %q", card.Text)
	}
	h.ripen()
	h.text(ivan, "№ 1") // a deal's number, not a button's
	if card := h.last(ivan); !strings.Contains(card.Text, "№ 1") {
		t.Fatalf("deal 1 is %q", card.Text)
	}
}

func TestW21_AnsweredTwiceOrTooLateANumberChangesNothing(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(azamat, h.scan(demo.MachineCode))
	question := h.last(azamat)
	if !question.Answer || !question.Numbered {
		t.Errorf("the question is %+v", question)
	}
	h.ripen()
	h.text(azamat, "1")
	h.ripen()
	before := h.count("SELECT count(*) FROM deals")
	h.reply(azamat, question, "2")
	h.says(azamat, "Уже принято")
	if n := h.count("SELECT count(*) FROM deals"); n != before {
		t.Errorf("%d deals, there were %d", n, before)
	}
	h.text(azamat, "11")
	if n := h.count("SELECT count(*) FROM deals"); n != before {
		t.Error("11 is taken for 1")
	}
}

func TestO09_ANumberSaidToAnOperatorIsForThemAndPressesNothing(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "оператор")
	h.ripen()
	h.text(aigul, "взять диалог")
	h.exec(`INSERT INTO messages (conversation_id, direction, author, kind, status, sent_at, ref, content) SELECT id, 'out', 'bot', 'message', 'sent', now() - interval '1 minute', 'card', $2::jsonb
		FROM conversations WHERE chat = $1`, fmt.Sprint(azamat), `{"text": "Подходит?", "numbered": true, "buttons": [[{"text": "Да", "data": "h:back:1"}], [{"text": "Нет", "data": "h:no:1"}]]}`)
	h.text(azamat, "2")
	if got := h.last(aigul).Text; !strings.HasSuffix(got, "2") {
		t.Errorf("the operator reads %q", got)
	}
	h.is("presses", h.count("SELECT count(*) FROM messages WHERE content->>'text' LIKE 'Вам отвечает%'"), 0)
}

func vote(to crm.Outbound, labels ...string) crm.Inbound {
	press := &crm.Press{Message: fmt.Sprintf("b%d", to.ID), Poll: true}
	for _, label := range labels {
		hash := sha256.Sum256([]byte(label))
		press.Votes = append(press.Votes, hex.EncodeToString(hash[:]))
	}
	return crm.Inbound{Kind: crm.InPress, Press: press}
}

func TestW20_TheLastVoteCountsWhileThePollIsOpenAndLaterItIsTakenAlready(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{Polls: true})
	kit := *h.runner.Kit
	kit.Polls = true
	h.startWith(&kit)
	h.text(azamat, h.scan(demo.MachineCode))
	poll := h.last(azamat)
	if !poll.Poll || len(poll.Buttons) < 2 || strings.Contains(poll.Text, "<b>1</b>") {
		t.Fatalf("the question is %+v", poll)
	}
	h.ripen()
	sent := h.said(azamat)
	h.accept(h.from(azamat, vote(poll)))                   // taken back
	h.accept(h.from(azamat, vote(poll, "никто не знает"))) // of another poll
	if h.said(azamat) != sent {
		t.Error("a vote that says nothing is answered")
	}
	h.accept(h.from(azamat, vote(poll, poll.Buttons[2][0].Text)))
	if n := h.count("SELECT count(*) FROM deals WHERE status = 'open'"); n != 1 {
		t.Fatalf("%d deals after the vote", n)
	}
	h.ripen()
	h.accept(h.from(azamat, vote(poll, poll.Buttons[0][0].Text)))
	h.says(azamat, "Уже принято")
	h.text(azamat, "2") // a number for the poll that is open now
	if n := h.count("SELECT count(*) FROM deals"); n != 1 {
		t.Errorf("%d deals", n)
	}
	if answer := h.last(azamat); strings.Contains(answer.Text, "Уже принято") {
		t.Error("the number answers nothing")
	}
}

func TestACodeOfALinkOpensTheMachineOnAChannelWithoutStartCommands(t *testing.T) {
	h := newNumbered(t, dialogs.Capabilities{})
	code, _ := strings.CutPrefix(h.scan(demo.MachineCode), "/start m_")
	h.text(azamat, "M-"+code+" здравствуйте")
	h.says(azamat, "214")
	h.text(1002, "M-nonsense")
	h.says(1002, "Не узнал")
}

package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
)

const attached = `SELECT count(*) FROM attachments WHERE deal_id = $1`

// photo sends a photo, as part of an album when one is named, in reply to a message when one is.
func (h *house) photo(person int64, album, replyTo string) {
	h.t.Helper()
	in := h.from(person, crm.Inbound{Kind: crm.InMedia, Album: album, ReplyTo: replyTo})
	in.Media = []crm.Media{{Kind: crm.Photo, Ref: "f" + in.Key, Unique: "u" + in.Key, Width: 1280, Height: 960, Size: 1000}}
	h.accept(in)
}

// inHands gives Ivan deals, and gives their cards time to be read.
func (h *house) inHands(ids ...int) {
	h.t.Helper()
	h.exec(`UPDATE deals SET owner_id = $1, stage = 'in_work' WHERE id = 901`, h.employee(ivan))
	for _, id := range ids {
		h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id) VALUES ($1, 'technicians', 'in_work', 'open', '☕ Плохой напиток / товар', $2)`, id, h.employee(ivan))
	}
}

func TestAPhotoInReplyToACardIsAttachedToItsDealEvenWhenThatIsClosed(t *testing.T) {
	h := newCrew(t)
	h.inHands(902)
	card := h.cardOf(ivan, 901)
	h.photo(ivan, "", fmt.Sprint(card.ID))
	h.says(ivan, "Приложено к № 901")
	h.exec(`UPDATE deals SET status = 'won', stage = 'done', closed_at = now() WHERE id = 901`)
	h.photo(ivan, "", fmt.Sprint(card.ID))
	h.is("photos", h.count(attached, 901), 2)
}

func TestAPhotoWithoutAWordFindsTheOnlyDealInHand(t *testing.T) {
	h := newCrew(t)
	h.inHands()
	for range 3 {
		h.photo(ivan, "an album", "")
	}
	h.says(ivan, "Приложено к № 901")
	h.is("photos", h.count(attached, 901), 3)
	said := 0
	for _, o := range h.out {
		if strings.Contains(o.Text, "Приложено") {
			said++
		}
	}
	h.is("answers to one album", said, 1)
}

func TestAPhotoOfSeveralDealsIsAskedOnceAndTheAnswerMayComeAfterARestart(t *testing.T) {
	h := newCrew(t)
	h.inHands(902, 903)
	for range 3 {
		h.photo(ivan, "an album", "")
	}
	h.says(ivan, "К какой заявке")
	asked := 0
	for _, o := range h.out {
		if strings.Contains(o.Text, "К какой заявке") {
			asked++
		}
	}
	h.is("questions about one album", asked, 1)
	h.is("photos that found a deal by themselves", h.count(`SELECT count(*) FROM attachments WHERE deal_id IS NOT NULL`), 0)
	question := h.last(ivan)
	h.start()
	h.delivered()
	h.pressOn(ivan, question, "902")
	h.is("photos", h.count(attached, 902), 3)
	h.photo(ivan, "an album", "") // a part that came late follows the others
	h.is("photos with the late one", h.count(attached, 902), 4)
	if r := h.pressOn(ivan, question, "903"); !strings.Contains(r.Toast, "Уже принято") {
		t.Errorf("pressed again: %q", r.Toast)
	}
	h.is("photos at the other", h.count(attached, 903), 0)
	if toast := h.forged(fyodor, "k:901:-:files:1", "1"); !strings.Contains(toast, "Такой заявки нет") {
		t.Errorf("a stranger hears %q", toast)
	}
}

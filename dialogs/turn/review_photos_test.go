package turn_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

// People of the house of reviews.
const (
	driverA = 701
	driverB = 702
	viewer  = 801
	payer   = 802
	reviews = "play/testdata/review"
)

// newReviewing is a house in which Olga looks at what drivers send, and Zarina pays them.
func newReviewing(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	kit, err := dialogs.Load(os.DirFS(reviews))
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	if err := h.runner.Keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	for id, role := range map[int]string{viewer: "reviewer", payer: "accountant"} {
		h.exec(`INSERT INTO employees (id, name, role, lang) VALUES ($1, $2, $2, 'ru')`, id, role)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1::bigint::text, $1::bigint)`, id)
		h.text(int64(id), "/start")
	}
	return h
}

// picture sends a picture whose content has this id.
func (h *house) picture(person int64, unique string) {
	h.t.Helper()
	in := h.from(person, crm.Inbound{Kind: crm.InMedia})
	in.Media = []crm.Media{{Kind: crm.Photo, Ref: "f" + in.Key, Unique: unique, Width: 1280, Height: 960, Size: 1000}}
	h.accept(in)
	h.delivered()
}

// requests makes a whole request, and gives the number of its deal.
func (h *house) requests(person int64, photos ...string) int {
	h.t.Helper()
	h.text(person, "/register")
	h.text(person, "Анна Ким")
	for _, unique := range photos {
		h.picture(person, unique)
	}
	h.delivered()
	return h.count(`SELECT max(id) FROM deals`)
}

func TestD24_APictureThatSomebodyElseSentIsFlaggedOnTheCard(t *testing.T) {
	h := newReviewing(t)
	h.requests(driverA, "front", "back", "face")
	h.requests(driverB, "front", "other", "smile")
	card := h.last(viewer).Text
	if !strings.Contains(card, "права: такой же снимок прислал другой человек") || strings.Contains(card, "селфи:") {
		t.Errorf("the card says %q", card)
	}
	h.is("flags of the first request", h.count(`SELECT count(*) FROM deals WHERE id = 1 AND fields ? 'flags.licence'`), 0)
}

func TestD24_TheSameBytesUnderAnotherIdAreFlaggedWhenTheyAreFetched(t *testing.T) {
	h := newReviewing(t)
	first, second := h.requests(driverA, "a1", "a2", "a3"), h.requests(driverB, "b1", "b2", "b3")
	h.exec(`UPDATE attachments SET status = 'stored', hash = CASE unique_ref WHEN 'b3' THEN 'h-a3' ELSE 'h-' || unique_ref END`)
	if err := h.runner.FlagReused(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.delivered()
	for _, id := range []int{first, second} { // nobody knows who had it first
		h.is(fmt.Sprint("flags of deal ", id), h.count(`SELECT count(*) FROM deals WHERE id = $1 AND fields->'flags.selfie' = '["reused"]' AND NOT fields ? 'flags.licence'`, id), 1)
	}
	h.edited(viewer, "селфи: такой же снимок прислал другой человек")
	h.is("files to compare", h.count(`SELECT count(*) FROM attachments WHERE deal_id IS NOT NULL AND NOT compared`), 0)
	before := h.count(`SELECT count(*) FROM events`)
	if err := h.runner.FlagReused(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.is("events of a second look", h.count(`SELECT count(*) FROM events`), before)
}

// photos lists the albums that a person was sent: what each holds.
func (h *house) photos(person int64) (all [][]string) {
	for _, o := range h.outs(person) {
		if o.Kind == crm.OutAlbum || o.Kind == crm.OutMedia {
			var refs []string
			for _, m := range o.Media {
				refs = append(refs, m.Ref)
			}
			all = append(all, refs)
		}
	}
	return all
}

func TestTheAlbumOfADealIsShownOnceToAChatAndWhoSawItIsKept(t *testing.T) {
	h := newReviewing(t)
	id := h.requests(driverA, "front", "back", "face")
	if got := h.photos(viewer); len(got) != 1 || len(got[0]) != 3 {
		t.Fatalf("Olga was sent %v", got)
	}
	h.text(viewer, fmt.Sprint("/deal ", id))
	h.delivered()
	if got := h.photos(viewer); len(got) != 1 {
		t.Errorf("Olga is sent the photos again: %v", got)
	}
	if got := h.photos(payer); len(got) != 0 {
		t.Errorf("Zarina, whose card has no album, was sent %v", got)
	}
	h.is("views kept", h.count(`SELECT count(*) FROM events WHERE kind = 'files_viewed' AND deal_id = $1 AND employee_id = $2`, id, viewer), 1)
}

func TestX12_WhatWasRefusedForItsContentIsPassedOnToNobody(t *testing.T) {
	h := newReviewing(t)
	id := h.requests(driverA, "front", "back", "face")
	h.exec(`UPDATE attachments SET status = 'refused', reason = 'kind' WHERE deal_id = $1 AND unique_ref = 'back'`, id)
	h.exec(`DELETE FROM photo_views`)
	before := len(h.photos(viewer))
	h.text(viewer, fmt.Sprint("/deal ", id))
	h.delivered()
	if got := h.photos(viewer)[before:]; len(got) != 1 || len(got[0]) != 2 {
		t.Errorf("Olga was sent %v", got)
	}
	h.is("files that can be found again", h.count(`SELECT count(*) FROM messages WHERE card = $1 AND kind IN ('media', 'album')`, fmt.Sprintf("shown:%d:files", id)), 2)
}

func TestARetakenPhotoTakesThePlaceOfTheOldOne(t *testing.T) {
	h := newReviewing(t)
	id := h.requests(driverA, "front", "back", "face")
	h.press(viewer, "Переснять")
	h.pressEdited(viewer, "Права: оборот")
	h.pressEdited(viewer, "Блик")
	h.delivered()
	h.says(driverA, "блик, дату не прочитать")
	h.picture(driverA, "back")
	h.says(driverA, "тот же снимок")
	h.picture(driverA, "better")
	h.says(driverA, "фото на проверке")
	now := `SELECT count(*) FROM attachments WHERE deal_id = $1 AND name = 'licence' AND NOT replaced AND unique_ref = ANY($2)`
	h.is("photos of the licence", h.count(now, id, []string{"front", "better"}), 2)
	h.is("old ones among them", h.count(now, id, []string{"back"}), 0)
	if got := h.photos(viewer); len(got) != 2 || len(got[1]) != 1 {
		t.Errorf("Olga was sent %v", got)
	}
	h.says(viewer, "Новое фото: <b>Права: оборот</b>")
	h.is("in review", h.count(`SELECT count(*) FROM deals WHERE id = $1 AND stage = 'review'`, id), 1)
}

// pressEdited presses a button of the newest change of a message.
func (h *house) pressEdited(person int64, label string) {
	h.t.Helper()
	on := h.edit(person)
	on.ID = on.Target
	h.pressOn(person, on, label)
}

func TestD03_APhotoSentAsAFileIsShownAsAFile(t *testing.T) {
	h := newReviewing(t)
	h.text(driverA, "/register")
	h.text(driverA, "Анна Ким")
	for _, m := range []crm.Media{{Kind: crm.Document, MIME: "image/heic", Name: "IMG_1.HEIC"}, {Kind: crm.Document, MIME: "application/pdf", Name: "back.pdf"}, {Kind: crm.Photo, Width: 900, Height: 900}} {
		in := h.from(driverA, crm.Inbound{Kind: crm.InMedia})
		m.Ref, m.Unique = "f"+in.Key, "u"+in.Key
		in.Media = []crm.Media{m}
		h.accept(in)
	}
	h.delivered()
	if got := h.photos(viewer); len(got) != 3 {
		t.Errorf("Olga was sent %v", got)
	}
}

func TestTheAnswerForSomebodyWhoLeftGoesToWhoeverReviewsNow(t *testing.T) {
	h := newReviewing(t)
	id := h.requests(driverA, "front", "back", "face")
	h.press(viewer, "Переснять")
	h.pressEdited(viewer, "Селфи")
	h.pressEdited(viewer, "Блик")
	h.delivered()
	h.exec(`UPDATE employees SET active = false WHERE id = $1`, viewer)
	h.exec(`INSERT INTO employees (id, name, role, lang) VALUES (803, 'Нина', 'reviewer', 'ru')`)
	h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '803', 803)`)
	h.text(803, "/start")
	h.picture(driverA, "better")
	h.says(803, "Новое фото: <b>Селфи</b>")
	h.is("in review", h.count(`SELECT count(*) FROM deals WHERE id = $1 AND stage = 'review'`, id), 1)
}

func TestX19_WhoStandsInForSomebodyWhoLeftSeesNoPhotosThatAreNotForTheirRole(t *testing.T) {
	h := newReviewing(t)
	id := h.requests(driverA, "front", "back", "face")
	h.press(viewer, "Переснять")
	h.pressEdited(viewer, "Селфи")
	h.pressEdited(viewer, "Блик")
	h.delivered()
	h.exec(`UPDATE employees SET active = false WHERE id = $1`, viewer)
	h.exec(`UPDATE deals SET owner_id = $2 WHERE id = $1`, id, payer)
	h.picture(driverA, "better")
	h.says(payer, "Новое фото: <b>Селфи</b>")
	if got := h.photos(payer); len(got) != 0 {
		t.Errorf("Zarina pays, and was sent %v", got)
	}
	h.is("cards of reviewers in her chat", h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.chat = $1 AND m.card LIKE 'deal:%:driver'`, fmt.Sprint(payer)), 0)
}

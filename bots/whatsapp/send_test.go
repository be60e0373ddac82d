package whatsapp

import (
	"context"
	"database/sql"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func TestEveryKindStandsOnThePhoneAsItWasMeant(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	question, err := r.ann.SendText(t.Context(), shop, "*hello*")
	must(t, err)
	_, ref := r.send(crm.Outbound{Text: "<b>Принято</b>: *всё*", ReplyTo: question, Keyboard: [][]crm.Key{{{Text: "Phone", Contact: true}}}, Buttons: [][]crm.Button{{{Text: "Да", Data: "x"}}}})
	if b := r.shown(ref); b.Kind != "text" || b.Text != "*Принято*: ∗всё∗" || b.Quote != question || b.Mine {
		t.Errorf("text: %+v", b)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutContact, Contact: &crm.Card{Phone: "+7 707 000-00-09", Name: "Bob, the fitter"}})
	if b := r.shown(ref); b.Kind != "contact" || !strings.Contains(b.Card, "waid=77070000009:+77070000009") || !strings.Contains(b.Card, `FN:Bob\, the fitter`) {
		t.Errorf("contact: %+v", b)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutLocation, Location: &crm.Location{Latitude: 43.25, Longitude: 76.5, Title: "M-17"}})
	if b := r.shown(ref); b.Kind != "location" || b.Place == nil || b.Place.Latitude != 43.25 {
		t.Errorf("location: %+v", b)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutMedia, Text: "<i>Offer</i>", Media: []crm.Upload{{Kind: crm.Document, Bytes: []byte("%PDF-1.7"), Name: "offer.pdf", MIME: "application/pdf"}}})
	if b := r.shown(ref); b.Kind != "document" || b.Text != "_Offer_" || b.File.Name != "offer.pdf" {
		t.Errorf("document: %+v", b)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutMedia, Text: "plan", Media: []crm.Upload{{Kind: crm.Photo, Hash: "picture"}}})
	if b := r.shown(ref); b.Kind != "image" || b.Text != "plan" || b.File.Mime != "image/png" {
		t.Errorf("photo: %+v", b)
	} else if data, err := b.File.Data(); err != nil || len(data) != len(picture(640, 480)) {
		t.Errorf("the photo that arrived: %d bytes, %v", len(data), err)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutMedia, Text: "listen", Media: []crm.Upload{{Kind: crm.Voice, Hash: "voice"}}})
	if b := r.shown(ref); b.Kind != "text" || b.Text != "listen" {
		t.Errorf("the text behind a voice note: %+v", b)
	}
	if b := r.bubble(func(b simulator.Bubble) bool { return b.Kind == "voice" }); b.File.Seconds != 3 {
		t.Errorf("voice: %+v", b)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutMedia, Media: []crm.Upload{{Kind: crm.Photo, Bytes: claimed(50_000, 50_000)}}})
	if b := r.shown(ref); b.Kind != "document" {
		t.Errorf("a photo that is none: %+v", b)
	}
	_, ref = r.send(crm.Outbound{Kind: crm.OutMedia, Media: []crm.Upload{{Kind: crm.Video, Hash: "large", MIME: "video/mp4"}}})
	if b := r.shown(ref); b.Kind != "video" || b.File.Length < 2<<20 {
		t.Errorf("video: %+v", b)
	}
	r.send(crm.Outbound{Kind: crm.OutReaction, TargetRef: question, Text: "👍"})
	if b := r.bubble(func(b simulator.Bubble) bool { return b.ID == question && b.Them != "" }); b.Them != "👍" {
		t.Errorf("reaction: %+v", b)
	}
	if _, err := r.Send(t.Context(), r.row(crm.Outbound{Kind: crm.OutMenu, Menu: []crm.MenuItem{{Command: "my", Text: "My"}}})); err != nil {
		t.Errorf("menu: %v", err)
	}
	if left := r.server.Unhandled(); len(left) > 0 {
		t.Errorf("unhandled: %v", left)
	}
}

func TestW19_EditsAndDeletionsWithinTheirTime(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	_, text := r.send(crm.Outbound{Text: "Заявка 5"})
	_, photo := r.send(crm.Outbound{Kind: crm.OutMedia, Text: "before", Media: []crm.Upload{{Kind: crm.Photo, Hash: "picture"}}})
	if _, ref := r.send(crm.Outbound{Kind: crm.OutEdit, TargetRef: text, Text: "Заявка 5: <b>взята</b>"}); ref != text {
		t.Errorf("an edit has ref %q", ref)
	}
	r.bubble(func(b simulator.Bubble) bool {
		return b.ID == text && b.Edited && b.Text == "Заявка 5: *взята*"
	})
	r.send(crm.Outbound{Kind: crm.OutEdit, TargetRef: photo, Text: "after"})
	r.bubble(func(b simulator.Bubble) bool { return b.ID == photo && b.Edited && b.Text == "after" })
	r.send(crm.Outbound{Kind: crm.OutDelete, TargetRef: text})
	r.bubble(func(b simulator.Bubble) bool { return b.ID == text && b.Revoked })

	salt, err := r.salt(t.Context())
	must(t, err)
	unmarked := r.row(crm.Outbound{Text: "its mark is not written yet"})
	ref, err := r.Send(t.Context(), unmarked)
	must(t, err)
	r.ledger.write(unmarked, "")
	r.send(crm.Outbound{Kind: crm.OutEdit, TargetRef: ref, Text: "edited"})
	r.bubble(func(b simulator.Bubble) bool { return b.ID == ref && b.Edited })

	old := r.row(crm.Outbound{Text: "an old one", CreatedAt: time.Now().Add(-16 * time.Minute)})
	oldRef := messageID(salt, old.ID, 0)
	r.ledger.write(old, oldRef)
	place, placeRef := r.send(crm.Outbound{Kind: crm.OutLocation, Location: &crm.Location{Latitude: 1}})
	for name, c := range map[string]struct {
		out    crm.Outbound
		policy crm.Policy
		reason string
	}{
		"only the buttons":     {crm.Outbound{Kind: crm.OutEdit, TargetRef: photo}, crm.Done, "nothing_to_do"},
		"too old":              {crm.Outbound{Kind: crm.OutEdit, TargetRef: oldRef, Text: "x"}, crm.Resend, "too_old"},
		"not ours":             {crm.Outbound{Kind: crm.OutEdit, TargetRef: "3A00", Text: "x"}, crm.Resend, "gone"},
		"a place":              {crm.Outbound{Kind: crm.OutEdit, TargetRef: placeRef, Text: "x", Target: place.ID}, crm.Resend, "not_editable"},
		"delete of theirs":     {crm.Outbound{Kind: crm.OutDelete, TargetRef: "3A00"}, crm.GiveUp, "not_deletable"},
		"delete of nothing":    {crm.Outbound{Kind: crm.OutDelete}, crm.Done, "nothing_to_do"},
		"reaction to nothing":  {crm.Outbound{Kind: crm.OutReaction, Text: "👍"}, crm.Done, "nothing_to_do"},
		"empty":                {crm.Outbound{Text: " "}, crm.GiveUp, "empty"},
		"too long":             {crm.Outbound{Text: strings.Repeat("я", maxLetters+1)}, crm.GiveUp, "too_long"},
		"no file":              {crm.Outbound{Kind: crm.OutMedia}, crm.GiveUp, "empty"},
		"a file that is gone":  {crm.Outbound{Kind: crm.OutMedia, Media: []crm.Upload{{Kind: crm.Photo, Hash: "gone"}}}, crm.GiveUp, "no_file"},
		"a contact without":    {crm.Outbound{Kind: crm.OutContact}, crm.GiveUp, "empty"},
		"a place without":      {crm.Outbound{Kind: crm.OutLocation}, crm.GiveUp, "empty"},
		"a kind of the future": {crm.Outbound{Kind: "song"}, crm.GiveUp, "unknown_kind"},
	} {
		_, err := r.Send(t.Context(), r.row(c.out))
		if got := verdictOf(t, err); got.Policy != c.policy || got.Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, chat := range []string{"", "5", "120363@g.us", "77070000001:3@s.whatsapp.net", "status@broadcast"} {
		out := r.row(crm.Outbound{Text: "x"})
		out.Address.Chat = chat
		_, err := r.Send(t.Context(), out)
		if got := verdictOf(t, err); got.Reason != "bad_address" {
			t.Errorf("address %q: %v", chat, err)
		}
	}
}

func TestS12_OfAnAlbumOnlyWhatFailedIsSentAgain(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	photo := crm.Upload{Kind: crm.Photo, Hash: "picture"}
	album := r.row(crm.Outbound{Kind: crm.OutAlbum, Text: "three", Media: []crm.Upload{photo, photo, photo}})
	must(t, r.server.FaultNextSend(r.dev, simulator.SendFault{}))
	must(t, r.server.FaultNextSend(r.dev, simulator.SendFault{Code: 500}))
	_, err := r.Send(t.Context(), album)
	if got := verdictOf(t, err); got.Policy != crm.Retry {
		t.Fatal(err)
	}
	ref, err := r.Send(t.Context(), album)
	must(t, err)
	if b := r.shown(ref); b.Text != "three" || b.Copies != 1 {
		t.Errorf("the first: %+v", b)
	}
	salt, _ := r.salt(t.Context())
	for part := range 3 {
		if b := r.shown(messageID(salt, album.ID, part)); b.Kind != "image" || b.Copies != 1 {
			t.Errorf("part %d: %+v", part, b)
		}
	}
	// After a restart nothing is known of it, and still nobody sees a picture twice.
	r.restart()
	again, err := r.Send(t.Context(), album)
	must(t, err)
	r.bubble(func(b simulator.Bubble) bool { return b.ID == messageID(salt, album.ID, 2) && b.Copies == 2 })
	if pictures := len(r.ann.Screen(shop)); again != ref || pictures != 3 {
		t.Errorf("%d pictures on the phone", pictures)
	}
}

func TestW24_AMessageWhoseAnswerWasLostStandsOnThePhoneOnce(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	out := r.row(crm.Outbound{Text: "once"})
	must(t, r.server.FaultNextSend(r.dev, simulator.SendFault{Drop: true}))
	_, err := r.Send(t.Context(), out)
	if err != nil { // the library may have sent it again over its next connection by itself
		if got := verdictOf(t, err); got.Policy != crm.Wait && got.Policy != crm.Retry {
			t.Fatal(err)
		}
	}
	// killed after WhatsApp's answer and before the mark: another process sends the same row
	r.restart()
	ref, err := r.Send(t.Context(), out)
	must(t, err)
	if b := r.bubble(func(b simulator.Bubble) bool { return b.ID == ref && b.Copies >= 2 }); b.Text != "once" {
		t.Errorf("%+v", b)
	}
	if n := len(r.ann.Screen(shop)); n != 1 {
		t.Errorf("%d messages on the phone", n)
	}
}

func TestAPersonKnownByNumberOnlyIsReachedAndAStrangerIsNot(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	out := r.row(crm.Outbound{Text: "by number"})
	out.Address.Chat = annJID.String()
	ref, err := r.Send(t.Context(), out)
	must(t, err)
	r.shown(ref)
	out = r.row(crm.Outbound{Text: "nobody"})
	out.Address.Chat = types.NewJID("77079999999", types.DefaultUserServer).String()
	_, err = r.Send(t.Context(), out)
	if got := verdictOf(t, err); got.Policy != crm.Blocked || got.Reason != "not_on_whatsapp" || strings.Contains(err.Error(), "7707") {
		t.Error(err)
	}
}

// flakyIdentities can't be asked for as often as told.
type flakyIdentities struct {
	store.IdentityStore
	fails atomic.Int32
}

func (f *flakyIdentities) IsTrustedIdentity(ctx context.Context, address string, key [32]byte) (bool, error) {
	if f.fails.Add(-1) >= 0 {
		return false, sql.ErrConnDone
	}
	return f.IdentityStore.IsTrustedIdentity(ctx, address, key)
}

func TestW02_AMessageThatTheStoreDoesNotLetEncryptIsNotSentToNobodyButAgain(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	r.send(crm.Outbound{Text: "a session is there"})
	device := r.client.Load().Store
	guard := device.Identities.(guardedIdentities)
	flaky := &flakyIdentities{IdentityStore: guard.IdentityStore}
	device.Identities = guardedIdentities{flaky}
	flaky.fails.Store(1)
	out, before := r.row(crm.Outbound{Text: "there"}), messagesOf(r.server)
	_, err := r.Send(t.Context(), out)
	if got := verdictOf(t, err); got.Policy != crm.Retry {
		t.Errorf("got %+v", got)
	}
	if after := messagesOf(r.server); after != before {
		t.Errorf("%d messages left", after-before)
	}
	ref, err := r.Send(t.Context(), out)
	must(t, err)
	if b := r.shown(ref); b.Text != "there" || b.Copies != 1 {
		t.Errorf("%+v", b)
	}
}

func TestAMessageToSomebodyOfWhomWhatsAppHasNoKeysYetIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	r.server.WithholdKeys(annLID, 1)
	out := r.row(crm.Outbound{Text: "there"})
	_, err := r.Send(t.Context(), out)
	if got := verdictOf(t, err); got.Policy != crm.Retry || got.Reason != "no_keys" {
		t.Errorf("got %+v", got)
	}
	ref, err := r.Send(t.Context(), out)
	must(t, err)
	r.shown(ref)
}

// messagesOf is how many messages a server was given.
func messagesOf(s *simulator.Server) (n int) {
	for _, stanza := range s.Captured() {
		if stanza.Tag == "message" {
			n++
		}
	}
	return n
}

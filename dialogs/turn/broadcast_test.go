package turn_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

// newSpeaker is the provider with a head who sees all, in two languages, at noon in Moscow.
func newSpeaker(t *testing.T) *house {
	t.Helper()
	h := newProvider(t)
	files := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "cards.yaml", "pipelines.yaml", "rules.yaml", "dialogs/order.yaml", "locales/en.yaml"} {
		text, err := os.ReadFile("testdata/provider/" + name)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.ReplaceAll(string(text), "languages: [en]", "languages: [en, ru]")
		said = strings.ReplaceAll(said, "head: role.head}", "head: {text: role.head, sees: all}}")
		said = strings.ReplaceAll(said, "remind: {text: remind.talk,", "remind: {text: remind.talk, advert: true,")
		files[name] = &fstest.MapFile{Data: []byte(said)}
		if name == "locales/en.yaml" {
			files["locales/ru.yaml"] = files[name]
		}
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	if err := h.runner.Keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.shift = time.Until(time.Date(2030, 6, 3, 12, 0, 0, 0, kit.Zone))
	return h
}

// drivers makes people from a number on, each with a chat and a deal in a city.
func (h *house) drivers(first, n int, city, lang string) {
	h.t.Helper()
	h.exec(`INSERT INTO contacts (id, name) SELECT g, 'Ann ' || g FROM generate_series($1::integer, $1 + $2 - 1) g`, first, n)
	h.exec(`INSERT INTO conversations (id, channel, chat, contact_id, lang) SELECT g, 'telegram', g::text, g, $3 FROM generate_series($1::integer, $1 + $2 - 1) g`, first, n, lang)
	h.exec(`INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', g::text, g FROM generate_series($1::integer, $1 + $2 - 1) g`, first, n)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, city, contact_id, conversation_id) SELECT 'sales', 'talk', 'open', 'Driver', $3, g, g FROM generate_series($1::integer, $1 + $2 - 1) g`, first, n, city)
}

// ticks moves broadcasts on.
func (h *house) ticks() {
	h.t.Helper()
	if _, err := h.runner.BroadcastOnce(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// sends marks what is queued of broadcasts as sent.
func (h *house) sends() {
	h.t.Helper()
	h.exec(`UPDATE messages SET status = 'sent', sent_at = now(), ref = id::text WHERE status = 'queued' AND priority = 2`)
	h.exec(referred)
}

// announces writes a broadcast in one language and lets it go.
func (h *house) announces(filter, text string) {
	h.t.Helper()
	h.text(hana, "/broadcast "+filter)
	h.ticks()
	h.text(hana, text)
	h.press(hana, "Send to")
}

// figures is the newest message to Hana about broadcasts.
func (h *house) figures() crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if o := h.out[i]; o.Address.Chat == fmt.Sprint(hana) && strings.Contains(o.Text, "📣 No. ") {
			return o
		}
	}
	h.t.Fatal("there is no report")
	return crm.Outbound{}
}

// got counts the people who have a message of a broadcast, and who have more than one.
func (h *house) got() (people, twice int) {
	h.t.Helper()
	sql := `SELECT count(*) FROM (SELECT conversation_id FROM messages WHERE priority = 2 AND status IN ('queued', 'sent') GROUP BY 1 HAVING count(*) > $1) x`
	return h.count(sql, 0), h.count(sql, 1)
}

func (h *house) standing(status crm.ReceiverStatus) int {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM broadcast_people WHERE status = $1`, status)
}

func TestABroadcastIsAskedForInTheLanguagesOfItsPeopleShownCountedAndSent(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 5, "Moscow", "en")
	h.drivers(1011, 3, "Moscow", "ru")
	h.drivers(1021, 4, "Tver", "en")
	h.exec(`UPDATE contacts SET fields = '{"no_adverts": true}' WHERE id = 1001`)
	h.exec(`UPDATE contacts SET fields = '{"opted_out": true}' WHERE id = 1002`)
	h.exec(`UPDATE conversations SET blocked = true WHERE id = 1003`)
	h.exec(`UPDATE conversations SET contact_id = NULL WHERE id = 1011`)
	h.exec(`UPDATE identities SET employee_id = 2 WHERE address = '1012'`)

	h.text(mia, "/broadcast all")
	h.says(mia, "no right")
	h.text(hana, "/broadcast")
	h.says(hana, "To whom?")
	h.text(hana, "/broadcast statge:talk")
	if said := h.last(hana); strings.Contains(said.Text, "Broadcast No.") || len(said.Buttons) == 0 {
		t.Errorf("a wrong filter hears %q", said.Text)
	}
	h.text(hana, "/broadcast city:Moscow")
	h.ticks()
	h.says(hana, "They get it: 3")
	for _, part := range []string{"opted out 2", "blocked the bot 1", "no chat with the bot 1", "English", "oscow"} {
		h.says(hana, part)
	}
	h.accept(h.from(hana, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Voice, Ref: "v1"}}}))
	h.says(hana, "Send a text, or one photo")
	h.text(hana, strings.Repeat("long ", 800))
	h.says(hana, "3500 are possible")
	h.accept(h.from(hana, crm.Inbound{Kind: crm.InMedia, Text: "Bonus <b>today</b> & tomorrow", Album: "a1", Media: []crm.Media{{Kind: crm.Photo, Ref: "p1"}}}))
	h.says(hana, "another language: Русский")
	h.accept(h.from(hana, crm.Inbound{Kind: crm.InMedia, Album: "a1", Media: []crm.Media{{Kind: crm.Photo, Ref: "p2"}}}))
	h.text(hana, "Бонус сегодня")
	h.says(hana, "They get it: 3")
	if n := h.count(`SELECT count(*) FROM messages WHERE priority = 2`); n != 0 {
		t.Fatalf("%d messages went before anybody let them", n)
	}
	ready := h.last(hana)
	h.press(hana, "Send to 3")
	if toast := h.pressOn(hana, ready, "Send to 3").Toast; !strings.Contains(toast, "lready") {
		t.Errorf("a second press hears %q", toast)
	}
	h.ticks()
	if people, twice := h.got(); people != 3 || twice != 0 {
		t.Fatalf("%d people got it, %d twice", people, twice)
	}
	said := h.last(1004)
	if said.Kind != crm.OutMedia || said.Media[0].Ref != "p1" || said.Text != "Bonus &lt;b&gt;today&lt;/b&gt; &amp; tomorrow" || said.Priority != crm.Broadcast || said.Buttons[0][0].Text != "🔕 Unsubscribe" {
		t.Errorf("they see %+v", said)
	}
	h.says(1013, "Бонус сегодня")
	h.exec(`UPDATE messages SET status = 'failed', reason = 'blocked' WHERE priority = 2 AND conversation_id = 1005`)
	h.exec(`UPDATE conversations SET blocked = true WHERE id = 1005`)
	h.sends()
	h.ticks()
	h.says(hana, "delivered 2 of 2")
	h.says(hana, "blocked the bot 2")
	h.shift = 0 // what is answered counts by the database's clock
	h.text(1004, "Where do I get it?")
	h.text(hana, "/broadcasts")
	h.ticks()
	h.press(hana, "🔄")
	if shown := h.figures().Text; !strings.Contains(shown, "answered 1") {
		t.Errorf("the report says %q", shown)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind IN ('broadcast_drafted', 'broadcast_started', 'broadcast_done')`); n != 3 {
		t.Errorf("%d lines of the journal", n)
	}
}

func TestS16_ABroadcastWaitsOutsideTheOutboxAndGoesInSmallPieces(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 400, "Moscow", "en")
	h.announces("all", "News")
	for pieces := 0; ; pieces++ {
		h.ticks()
		queued := h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND priority = 2`)
		if queued > 75 {
			t.Fatalf("%d messages stand in the outbox", queued)
		}
		if queued == 0 {
			break
		}
		h.ticks() // nothing was sent meanwhile: nothing comes
		if n := h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND priority = 2`); n != queued {
			t.Fatalf("%d messages stand in the outbox, %d a moment before", n, queued)
		}
		if pieces == 1 { // an answer to a person is no broadcast
			h.text(1001, "/order")
			if said := h.last(1001); said.Priority != crm.Reply {
				t.Errorf("an answer has the priority %d", said.Priority)
			}
		}
		if h.sends(); pieces > 10 {
			t.Fatal("it does not end")
		}
	}
	if people, twice := h.got(); people != 400 || twice != 0 {
		t.Errorf("%d people got it, %d twice", people, twice)
	}
	h.says(hana, "delivered 400 of 400")
}

func TestTwoProcessesFeedABroadcastOnce(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 300, "Moscow", "en")
	h.announces("all", "News")
	for range 6 {
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if _, err := h.runner.BroadcastOnce(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND priority = 2`); n > 75 {
			t.Fatalf("%d messages stand in the outbox", n)
		}
		h.sends()
	}
	h.ticks()
	if people, twice := h.got(); people != 300 || twice != 0 {
		t.Errorf("%d people got it, %d twice", people, twice)
	}
}

func TestABroadcastIsShownByItsNumber(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 3, "Moscow", "en")
	h.announces("all", "News")
	h.text(hana, "/broadcasts 1")
	if out := h.last(hana); !strings.Contains(out.Text, "No. 1") {
		t.Errorf("the first is shown as %q", out.Text)
	}
	for _, typed := range []string{"/broadcasts 99", "/broadcasts tomorrow", "/broadcasts -1"} {
		h.text(hana, typed)
		if out := h.last(hana); !strings.Contains(out.Text, "no such broadcast") {
			t.Errorf("%s: %q", typed, out.Text)
		}
	}
}

func TestABroadcastIsStoppedResumedAndNobodyGetsItTwice(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 200, "Moscow", "en")
	h.announces("all", "News")
	h.ticks()
	h.exec(`UPDATE messages SET status = 'sent', sent_at = now() WHERE status = 'queued' AND priority = 2 AND conversation_id <= 1020`)
	h.text(hana, "/broadcasts")
	h.press(hana, "Stop No. 1")
	if n := h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND priority = 2`); n != 0 {
		t.Fatalf("%d messages go out after the stop", n)
	}
	h.mu.Lock()
	taken := len(h.superseded)
	h.mu.Unlock()
	if taken != 55 {
		t.Errorf("the sender was told to drop %d messages, want 55", taken)
	}
	// One of them was on its way at that moment, and is marked as sent although it was taken back.
	h.exec(`UPDATE messages SET status = 'sent', sent_at = now() WHERE priority = 2 AND conversation_id = 1030`)
	h.ticks()
	if h.standing(crm.ReceiverSent) != 21 || h.standing(crm.ReceiverQueued) != 0 {
		t.Errorf("%d sent, %d queued while it is stopped", h.standing(crm.ReceiverSent), h.standing(crm.ReceiverQueued))
	}
	h.pressOn(hana, h.figures(), "Resume No. 1")
	for range 5 {
		h.ticks()
		h.sends()
	}
	if n := h.standing(crm.ReceiverPulled); n != 54 {
		t.Errorf("%d wait until it is certain that they were not sent, want 54", n)
	}
	h.exec(`UPDATE broadcast_people SET pulled_at = pulled_at - interval '4 minutes' WHERE pulled_at IS NOT NULL`)
	for range 3 {
		h.ticks()
		h.sends()
	}
	h.ticks()
	if people, twice := h.got(); people != 200 || twice != 0 || h.standing(crm.ReceiverSent) != 200 {
		t.Errorf("%d people got it, %d twice", people, twice)
	}
	h.says(hana, "delivered 200 of 200")
}

func TestWhoIsBlockedOptedOutMergedOrHiredMeanwhileGetsNothing(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 8, "Moscow", "en")
	h.announces("all", "News")
	h.exec(`UPDATE conversations SET blocked = true WHERE id = 1001`)
	h.exec(`UPDATE contacts SET fields = '{"no_adverts": true}' WHERE id = 1002`)
	h.exec(`UPDATE identities SET employee_id = 2 WHERE address = '1003'`)
	h.exec(`DELETE FROM identities WHERE address = '1004'`)
	h.exec(`UPDATE deals SET conversation_id = NULL WHERE conversation_id = 1004`)
	h.exec(`DELETE FROM conversations WHERE id = 1004`)
	if _, err := h.db.Merge(context.Background(), 1005, 1006); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.ticks()
		h.sends()
	}
	for status, want := range map[crm.ReceiverStatus]int{crm.ReceiverBlocked: 1, crm.ReceiverOptedOut: 1, crm.ReceiverStaff: 1, crm.ReceiverNoChat: 1, crm.ReceiverDuplicate: 1, crm.ReceiverSent: 3} {
		if n := h.standing(status); n != want {
			t.Errorf("%s: %d, want %d", status, n, want)
		}
	}
	if n := h.count(`SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d calls are asked for", n)
	}
}

func TestR04_ABroadcastKeepsTheQuietHoursOfEachZone(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 3, "Moscow", "en")
	h.drivers(1011, 2, "Almaty", "en")
	h.shift += 8*time.Hour + 30*time.Minute // 20:30 in Moscow, 22:30 in Almaty
	h.announces("all", "News")
	h.ticks()
	if people, _ := h.got(); people != 3 {
		t.Errorf("%d people got it, want those of Moscow", people)
	}
	h.shift += 90 * time.Minute // the outbox was held up: it is 22:00 in Moscow
	h.ticks()
	if n := h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND priority = 2`); n != 0 {
		t.Errorf("%d messages wait in the outbox at night", n)
	}
	h.exec(`UPDATE broadcast_people SET pulled_at = pulled_at - interval '4 minutes' WHERE pulled_at IS NOT NULL`)
	h.shift += 9*time.Hour + 30*time.Minute // 07:30 in Moscow, 09:30 in Almaty
	h.ticks()
	if n := h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND priority = 2 AND conversation_id > 1010`); n != 2 {
		t.Errorf("%d of 2 people in Almaty get it in their morning", n)
	}
	h.sends()
	h.shift += 2 * time.Hour
	h.ticks()
	h.sends()
	h.ticks()
	if people, twice := h.got(); people != 5 || twice != 0 {
		t.Errorf("%d people got it, %d twice", people, twice)
	}
}

func TestWhoSeesSomeDealsWritesToTheirPeopleOnly(t *testing.T) {
	h := newSpeaker(t)
	h.drivers(1001, 3, "Moscow", "en")
	h.drivers(1011, 4, "Tver", "en")
	h.runner.Kit.Duties["manager"].May = []crm.Right{crm.MayBroadcast}
	h.text(max, "/start")
	for _, filter := range []string{"all", "city:Moscow,Tver", "stage:talk"} {
		h.text(max, "/broadcast "+filter)
		h.ticks()
		h.says(max, "They get it: 4")
	}
	h.text(max, "/broadcast city:Moscow")
	h.ticks()
	h.says(max, "nobody to send it to")
	h.text(max, "/broadcast all")
	h.ticks()
	h.text(max, "cancel")
	h.says(max, "is dropped")
	h.text(max, "/broadcast all")
	h.ticks()
	h.text(max, "News")
	ready := h.last(max)
	if toast := h.pressOn(hana, ready, "Send to 4").Toast; !strings.Contains(toast, "no such") {
		t.Errorf("another's draft says %q", toast)
	}
	h.exec(`UPDATE broadcasts SET created_at = created_at - interval '2 days'`)
	if toast := h.pressOn(max, ready, "Send to 4").Toast; !strings.Contains(toast, "a day old") {
		t.Errorf("an old draft says %q", toast)
	}
	for _, forged := range []string{"b:", "b:1", "b::go", "b:99:go", "b:1:nothing", "b:off:1", "b:-1:stop", "b:1:stop"} {
		in := h.from(max, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: forged, Message: fmt.Sprint(ready.ID)}})
		in.Key = "p:" + in.Key
		if r := h.accept(in); r.Toast == "" {
			t.Errorf("%q is not answered", forged)
		}
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE priority = 2`); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

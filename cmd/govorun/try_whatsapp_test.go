package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator/browsertest"
	walled "govorun/bots/whatsapp/simulator"
	"govorun/crm/demo"
)

// linkNumber links the number of a try and waits until the program is connected with it.
func (y *tried) linkNumber() string {
	y.t.Helper()
	stop := y.linkFirst(context.Background())
	y.t.Cleanup(stop)
	y.waitWhatsApp("linked", func(s walled.WorldState) bool { return s.Linked && s.Online })
	return y.world().People[0].ID
}

func (y *tried) world() (s walled.WorldState) {
	y.t.Helper()
	y.call("GET", "/wa/state", "", &s)
	return s
}

func (y *tried) waitWhatsApp(what string, match func(walled.WorldState) bool) {
	y.t.Helper()
	for began := time.Now(); !match(y.world()); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > 40*time.Second {
			y.t.Fatalf("wait until the number is %s: %+v, %+v", what, y.world(), y.whatsappView())
		}
	}
}

// reply waits for something on a phone with WhatsApp that the company wrote and that contains words, after so many bubbles.
func (y *tried) reply(person string, after int, words string) walled.Bubble {
	y.t.Helper()
	var chat struct{ Bubbles []walled.Bubble }
	for began := time.Now(); time.Since(began) < 40*time.Second; time.Sleep(50 * time.Millisecond) {
		y.call("GET", "/wa/chats/"+person, "", &chat)
		for _, b := range chat.Bubbles[min(after, len(chat.Bubbles)):] {
			if !b.Mine && strings.Contains(b.Text, words) {
				return b
			}
		}
	}
	y.t.Fatalf("the company never wrote %q: %+v", words, chat.Bubbles)
	return walled.Bubble{}
}

func (y *tried) does(person, act string) {
	y.t.Helper()
	var answer struct{ Error string }
	if code := y.call("POST", "/wa/chats/"+person, act, &answer); code != http.StatusOK {
		y.t.Fatalf("%s: %d %s", act, code, answer.Error)
	}
}

// sticker of the machine of the story, as a scan puts it into the chat.
func (y *tried) stickerText() string {
	y.t.Helper()
	var m struct{ Text string }
	y.call("GET", "/try/whatsapp/machines/"+demo.MachineCode, "", &m)
	return m.Text
}

// A sticker that is scanned with WhatsApp opens the dialog through the real channel, with numbers instead of buttons; the number is
// taken away by its phone and linked again, and the same talk goes on.
func TestTheWhatsAppPhoneOfTryGoesThroughTheRealChannel(t *testing.T) {
	y := startTry(t)
	person := y.linkNumber()
	y.does(person, fmt.Sprintf(`{"do":"text","text":%q}`, y.stickerText()))
	first := y.reply(person, 0, "*1*")
	if !strings.Contains(first.Text, "*2*") {
		t.Fatalf("the options have no numbers: %q", first.Text)
	}
	y.does(person, `{"do":"text","text":"1"}`)
	y.reply(person, 3, "")

	if code := y.call("POST", "/wa/company", `{"do":"unlink"}`, nil); code != http.StatusOK {
		t.Fatal(code)
	}
	y.waitWhatsApp("taken away", func(s walled.WorldState) bool { return !s.Linked })
	if code := y.call("POST", "/wa/chats/"+person, `{"do":"text","text":"hello?"}`, nil); code != http.StatusBadRequest {
		t.Fatalf("somebody writes to a number that is not linked: %d", code)
	}
	y.call("POST", "/try/whatsapp/link", "{}", nil)
	y.waitWhatsApp("offered a code", func(s walled.WorldState) bool { return s.Code != "" })
	if code := y.call("GET", "/try/whatsapp/code.png", "", nil); code != http.StatusOK {
		t.Fatalf("no picture of the code: %d", code)
	}
	if code := y.call("POST", "/wa/company", `{"do":"scan"}`, nil); code != http.StatusOK {
		t.Fatal(code)
	}
	y.waitWhatsApp("linked again", func(s walled.WorldState) bool { return s.Linked && s.Online })
	y.does(person, `{"do":"text","text":"/help"}`)
	y.reply(person, 4, "")
}

// The link and what stands on the phones outlive a try.
func TestTheWhatsAppPhonesOutliveATry(t *testing.T) {
	dir := tryFolder(t)
	before := startTryIn(t, dir)
	person := before.linkNumber()
	before.does(person, fmt.Sprintf(`{"do":"text","text":%q}`, before.stickerText()))
	before.reply(person, 0, "*1*")
	before.close()

	y := startTryIn(t, dir)
	t.Cleanup(y.close)
	y.waitWhatsApp("linked still", func(s walled.WorldState) bool { return s.Linked && s.Online })
	var chat struct{ Bubbles []walled.Bubble }
	y.call("GET", "/wa/chats/"+person, "", &chat)
	had := len(chat.Bubbles)
	if had < 2 {
		t.Fatalf("the phone is empty: %+v", chat.Bubbles)
	}
	y.does(person, `{"do":"text","text":"1"}`)
	y.reply(person, had, "")
}

// On the page: the sticker puts a text into the chat, the answer stands there, and a phone of the company can be unlinked.
func TestThePageHasAPhoneWithWhatsApp(t *testing.T) {
	y := startTry(t)
	person := y.linkNumber()
	page := browsertest.Open(t, y.base+"/?lang=ru&theme=light", 1440, 900)
	phone := `.phone-wrap[data-user="wa:` + person + `"]`
	page.Wait(`!!document.querySelector('` + phone + ` textarea')`)
	page.Click(phone + " .scan")
	page.Wait(`!!document.querySelector('#dialog[open] .qr img')`)
	page.Click("#scan-go")
	page.Wait(`document.querySelector('` + phone + ` textarea').value.startsWith('M-')`)
	page.Keys("\r")
	page.Wait(`[...document.querySelectorAll('` + phone + ` .row.theirs .text')].some(n => n.textContent.includes('1 💸'))`)
	if elsewhere := page.Requests(y.base); len(elsewhere) > 0 {
		t.Fatalf("the page asks elsewhere: %v", elsewhere)
	}
	if troubles := page.Troubles(); len(troubles) > 0 {
		t.Fatalf("the page is in trouble: %v", troubles)
	}
	var raw json.RawMessage
	y.call("POST", "/wa/company", `{"do":"unlink"}`, &raw)
	page.Wait(`!document.querySelector('` + phone + ` .big').hidden`)
}

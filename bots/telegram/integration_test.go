package telegram_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/bots"
	"govorun/bots/simulator"
	"govorun/bots/telegram"
	"govorun/crm"
)

const simulatedToken = "123456:of-the-simulated-bot"

// world is a simulated Telegram with Ann, and the channel listening there; everything that comes in goes to seen.
type world struct {
	t       *testing.T
	ctx     context.Context
	sim     *simulator.Server
	channel *telegram.Channel
	ann     *simulator.Person
	seen    chan crm.Inbound
	mu      sync.Mutex
	toast   string
}

func (w *world) Accept(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
	w.seen <- in
	w.mu.Lock()
	defer w.mu.Unlock()
	return bots.Receipt{Toast: w.toast, Fresh: true}, nil
}

func begin(t *testing.T, webhook bool) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	w := &world{t: t, ctx: ctx, seen: make(chan crm.Inbound, 1000)}
	w.sim = simulator.New(simulator.Options{Token: simulatedToken, WebhookPause: 5 * time.Millisecond})
	t.Cleanup(w.sim.Close)
	api := httptest.NewServer(w.sim)
	t.Cleanup(api.Close)
	config := telegram.Config{Token: simulatedToken, API: api.URL}
	hook := httptest.NewUnstartedServer(nil)
	if webhook {
		config.Webhook = &telegram.WebhookConfig{URL: "http://" + hook.Listener.Addr().String() + "/hook", Secret: "0123456789abcdef"}
	}
	channel, err := telegram.New(config)
	if err != nil {
		t.Fatal(err)
	}
	w.channel = channel
	if webhook {
		hook.Config.Handler = channel.Handler()
		hook.Start()
		t.Cleanup(hook.Close)
	}
	running, stop := context.WithCancel(ctx)
	result := make(chan error, 1)
	go func() { result <- channel.Run(running, w) }()
	t.Cleanup(func() {
		stop()
		if err := <-result; err != nil {
			t.Error(err)
		}
	})
	w.ann = w.sim.MustUser(simulator.NewUser{FirstName: "Ann", Username: "ann", LanguageCode: "ru"})
	return w
}

func (w *world) next() crm.Inbound {
	w.t.Helper()
	select {
	case in := <-w.seen:
		return in
	case <-w.ctx.Done():
		w.t.Fatal("nothing came in")
		return crm.Inbound{}
	}
}

func (w *world) must(done simulator.Done, err error) simulator.Done {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

func (w *world) send(out crm.Outbound) string {
	w.t.Helper()
	out.Address = crm.Address{Channel: "telegram", Chat: strconv.FormatInt(w.ann.Chat, 10)}
	ref, err := w.channel.Send(w.ctx, out)
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

// A whole talk, by polling and by webhook: what Ann does comes in, what the bot sends she sees.
func TestATalkWithTheSimulatedTelegram(t *testing.T) {
	for name, webhook := range map[string]bool{"polling": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			w := begin(t, webhook)
			w.must(w.ann.Start("m_7Q2"))
			if in := w.next(); in.Command != "start" || in.Start != "m_7Q2" || in.From.Lang != "ru" || in.Key != "m:1" {
				t.Errorf("start: %+v", in)
			}
			ref := w.send(crm.Outbound{Kind: crm.OutMessage, Text: "Что <b>случилось</b>?", Buttons: [][]crm.Button{{{Text: "Не работает", Data: "n1:2"}, {Text: "Карта", URL: "https://example.com"}}}})

			w.toast = "Принято"
			press := w.must(w.ann.Press("Не работает"))
			in := w.next()
			if in.Kind != crm.InPress || in.Press.Data != "n1:2" || in.Press.Message != ref {
				t.Errorf("press: %+v %+v", in, in.Press)
			}
			if answered, err := w.sim.WaitPress(w.ctx, press.CallbackID); err != nil || answered.Toast != "Принято" {
				t.Errorf("toast: %+v %v", answered, err)
			}
			w.send(crm.Outbound{Kind: crm.OutEdit, TargetRef: ref, Text: "Принято: № 5512"})
			if !strings.Contains(w.sim.Transcript(w.ann.Chat), "5512") {
				t.Error("the edit is not seen")
			}

			w.must(w.ann.Photo(640, 480, "фото"))
			in = w.next()
			if in.Kind != crm.InMedia || in.Text != "фото" || in.Media[0].Width != 640 {
				t.Fatalf("photo: %+v", in)
			}
			var photo bytes.Buffer
			if err := w.channel.Fetch(w.ctx, in.Media[0], 20<<20, &photo); err != nil || int64(photo.Len()) != in.Media[0].Size {
				t.Errorf("fetched %d of %d bytes, %v", photo.Len(), in.Media[0].Size, err)
			}
			w.send(crm.Outbound{Kind: crm.OutMedia, Text: "Ваше фото", Media: []crm.Upload{{Kind: crm.Photo, Bytes: photo.Bytes()}}})
			w.send(crm.Outbound{Kind: crm.OutAlbum, Media: []crm.Upload{{Kind: crm.Photo, Bytes: photo.Bytes()}, {Kind: crm.Photo, Ref: in.Media[0].Ref}}})
			w.send(crm.Outbound{Kind: crm.OutReaction, TargetRef: strings.TrimPrefix(in.Key, "m:"), Text: "👍"})
			w.send(crm.Outbound{Kind: crm.OutMenu, Menu: []crm.MenuItem{{Command: "my", Text: "Мои заявки"}}})

			w.send(crm.Outbound{Kind: crm.OutMessage, Text: "Телефон?", Keyboard: [][]crm.Key{{{Text: "Поделиться", Contact: true}}}})
			w.must(w.ann.OwnContact())
			if in := w.next(); in.Kind != crm.InContact || !in.Card.Own {
				t.Errorf("contact: %+v", in)
			}
			w.send(crm.Outbound{Kind: crm.OutMessage, Text: "Спасибо", HideKeyboard: true})
			w.must(w.ann.Do(simulator.Action{Do: "block"}))
			if in := w.next(); in.Kind != crm.InBlocked {
				t.Errorf("block: %+v", in)
			}
			if err := w.sim.WaitDelivered(w.ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestO02_ManyMessagesComeInOrderThroughFaultsOfTheWire(t *testing.T) {
	for name, webhook := range map[string]bool{"polling": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			w := begin(t, webhook)
			w.sim.AddFault(simulator.Fault{Kind: simulator.Duplicate, Times: 20, Probability: 0.5})
			method := "getUpdates"
			if webhook {
				method = "webhook"
			}
			w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Method: method, Times: 2})
			w.must(w.ann.Start(""))
			for i := range 60 {
				w.must(w.ann.Text(fmt.Sprint(i)))
			}
			if err := w.sim.WaitDelivered(w.ctx); err != nil {
				t.Fatal(err)
			}
			known, last := map[string]bool{}, -1
			for len(w.seen) > 0 {
				in := w.next()
				if known[in.Key] || in.Command != "" {
					continue // a redelivery, which the inbox knows by its key
				}
				known[in.Key] = true
				n, err := strconv.Atoi(in.Text)
				if err != nil || n != last+1 {
					t.Fatalf("%q came after %d", in.Text, last)
				}
				last = n
			}
			if last != 59 {
				t.Errorf("the last was %d", last)
			}
		})
	}
}

package telegram

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"govorun/bots"
	"govorun/crm"
)

// polling runs a channel until the returned stop is called, which gives Run's error.
func polling(t *testing.T, s *server, d *desk) (c *Channel, w *watch, stop func() error) {
	t.Helper()
	c, w = open(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- c.Run(ctx, d) }()
	return c, w, func() error { cancel(); return <-result }
}

func TestT04_AnUpdateIsConfirmedOnlyAfterTheInboxTookIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, release := newServer(), make(chan struct{})
		d := &desk{act: func(context.Context, crm.Inbound) (bots.Receipt, error) { <-release; return bots.Receipt{}, nil }}
		s.post(10, text(5, 1, "a"))
		s.post(11, text(6, 1, "b"))
		_, _, stop := polling(t, s, d)
		pause(20 * time.Second)
		if s.pending() != 2 {
			t.Errorf("%d updates are left at Telegram while the inbox works, want both", s.pending())
		}
		close(release)
		pause(time.Second)
		if s.pending() != 0 {
			t.Errorf("%d updates are left at Telegram after the inbox took them", s.pending())
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := d.texts("5") + d.texts("6"); got != "ab" {
			t.Errorf("the inbox took %q, want each once", got)
		}
	})
}

func TestT05_WhatWasTakenIsConfirmedWhenTheProgramStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := newServer(), make(chan struct{})
		d := &desk{act: func(ctx context.Context, _ crm.Inbound) (bots.Receipt, error) {
			close(began)
			time.Sleep(3 * time.Second) // a commit that is on its way when we stop
			return bots.Receipt{}, ctx.Err()
		}}
		s.post(10, text(5, 1, "a"))
		_, _, stop := polling(t, s, d)
		<-began
		if err := stop(); err != nil {
			t.Error(err)
		}
		if s.pending() != 0 || d.texts("5") != "a" {
			t.Errorf("taken %q, %d left at Telegram; want it taken and confirmed", d.texts("5"), s.pending())
		}
	})
}

func TestT13_AnInboxThatHangsDoesNotHoldUpStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		d := &desk{act: func(ctx context.Context, _ crm.Inbound) (bots.Receipt, error) {
			<-ctx.Done()
			return bots.Receipt{}, ctx.Err()
		}}
		s.post(10, text(5, 1, "a"))
		_, _, stop := polling(t, s, d)
		pause(time.Second)
		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > drainTime+time.Second {
			t.Errorf("stopping took %s", took)
		}
		if s.pending() != 1 {
			t.Error("an update that was not taken was confirmed")
		}
	})
}

func TestT06_WhileTheStoreIsAwayNothingIsConfirmedAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := newServer(), time.Now()
		var tries atomic.Int32
		d := &desk{}
		d.act = func(context.Context, crm.Inbound) (bots.Receipt, error) {
			tries.Add(1)
			if time.Since(start) < time.Minute {
				return bots.Receipt{}, fmt.Errorf("begin: %w", crm.ErrUnavailable)
			}
			return bots.Receipt{}, nil
		}
		for i := range 250 {
			s.post(int64(10+i), text(5+i%5, i, fmt.Sprint(i)))
		}
		c, w, stop := polling(t, s, d)
		pause(59 * time.Second)
		if s.pending() != 250 || d.count() != 0 {
			t.Fatalf("%d left at Telegram, %d taken while the store is away", s.pending(), d.count())
		}
		if got := c.Stats().Received; got > maxBatch {
			t.Errorf("%d updates are held in memory", got)
		}
		if tries.Load() > 5*25 {
			t.Errorf("%d tries in a minute for five chats", tries.Load())
		}
		pause(10 * time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if s.pending() != 0 || d.count() != 250 {
			t.Errorf("%d left, %d taken, want all taken once", s.pending(), d.count())
		}
		for chat := range 5 {
			var want []string
			for i := chat; i < 250; i += 5 {
				want = append(want, fmt.Sprint(i))
			}
			if got := d.texts(fmt.Sprint(5 + chat)); got != strings.Join(want, " ") {
				t.Errorf("chat %d was applied in the order %s", 5+chat, got)
			}
		}
		if got := w.kinds(); got != "listening store_away listening stopped" {
			t.Errorf("states: %s", got)
		}
	})
}

func TestO06_ASlowChatDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		late := time.Duration(0)
		sent := map[string]time.Time{}
		d := &desk{}
		d.act = func(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
			if in.Address.Chat == "5" {
				time.Sleep(30 * time.Second)
				return bots.Receipt{}, nil
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			late = max(late, time.Since(sent[in.Text]))
			return bots.Receipt{}, nil
		}
		s.post(10, text(5, 1, "slow"))
		_, _, stop := polling(t, s, d)
		for i := range 29 {
			pause(time.Second)
			word := fmt.Sprint(i)
			d.mu.Lock()
			sent[word] = time.Now()
			d.mu.Unlock()
			s.post(int64(11+i), text(6+i%3, i, word))
		}
		if late > time.Second {
			t.Errorf("a message of another chat waited %s", late)
		}
		if s.pending() != 30 {
			t.Error("something was confirmed before the slow chat was done: its message would be lost in a crash")
		}
		pause(3 * time.Second)
		if s.pending() != 0 || len(d.taken) != 30 {
			t.Errorf("%d left, %d taken; want every message taken once", s.pending(), len(d.taken))
		}
		if n := len(s.seen("getUpdates")); n > 150 {
			t.Errorf("%d polls in 32 s", n)
		}
		_ = stop()
	})
}

func TestT19_AnUpdateThatTheInboxAlwaysRefusesDoesNotHoldUpTheBot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, tries := newServer(), 0
		d := &desk{act: func(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
			if in.Text == "poison" {
				tries++
				panic("no idea what to do with this")
			}
			return bots.Receipt{}, nil
		}}
		s.post(10, text(5, 1, "poison"))
		s.post(11, text(5, 2, "after"))
		s.post(12, text(6, 1, "other"))
		c, w, stop := polling(t, s, d)
		pause(time.Second)
		if d.texts("6") != "other" {
			t.Error("the other chat waits")
		}
		pause(3 * time.Minute)
		if d.texts("5") != "after" || s.pending() != 0 {
			t.Errorf("the chat took %q, %d left at Telegram", d.texts("5"), s.pending())
		}
		if tries < 5 || c.Stats().GivenUp != 1 || !strings.Contains(w.logged(), "update_given_up") {
			t.Errorf("%d tries, %d given up", tries, c.Stats().GivenUp)
		}
		_ = stop()
	})
}

func TestT02_UpdateIDsMayStartAnywhereAfterAQuietWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := newServer(), &desk{}
		s.post(900_000_000, text(5, 1, "before"))
		_, _, stop := polling(t, s, d)
		pause(8 * 24 * time.Hour)
		s.post(17, text(5, 2, "after"))
		s.post(900_000_000, text(5, 3, "again"))
		pause(time.Minute)
		if got := d.texts("5"); got != "before after again" {
			t.Errorf("taken: %q", got)
		}
		if s.pending() != 0 {
			t.Errorf("%d left at Telegram", s.pending())
		}
		_ = stop()
	})
}

func TestO01_MessagesOfOneChatNeverOverlapOrOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, working := newServer(), 0
		d := &desk{}
		d.act = func(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
			if working++; working > 1 {
				t.Error("two calls for one chat at a time")
			}
			time.Sleep(time.Millisecond)
			working--
			return bots.Receipt{}, nil
		}
		var want []string
		for i := range 300 {
			want = append(want, fmt.Sprint(i))
			s.post(int64(10+i), text(5, i, fmt.Sprint(i)))
		}
		_, _, stop := polling(t, s, d)
		pause(10 * time.Second)
		if got := d.texts("5"); got != strings.Join(want, " ") {
			t.Errorf("order: %s", got)
		}
		_ = stop()
	})
}

func TestT16_UpdatesWithoutAChatAreConfirmedWithoutARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := newServer(), &desk{}
		s.post(10, `"inline_query":{"id":"1","from":{"id":5},"query":"x"}`)
		s.post(11, `"poll_answer":{"poll_id":"1","user":{"id":5},"option_ids":[0]}`)
		s.post(12, `"subscription":{"x":1}`)
		c, _, stop := polling(t, s, d)
		pause(time.Second)
		if len(d.taken) != 0 || s.pending() != 0 || c.Stats().Ignored != 3 {
			t.Errorf("%d taken, %d left, %d ignored", len(d.taken), s.pending(), c.Stats().Ignored)
		}
		_ = stop()
	})
}

func TestT21_PollsAskForEveryKindThatDialogsNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		_, _, stop := polling(t, s, &desk{})
		pause(time.Second)
		asked := s.seen("getUpdates")[0].text("allowed_updates")
		for _, kind := range RequiredUpdates() {
			if !strings.Contains(asked, kind) {
				t.Errorf("%s is not asked for: %s", kind, asked)
			}
		}
		_ = stop()
	})
}

func TestAPressIsAnsweredWithTheInboxesToast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		d := &desk{act: func(context.Context, crm.Inbound) (bots.Receipt, error) {
			return bots.Receipt{Toast: "Уже принято"}, nil
		}}
		s.post(10, `"callback_query":{"id":"cb1","from":{"id":5},"data":"x","message":{"message_id":3,"date":1,"chat":{"id":5,"type":"private"}}}`)
		s.post(11, `"callback_query":{"id":"cb2","from":{"id":5},"data":"x","inline_message_id":"q"}`)
		_, _, stop := polling(t, s, d)
		pause(time.Second)
		got := map[string]string{}
		for _, c := range s.seen("answerCallbackQuery") {
			got[c.text("callback_query_id")] = c.text("text")
		}
		if len(got) != 2 || got["cb1"] != "Уже принято" || got["cb2"] != "" {
			t.Errorf("answered: %v", got)
		}
		_ = stop()
	})
}

// pause lets time pass in the bubble and waits until everybody waits again, so that what they wrote can be read.
func pause(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestWhetherTelegramLetsUsListenIsKnownAtOnceThoughNobodyWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		c, _, stop := polling(t, s, &desk{})
		pause(time.Second)
		if kind := c.State().Kind; kind != Listening {
			t.Errorf("after a second the state is %s", kind)
		}
		pause(10 * time.Minute)
		if n := len(s.seen("getUpdates")); n > 20 {
			t.Errorf("%d polls in ten quiet minutes", n)
		}
		_ = stop()
	})
}

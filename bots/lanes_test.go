package bots

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

var noon = time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)

func isGroup(chat string) bool { return strings.HasPrefix(chat, "-") }

// open gives a memory that takes rows handed over, as after a first reading.
func open(limits Limits) *lanes {
	l := newLanes(limits, isGroup, noon)
	room, _, _ := l.startRead(noon, false)
	l.finishRead(nil, room, true, noon)
	return l
}

func message(id crm.MessageID, chat string, p crm.Priority) crm.Outbound {
	conversation := crm.ConversationID(0)
	for _, c := range chat {
		conversation = conversation*31 + crm.ConversationID(c)
	}
	return crm.Outbound{ID: id, Conversation: conversation, Address: crm.Address{Channel: "telegram", Chat: chat}, Kind: crm.OutMessage, Priority: p}
}

func hand(l *lanes, now time.Time, outs ...crm.Outbound) {
	for _, out := range outs {
		l.hand(handed{out, out.NotBefore}, now)
	}
}

// finish ends the call of an item well.
func finish(l *lanes, it *item, now time.Time) {
	l.end(it, now)
	l.close(it, now)
	l.forget(it, "ref")
}

// drain sends all that may go now, one after the other, and gives the ids in order.
func drain(l *lanes, now time.Time) (ids []crm.MessageID) {
	for it, _ := l.take(now); it != nil; it, _ = l.take(now) {
		ids = append(ids, it.out.ID)
		finish(l, it, now)
	}
	return ids
}

func wantIDs(t *testing.T, got []crm.MessageID, want ...crm.MessageID) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("sent %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("sent %v, want %v", got, want)
		}
	}
}

func TestRepliesGoBeforeNoticesBeforeBroadcasts(t *testing.T) {
	l := open(DefaultLimits())
	hand(l, noon, message(1, "ann", crm.Broadcast), message(2, "bob", crm.Notice), message(3, "eve", crm.Reply))
	wantIDs(t, drain(l, noon), 3, 2, 1)
}

func TestS16_AnAnswerOvertakesABroadcastInItsOwnChat(t *testing.T) {
	l := open(DefaultLimits())
	hand(l, noon, message(1, "ann", crm.Broadcast), message(2, "ann", crm.Notice), message(3, "ann", crm.Reply))
	wantIDs(t, drain(l, noon), 2, 3)               // a notice before its reply: the order of the chat
	wantIDs(t, drain(l, noon.Add(time.Second)), 1) // a broadcast a second after anything else
}

func TestO06_OneCallAtATimeInAChatAndOtherChatsGoOn(t *testing.T) {
	l := open(Limits{})
	hand(l, noon, message(1, "ann", crm.Reply), message(2, "ann", crm.Reply), message(3, "bob", crm.Reply))
	slow, _ := l.take(noon)
	other, _ := l.take(noon)
	none, wait := l.take(noon)
	if slow.out.ID != 1 || other.out.ID != 3 || none != nil || wait != never {
		t.Fatalf("took %v, %v, %v and wait %v", slow.out.ID, other.out.ID, none, wait)
	}
	finish(l, slow, noon)
	wantIDs(t, drain(l, noon), 2)
}

func TestAPrivateChatHasABurstOf20AndThenOneASecond(t *testing.T) {
	l := open(DefaultLimits())
	for id := crm.MessageID(1); id <= 25; id++ {
		hand(l, noon, message(id, "ann", crm.Reply))
	}
	if n := len(drain(l, noon)); n != 20 {
		t.Fatalf("%d at once, want 20", n)
	}
	if _, wait := l.take(noon); wait < 999*time.Millisecond || wait > 1001*time.Millisecond {
		t.Fatalf("waits %v, want a second", wait)
	}
	if n := len(drain(l, noon.Add(2001*time.Millisecond))); n != 2 {
		t.Fatalf("%d after two seconds, want 2", n)
	}
}

func TestAGroupHas20InAnyMinute(t *testing.T) {
	l := open(DefaultLimits())
	for id := crm.MessageID(1); id <= 50; id++ {
		hand(l, noon, message(id, "-100", crm.Notice))
	}
	for at, want := range map[time.Duration]int{0: 20} {
		if n := len(drain(l, noon.Add(at))); n != want {
			t.Fatalf("%d after %v, want %d", n, at, want)
		}
	}
	if n := len(drain(l, noon.Add(59*time.Second))); n != 0 {
		t.Fatalf("%d within the minute, want none", n)
	}
	if n := len(drain(l, noon.Add(time.Minute))); n != 20 {
		t.Fatalf("%d after the minute, want 20", n)
	}
}

func TestARowIsNotSentBeforeItsTimeAndHoldsNobodyUp(t *testing.T) {
	l := open(DefaultLimits())
	prompt := message(1, "ann", crm.Reply)
	prompt.NotBefore = noon.Add(1500 * time.Millisecond)
	hand(l, noon, prompt, message(2, "ann", crm.Reply))
	wantIDs(t, drain(l, noon), 2)
	if _, wait := l.take(noon); wait != 1500*time.Millisecond {
		t.Fatalf("waits %v, want 1.5 s", wait)
	}
	wantIDs(t, drain(l, prompt.NotBefore), 1)
}

func TestASupersededRowIsDroppedUnlessItHasBegun(t *testing.T) {
	l := open(DefaultLimits())
	later := message(3, "ann", crm.Reply)
	later.NotBefore = noon.Add(time.Second)
	hand(l, noon, message(1, "ann", crm.Reply), message(2, "ann", crm.Reply), later)
	begun, _ := l.take(noon)
	for _, id := range []crm.MessageID{1, 2, 3} {
		l.drop(id, noon)
	}
	finish(l, begun, noon)
	wantIDs(t, drain(l, noon.Add(time.Hour)))
	if len(l.known) != 0 || len(l.lanes) != 0 || l.room[crm.Reply] != roomForReplies {
		t.Fatalf("remembers %d rows in %d lanes, room %v", len(l.known), len(l.lanes), l.room)
	}
}

func TestARowHandedOverAndReadIsSentOnce(t *testing.T) {
	l := open(DefaultLimits())
	out := message(1, "ann", crm.Reply)
	hand(l, noon, out)
	room, known, _ := l.startRead(noon, false)
	if len(known) != 1 {
		t.Fatalf("known %v, want the row in memory", known)
	}
	wantIDs(t, drain(l, noon), 1)
	l.finishRead([]handed{{out: out}}, room, true, noon) // the reading saw it before it was marked
	wantIDs(t, drain(l, noon))
	hand(l, noon, out) // and the turn hands it over late
	wantIDs(t, drain(l, noon))
}

func TestARowSupersededWhileItIsReadIsNotSent(t *testing.T) {
	l := open(DefaultLimits())
	room, _, _ := l.startRead(noon, false)
	l.drop(7, noon)
	l.finishRead([]handed{{out: message(7, "ann", crm.Reply)}}, room, true, noon)
	wantIDs(t, drain(l, noon))
}

func TestWhatDoesNotFitComesFromTheTableInOrder(t *testing.T) {
	l := open(Limits{})
	var table []crm.Outbound
	for id := crm.MessageID(1); id <= roomInLane+10; id++ {
		table = append(table, message(id, "ann", crm.Reply))
	}
	hand(l, noon, table...)
	sent := drain(l, noon)
	if len(sent) != roomInLane {
		t.Fatalf("%d in memory, want %d", len(sent), roomInLane)
	}
	next := message(roomInLane+11, "ann", crm.Reply)
	hand(l, noon, next) // must not overtake the ten in the table
	wantIDs(t, drain(l, noon))
	room, _, full := l.startRead(noon, false)
	if len(full) != 0 {
		t.Fatalf("reads nothing of %v, which has room", full)
	}
	rows := []handed{}
	for _, out := range append(table[roomInLane:], next) {
		rows = append(rows, handed{out: out})
	}
	hand(l, noon, message(roomInLane+12, "ann", crm.Reply)) // during the reading
	l.finishRead(rows, room, true, noon)
	if sent = drain(l, noon); len(sent) != 12 || sent[0] != roomInLane+1 || sent[11] != roomInLane+12 {
		t.Fatalf("sent %v, want %d to %d", sent, roomInLane+1, roomInLane+12)
	}
	if l.behind[crm.Reply] || len(l.lanes) != 0 {
		t.Fatalf("behind %v with %d lanes after all was read", l.behind, len(l.lanes))
	}
}

func TestManyBroadcastsLeaveRoomForAReply(t *testing.T) {
	l := open(DefaultLimits())
	for id := crm.MessageID(1); id <= 5000; id++ {
		hand(l, noon, message(id, "driver"+time.Duration(id).String(), crm.Broadcast))
	}
	if len(l.known) != roomForBroadcasts || !l.behind[crm.Broadcast] {
		t.Fatalf("%d broadcasts in memory, want %d", len(l.known), roomForBroadcasts)
	}
	hand(l, noon, message(6000, "ann", crm.Reply))
	if it, _ := l.take(noon); it.out.ID != 6000 {
		t.Fatalf("took %d, want the reply", it.out.ID)
	}
}

func TestS11_ARowThatFailedHoldsItsChatAlsoAfterARestart(t *testing.T) {
	l := newLanes(DefaultLimits(), isGroup, noon)
	room, _, _ := l.startRead(noon, false)
	failed := message(1, "ann", crm.Reply)
	failed.Attempts = 2
	l.finishRead([]handed{{failed, noon.Add(3 * time.Second)}, {out: message(2, "ann", crm.Reply)}, {out: message(3, "bob", crm.Reply)}}, room, true, noon)
	wantIDs(t, drain(l, noon), 3)
	wantIDs(t, drain(l, noon.Add(3*time.Second)), 1, 2)
}

func TestIdleChatsAreForgotten(t *testing.T) {
	l := open(DefaultLimits())
	for _, chat := range []string{"ann", "-100", "bob"} {
		hand(l, noon, message(crm.MessageID(len(chat)), chat, crm.Reply))
	}
	drain(l, noon)
	l.hold("bob", noon.Add(time.Hour), noon)
	l.tidy(noon.Add(2 * time.Minute))
	if len(l.paces) != 1 || l.paces["bob"] == nil {
		t.Fatalf("remembers %d chats, want the one that is held", len(l.paces))
	}
}

// provider counts calls as a strict provider does, at the moment they arrive.
type provider struct {
	arrivals map[string][]time.Time
	refused  int
}

func (p *provider) accept(key string, max int, period time.Duration, at time.Time) {
	kept := p.arrivals[key][:0]
	for _, a := range p.arrivals[key] {
		if at.Sub(a) < period {
			kept = append(kept, a)
		}
	}
	if p.arrivals[key] = append(kept, at); len(p.arrivals[key]) > max {
		p.refused++
	}
}

// play sends through the limits for a time in which calls take from nothing to latency and arrive somewhere in between, and
// gives how many were sent.
func play(l *lanes, p *provider, lasts, latency time.Duration) (sent int) {
	random := rand.New(rand.NewPCG(1, 2))
	type call struct {
		it      *item
		arrives time.Time
		ends    time.Time
	}
	var flying []call
	for now := noon; now.Before(noon.Add(lasts)); now = now.Add(time.Millisecond) {
		kept := flying[:0]
		for _, c := range flying {
			if c.ends.After(now) {
				kept = append(kept, c)
				continue
			}
			finish(l, c.it, now)
			sent++
		}
		flying = kept
		for len(flying) < 16 {
			it, _ := l.take(now)
			if it == nil {
				break
			}
			takes := time.Duration(random.Int64N(int64(latency)))
			arrives := now.Add(time.Duration(random.Int64N(int64(takes) + 1)))
			chat := it.out.Address.Chat
			p.accept("all", 30, time.Second, arrives)
			if isGroup(chat) {
				p.accept(chat, 20, time.Minute, arrives)
			} else {
				p.accept(chat, 1, time.Second, arrives)
			}
			flying = append(flying, call{it, arrives, now.Add(takes)})
		}
	}
	return sent
}

func TestS16_StrictLimitsAreNeverRefusedAndUseWhatIsPermitted(t *testing.T) {
	for _, c := range []struct {
		name      string
		chats     int
		group     bool
		latency   time.Duration
		lasts     time.Duration
		permitted int
	}{
		{"account", 200, false, 20 * time.Millisecond, 2 * time.Minute, 30 * 120},
		{"account on a slow line", 200, false, 50 * time.Millisecond, 2 * time.Minute, 30 * 120},
		{"one chat", 1, false, 20 * time.Millisecond, 90 * time.Second, 90},
		{"three groups", 3, true, 20 * time.Millisecond, 2 * time.Minute, 3 * 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := open(StrictLimits())
			id := crm.MessageID(0)
			for range 60 {
				for n := range c.chats {
					chat := string(rune('a' + n))
					if c.group {
						chat = "-" + chat
					}
					id++
					l.room[crm.Reply] = roomForReplies
					hand(l, noon, message(id, chat, crm.Reply))
					if c.chats == 1 {
						id++
						hand(l, noon, message(id, chat, crm.Reply))
					}
				}
			}
			p := &provider{arrivals: map[string][]time.Time{}}
			sent := play(l, p, c.lasts, c.latency)
			if p.refused > 0 || sent*100 < c.permitted*95 {
				t.Fatalf("refused %d, sent %d of %d permitted", p.refused, sent, c.permitted)
			}
		})
	}
}

func TestWhateverHappensAChatKeepsItsOrderAndNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := open(Limits{ChatPerSecond: 5, ChatBurst: 2, BotPerSecond: 20})
		now, next := noon, crm.MessageID(0)
		var flying []*item
		last, inFlight := map[string]crm.MessageID{}, map[string]bool{}
		sent, tried := 0, map[crm.MessageID]bool{}
		begin := func() {
			it, _ := l.take(now)
			if it == nil {
				return
			}
			chat := it.out.Address.Chat
			if inFlight[chat] {
				t.Fatalf("two calls into %s", chat)
			}
			if it.out.ID <= last[chat] && !tried[it.out.ID] {
				t.Fatalf("%d after %d in %s", it.out.ID, last[chat], chat)
			}
			tried[it.out.ID], inFlight[chat], last[chat] = true, true, it.out.ID
			flying = append(flying, it)
		}
		end := func(fail bool) {
			if len(flying) == 0 {
				return
			}
			it := flying[0]
			flying = flying[1:]
			inFlight[it.out.Address.Chat] = false
			l.end(it, now)
			if fail {
				l.again(it, time.Second, now)
				return
			}
			l.close(it, now)
			l.forget(it, "x")
			sent++
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				next++
				chat := rapid.SampledFrom([]string{"ann", "bob", "-1"}).Draw(t, "chat")
				hand(l, now, message(next, chat, rapid.SampledFrom([]crm.Priority{crm.Reply, crm.Notice}).Draw(t, "priority")))
			case 2:
				begin()
			case 3:
				end(rapid.Bool().Draw(t, "fails"))
			case 4:
				now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			}
		}
		for range 10000 {
			if sent == int(next) {
				break
			}
			begin()
			end(false)
			now = now.Add(100 * time.Millisecond)
		}
		if sent != int(next) || len(l.known) != 0 || len(l.lanes) != 0 || l.flying != 0 {
			t.Fatalf("sent %d of %d, %d rows in %d lanes left, %d flying", sent, next, len(l.known), len(l.lanes), l.flying)
		}
	})
}

func TestBackoffGrowsFromOneSecondToFiveMinutes(t *testing.T) {
	total := time.Duration(0)
	for n := 1; n < maxAttempts; n++ {
		low, high := backoff(n, 0), backoff(n, 1)
		if low < 750*time.Millisecond || high > 5*time.Minute || low > high {
			t.Fatalf("attempt %d waits %v to %v", n, low, high)
		}
		total += backoff(n, 0.5)
	}
	if total < 15*time.Minute || total > 20*time.Minute {
		t.Fatalf("twelve attempts take %v", total)
	}
}

func TestS10_PlainTextKeepsWordsAndLosesMarkup(t *testing.T) {
	for in, want := range map[string]string{
		"<b>№ 5512</b> &amp; <a href=\"https://x.kz/?a=1\">map</a>": "№ 5512 &amp; map",
		"2 < 3 <b":      "2 &lt; 3 &lt;b",
		"<b>broken</i>": "broken",
		"Tom & Ann":     "Tom &amp; Ann",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

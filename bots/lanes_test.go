package bots

import (
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

func TestAnEditWaitsForItsMessageWithoutChargingTheChatAndGoesRightAfterIt(t *testing.T) {
	l := open(Limits{GroupPerMinute: 3})
	held := message(1, "-ann", crm.Notice)
	held.NotBefore = noon.Add(30 * time.Second)
	edit := message(2, "-ann", crm.Notice)
	edit.Kind, edit.Target = crm.OutEdit, held.ID
	hand(l, noon, held, edit, message(3, "-ann", crm.Reply))
	wantIDs(t, drain(l, noon), 3)
	if it, wait := l.take(noon.Add(time.Second)); it != nil || wait != 29*time.Second {
		t.Fatalf("looks again after %v, want only when the message may go", wait)
	}
	wantIDs(t, drain(l, held.NotBefore), 1, 2)
	if len(l.known) != 0 || len(l.lanes) != 0 {
		t.Fatalf("remembers %d rows in %d lanes", len(l.known), len(l.lanes))
	}
}

func TestAnEditOfAMessageThatWasCancelledMeanwhileIsTried(t *testing.T) {
	l := open(DefaultLimits())
	held := message(1, "ann", crm.Notice)
	held.NotBefore = noon.Add(time.Hour)
	edit := message(2, "ann", crm.Notice)
	edit.Kind, edit.Target = crm.OutEdit, held.ID
	l.add(handed{held, noon.Add(time.Hour)}, noon, true)
	hand(l, noon, edit)
	wantIDs(t, drain(l, noon))
	l.drop(held.ID, noon)
	wantIDs(t, drain(l, noon), 2)
}

func TestWhatWasTakenAndNotTriedIsNotCharged(t *testing.T) {
	l := open(Limits{GroupPerMinute: 1, BotPerSecond: 1})
	hand(l, noon, message(1, "-ann", crm.Reply), message(2, "-ann", crm.Reply))
	it, _ := l.take(noon)
	l.spare(it)
	l.postpone(it, time.Hour, noon)
	wantIDs(t, drain(l, noon), 2)
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

func TestAReadingThatWasSlowMakesNobodyWaitForLong(t *testing.T) {
	for _, took := range []time.Duration{0, 100 * time.Millisecond, time.Minute} { // a minute: the database stood still
		p := pause{began: time.Now().Add(-took)}
		p.end()
		if rest := time.Until(p.until); rest < rereadEvery-50*time.Millisecond || rest > longestPause {
			t.Errorf("after %v it rests for %v", took, rest)
		}
	}
}

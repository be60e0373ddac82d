package chaos

import (
	"strings"
	"testing"
	"time"

	"govorun/crm/postgres"
)

// at is a moment of the fabricated records: a noon, so that nothing is at night by chance.
var at = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// kept is a record in which every promise was kept: Ann writes twice, presses once, and reads four messages, one of them twice.
func kept() Record {
	in := func(id int64, ref, text string) postgres.LedgerMessage {
		return postgres.LedgerMessage{Conversation: 1, ID: id, Channel: "telegram", Chat: "7", Direction: "in", Author: "person", Ref: ref, Kind: "text", Status: "received", Text: text}
	}
	out := func(id int64, ref, text string) postgres.LedgerMessage {
		return postgres.LedgerMessage{Conversation: 1, ID: id, Channel: "telegram", Chat: "7", Direction: "out", Author: "bot", Ref: ref, Kind: "message", Status: "sent", Text: text}
	}
	twice := out(6, "6", "Which machine?")
	twice.Twice = true
	wa := out(11, "3EB0AA", "Hello")
	wa.Conversation, wa.Channel, wa.Chat = 2, "whatsapp", "1@lid"
	waIn := in(10, "m:W1", "hi")
	waIn.Conversation, waIn.Channel, waIn.Chat = 2, "whatsapp", "1@lid"
	fired, since, due := at, at.Add(-time.Hour), at.Add(-time.Second)
	poisoned := in(9, "m:9", "poison")
	return Record{
		Kit: "vending",
		Chats: []Chat{
			{Channel: "telegram", ID: "7", Name: "Ann", Sent: []Sent{{Key: "m:1", Text: "hello"}, {Key: "p:55", Text: "Broken"}, {Key: "m:4", Text: "214"}, {Key: "m:9", Text: "poison"}},
				Seen: []Seen{{ID: "2", Text: "Hello"}, {ID: "5", Text: "Which machine?"}, {ID: "6", Text: "Which machine?"}, {ID: "7", Text: "Still there?"}}},
			{Channel: "whatsapp", ID: "1@lid", Name: "Bob", Sent: []Sent{{Key: "m:W1", Text: "hi"}}, Seen: []Seen{{ID: "3EB0AA", Text: "Hello", Copies: 2}}},
		},
		Calls:  []Call{{At: at, Method: "sendMessage", Chat: "7", RetryAfter: 3 * time.Second}, {At: at.Add(3 * time.Second), Method: "sendMessage", Chat: "7"}},
		Tales:  []Tale{{Name: "Ann", Story: "report", Chat: "7", Deals: []Want{{"call_centre", "done", "won"}}, Notes: []string{"it blinks"}, Reads: map[string]int{"Still there": 1}}},
		Poison: []string{"poison"},
		Health: []Health{{Replica: "vending-1", Lived: time.Minute, Early: Vitals{40, 20, 0, 60 << 20}, Late: Vitals{44, 22, 8, 80 << 20}}},
		Quiet:  Quiet{From: 22 * 60, To: 9 * 60, Zone: time.UTC},
		Faults: Counts{Doubling: 1},
		Replay: Replay{Tried: 1, First: 1, Second: 1},
		Ledger: postgres.Ledger{
			Now: at.Add(time.Minute),
			Messages: []postgres.LedgerMessage{in(1, "m:1", "hello"), out(2, "2", "Hello"), in(3, "p:55", ""), in(4, "m:4", "214"), twice, out(7, "7", "Still there?"), poisoned,
				waIn, wa},
			Deals:  []postgres.LedgerDeal{{ID: 5, Pipeline: "call_centre", Stage: "done", Status: "won", Contact: "Ann", Closed: new(at.Add(time.Second))}},
			Events: []postgres.LedgerEvent{{Kind: "deal_opened", Deal: 5}, {Kind: "comment", Text: "it blinks", Deal: 5}},
			Timers: []postgres.LedgerTimer{{ID: 1, Deal: 5, Kind: "remind", Rule: "silent/1", Since: &since, Status: "fired", Due: due, Fired: &fired}},
			Dead:   []postgres.LedgerDead{{ID: 1, Source: "inbound", Status: "replayed", Chat: "7", Error: "this can not be handled", Text: "poison"}},
		},
	}
}

func TestTheOracleFindsNothingWhereEveryPromiseWasKept(t *testing.T) {
	for _, v := range Judge(kept()) {
		if v.Count > 0 {
			t.Errorf("%s: %v", v.Promise, v.Broken)
		}
	}
}

// TestTheOracleFindsEachBreach breaks one promise after another in a record, and wants it found under its name, and no other.
func TestTheOracleFindsEachBreach(t *testing.T) {
	message := func(r *Record, id int64) *postgres.LedgerMessage {
		for i := range r.Ledger.Messages {
			if r.Ledger.Messages[i].ID == id {
				return &r.Ledger.Messages[i]
			}
		}
		t.Fatalf("no message %d", id)
		return nil
	}
	drop := func(r *Record, id int64) {
		for i := range r.Ledger.Messages {
			if r.Ledger.Messages[i].ID == id {
				r.Ledger.Messages = append(r.Ledger.Messages[:i], r.Ledger.Messages[i+1:]...)
				return
			}
		}
	}
	for name, c := range map[string]struct {
		promise, says string
		breaks        func(*Record)
	}{
		"a lost message": {"stored exactly once", "lost: m:4", func(r *Record) { drop(r, 4) }},
		"a place of a message although none was garbled": {"stored exactly once", "lost: m:4", func(r *Record) { message(r, 4).Ref = "u:4" }},
		"a lost press":                    {"stored exactly once", "lost: p:55", func(r *Record) { drop(r, 3) }},
		"a message stored twice":          {"stored exactly once", "stored 2 times", func(r *Record) { r.Ledger.Messages = append(r.Ledger.Messages, *message(r, 4)) }},
		"a message that nobody sent":      {"stored exactly once", "nobody sent m:77", func(r *Record) { m := *message(r, 4); m.Ref = "m:77"; r.Ledger.Messages = append(r.Ledger.Messages, m) }},
		"a message that was put aside":    {"stored exactly once", "not handled", func(r *Record) { message(r, 4).Status = "dead" }},
		"two messages in the wrong order": {"in: in order", "swaps", func(r *Record) { message(r, 1).Ref, message(r, 4).Ref = "m:4", "m:1" }},
		"a deal too many": {"applied exactly once", "want [call_centre/done/won]", func(r *Record) {
			r.Ledger.Deals = append(r.Ledger.Deals, postgres.LedgerDeal{ID: 6, Pipeline: "call_centre", Stage: "unsorted", Status: "open", Contact: "Ann"})
			r.Ledger.Events = append(r.Ledger.Events, postgres.LedgerEvent{Kind: "deal_opened", Deal: 6})
		}},
		"a deal at another stage": {"applied exactly once", "left [call_centre/check/open]", func(r *Record) { r.Ledger.Deals[0].Stage, r.Ledger.Deals[0].Status = "check", "open" }},
		"a deal opened twice": {"applied exactly once", "opened 2 times", func(r *Record) {
			r.Ledger.Events = append(r.Ledger.Events, postgres.LedgerEvent{Kind: "deal_opened", Deal: 5})
		}},
		"a note twice": {"applied exactly once", "stands 2 times", func(r *Record) {
			r.Ledger.Events = append(r.Ledger.Events, postgres.LedgerEvent{Kind: "comment", Text: "it blinks", Deal: 5})
		}},
		"a note lost":                           {"applied exactly once", "stands 0 times", func(r *Record) { r.Ledger.Events = r.Ledger.Events[:1] }},
		"somebody without an answer":            {"without an answer", "never sees", func(r *Record) { r.Tales[0].Trouble = "Ann never sees \"Hello\"" }},
		"something never done":                  {"without an answer", "never became quiet", func(r *Record) { r.Undone = []string{"3 updates wait at Telegram"} }},
		"a row that nobody saw":                 {"sent at least once", "saw 2 messages", func(r *Record) { r.Chats[0].Seen = r.Chats[0].Seen[:2] }},
		"a double that was not marked":          {"sent at least once", "may be duplicates", func(r *Record) { message(r, 6).Twice = false }},
		"a row that nobody saw beside a double": {"sent at least once", "not on the phone", func(r *Record) { r.Chats[0].Seen[3] = Seen{ID: "8", Text: "Which machine?"} }},
		"two doubles of one mark":               {"sent at least once", "may be duplicates", func(r *Record) { r.Chats[0].Seen = append(r.Chats[0].Seen, Seen{ID: "8", Text: "Which machine?"}) }},
		"a double although nothing struck":      {"sent at least once", "nothing happened", func(r *Record) { r.Faults.Doubling = 0 }},
		"a row that still waits": {"sent at least once", "waits still", func(r *Record) {
			m := *message(r, 7)
			m.ID, m.Status = 12, "queued"
			r.Ledger.Messages = append(r.Ledger.Messages, m)
		}},
		"a row given up": {"sent at least once", "is failed", func(r *Record) {
			m := *message(r, 7)
			m.ID, m.Status = 12, "failed"
			r.Ledger.Messages = append(r.Ledger.Messages, m)
		}},
		"answers in the wrong order":      {"out: in order", "before row", func(r *Record) { message(r, 2).Ref, message(r, 7).Ref = "7", "2" }},
		"seen twice on WhatsApp":          {"WhatsApp", "stand", func(r *Record) { r.Chats[1].Seen = append(r.Chats[1].Seen, Seen{ID: "3EB0BB", Copies: 1}) }},
		"never seen on WhatsApp":          {"WhatsApp", "stand", func(r *Record) { r.Chats[1].Seen = nil }},
		"unreadable on WhatsApp":          {"WhatsApp", "can't read", func(r *Record) { r.Chats[1].Seen[0].Unreadable = true }},
		"a call before the wait was over": {"retry_after", "before the wait was over", func(r *Record) { r.Calls[1].At = at.Add(2 * time.Second) }},
		"a timer that fired twice": {"timers", "are one and both fired", func(r *Record) {
			again := r.Ledger.Timers[0]
			again.ID = 2
			r.Ledger.Timers = append(r.Ledger.Timers, again)
		}},
		"a timer before its time": {"timers", "before its time", func(r *Record) { r.Ledger.Timers[0].Due = at.Add(time.Hour) }},
		"a timer forgotten": {"timers", "still waits", func(r *Record) {
			late := r.Ledger.Timers[0]
			late.ID, late.Status, late.Fired, late.Step = 2, "waiting", nil, 1
			r.Ledger.Timers = append(r.Ledger.Timers, late)
		}},
		"a reminder at night":           {"timers", "in quiet hours", func(r *Record) { r.Quiet = Quiet{From: 11 * 60, To: 13 * 60, Zone: time.UTC} }},
		"a reminder after the end":      {"timers", "was closed", func(r *Record) { r.Ledger.Deals[0].Closed = new(at.Add(-time.Minute)) }},
		"a reminder too many":           {"timers", "Still there", func(r *Record) { r.Tales[0].Reads = map[string]int{"Still there": 0} }},
		"a dead letter without poison":  {"dead letters", "dead letter 1", func(r *Record) { r.Ledger.Dead[0].Text = "hello" }},
		"poison that was not put aside": {"dead letters", "0 of 1", func(r *Record) { r.Ledger.Dead = nil }},
		"a replay that does it twice":   {"dead letters", "2 after the second", func(r *Record) { r.Replay.Second = 2 }},
		"a secret in a log":             {"privacy", "a token", func(r *Record) { r.Leaks = []string{"vending-1 wrote a token: •••"} }},
		"goroutines that never end":     {"no leak", "goroutines", func(r *Record) { r.Health[0].Late.Goroutines = 400 }},
		"memory that only grows":        {"no leak", "MB", func(r *Record) { r.Health[0].Late.Memory = 900 << 20 }},
		"files that stay open":          {"no leak", "files", func(r *Record) { r.Health[0].Late.Files = 300 }},
		"connections that stay open":    {"no leak", "connections", func(r *Record) { r.Health[0].Late.Clients = 40 }},
	} {
		t.Run(name, func(t *testing.T) {
			r := kept()
			c.breaks(&r)
			found := false
			for _, v := range Judge(r) {
				evidence := strings.Join(v.Broken, "\n")
				found = found || strings.Contains(v.Promise, c.promise) && strings.Contains(evidence, c.says)
			}
			if !found {
				t.Errorf("not found; judged: %+v", Judge(r))
			}
		})
	}
}

func TestAPressIsMissedUnlessTelegramGaveUpToDeliverIt(t *testing.T) {
	for _, c := range []struct {
		what     string
		later    time.Duration // when the next message was stored
		shuffled int
		lost     bool
	}{{"after it", time.Second, 0, true}, {"when Telegram had given up", 3 * time.Minute, 0, false}, {"out of order", time.Second, 1, false}} {
		r := kept()
		r.Chats[0].Sent[1].Lapsed, r.Chats[0].Sent[1].At, r.Chats[0].Shuffled = true, at, c.shuffled
		r.Ledger.Messages = append(r.Ledger.Messages[:2], r.Ledger.Messages[3:]...)
		for i := range r.Ledger.Messages {
			r.Ledger.Messages[i].Created = at.Add(c.later)
		}
		if v := Judge(r)[0]; v.Count > 0 != c.lost {
			t.Errorf("a message stored %s: %v", c.what, v.Broken)
		}
	}
}

func TestOnlyWhatStruckACompanyExcusesItsDoubles(t *testing.T) {
	s := &striker{kinds: kinds(), struck: []Struck{{Name: "kill", Where: "isp"}, {Name: "duplicate", Where: "taxi"}, {Name: "disk", Where: "taxi", Failed: leftOut + ": no root"}}}
	for kit, want := range map[string]int{"isp": 1, "taxi": 0, "vending": 0} {
		if n := s.doubling(kit); n != want {
			t.Errorf("%s: %d", kit, n)
		}
	}
	s.struck = append(s.struck, Struck{Name: "pg-kill", Where: "taxi"})
	if n := s.doubling("vending"); n != 1 {
		t.Errorf("a kill of the database counts %d times for a company at which it was not aimed", n)
	}
}

func TestTheReportSaysWhatWasBrokenAndHowToRepeatIt(t *testing.T) {
	r := kept()
	r.Ledger.Messages = r.Ledger.Messages[1:]
	report := Report{Seed: 42, Length: time.Minute, Replicas: 2, Kits: []string{"vending"}, Struck: []Struck{{Name: "kill", Where: "vending", Healed: 2 * time.Second}}}
	report.add("vending", r, Judge(r))
	var text strings.Builder
	report.Write(&text)
	for _, words := range []string{"1 breaches", "--minutes 1 --seed 42 --replicas 2 --kits vending", "kill", "2.00 s", "✗ in: what was sent is stored exactly once", `lost: m:1 "hello" of Ann`, "✓ privacy"} {
		if !strings.Contains(text.String(), words) {
			t.Errorf("the report does not say %q:\n%s", words, &text)
		}
	}
	if report.Broken() != 1 {
		t.Errorf("%d breaches", report.Broken())
	}
}

func TestAFaultThatIsNoneIsSaid(t *testing.T) {
	if _, err := chosen([]string{"kill", "earthquake"}); err == nil || !strings.Contains(err.Error(), "earthquake") {
		t.Error(err)
	}
	if list, err := chosen(nil); err != nil || len(list) < 15 {
		t.Error(list, err)
	}
}

func TestCopiesOfKitsAreQuietWhenTheyAreToBe(t *testing.T) {
	for _, kit := range []string{"vending", "isp", "taxi"} {
		for _, night := range []time.Duration{0, 5 * time.Minute} {
			quiet, err := copyKit(kit, t.TempDir()+"/kit", night)
			if err != nil {
				t.Fatal(err)
			}
			if quiet.covers(time.Now()) != (night > 0) {
				t.Errorf("%s: quiet now is %v, with a night of %v", kit, night == 0, night)
			}
		}
	}
}

func TestAMessageThatNobodyCanOpenIsNotLostWhenItStandsAsOne(t *testing.T) {
	r := kept()
	r.Ledger.Messages[3].Ref, r.Faults.Garbled = "u:4", 1
	v := storedOnce(r, newBook(r.Ledger))
	if v.Count != 0 || !strings.Contains(v.Figures, "1 that could not be opened") {
		t.Errorf("%+v", v)
	}
}

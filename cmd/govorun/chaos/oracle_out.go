package chaos

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"govorun/crm/postgres"
)

// shown are the kinds of rows that put a message on a phone.
var shown = []string{"message", "media", "album", "contact", "location"}

// bubbles is how many messages a row puts on a phone.
func bubbles(m postgres.LedgerMessage) int {
	if m.Kind == "album" {
		return max(1, m.Files)
	}
	return 1
}

// sentOnce: each row is sent at least once, to be seen on the phone; what is there twice was marked as maybe a duplicate, at most once
// for each mark; and nothing waits any more. Numbers alone would let a double make up for a loss: each row stands there under its id.
func sentOnce(r Record, b *book) Verdict {
	v := Verdict{Promise: "out: sent at least once; on Telegram at most one marked duplicate"}
	rows, twice, doubled, unsent := 0, 0, 0, map[string]int{}
	for _, c := range r.Chats {
		sent, marked := 0, 0
		stands := map[int64]bool{0: true} // an id of several messages, or none, is not compared
		for _, s := range c.Seen {
			stands[place(s.ID)] = true
		}
		for _, m := range b.out[c.key()] {
			if !slices.Contains(shown, m.Kind) {
				continue
			}
			rows++
			if m.Twice {
				marked += bubbles(m)
			}
			switch m.Status {
			case "sent":
				sent += bubbles(m)
				if c.Channel == "telegram" && !stands[place(m.Ref)] {
					v.breach("row %d to %s was sent as message %s, which is not on the phone: %.40q", m.ID, c.Name, m.Ref, m.Text)
				}
			case "queued", "waiting":
				if m.NotBefore == nil || m.NotBefore.Before(r.Ledger.Now) {
					v.breach("row %d to %s waits still", m.ID, c.Name)
				}
			case "failed", "dead":
				unsent[m.Status+" "+m.Reason]++
				if !c.Refused {
					v.breach("row %d to %s is %s: %s", m.ID, c.Name, m.Status, m.Reason)
				}
			default:
				unsent[m.Status+" "+m.Reason]++
			}
		}
		if c.Channel != "telegram" {
			continue
		}
		twice += marked
		doubled += max(0, len(c.Seen)-sent)
		switch {
		case len(c.Seen) < sent:
			v.breach("%s saw %d messages, the CRM says that it sent %d", c.Name, len(c.Seen), sent)
		case len(c.Seen) > sent+marked:
			v.breach("%s saw %d messages, the CRM says that it sent %d and that %d may be duplicates: %s", c.Name, len(c.Seen), sent, marked, repeats(c.Seen))
		}
	}
	if doubled > 0 && r.Faults.Doubling == 0 {
		v.breach("%d messages were doubled although nothing happened that could double one", doubled)
	}
	v.Figures = fmt.Sprintf("%d rows, %d marked, %d seen twice after %d faults that may double", rows, twice, doubled, r.Faults.Doubling)
	for _, what := range slices.Sorted(keys(unsent)) {
		v.Figures += fmt.Sprintf(", %d %s", unsent[what], strings.TrimSpace(what))
	}
	return v
}

// repeats are the texts that stand on a phone more than once, as evidence.
func repeats(seen []Seen) string {
	count := map[string]int{}
	for _, s := range seen {
		count[s.Text]++
	}
	var list []string
	for text, n := range count {
		if n > 1 {
			list = append(list, fmt.Sprintf("%d × %.40q", n, text))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func keys[K cmp.Ordered, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// sentInOrder: what one conversation was written stands on the phone in the order of its rows. Broadcasts may be overtaken, cards
// are shown anew under their old rows, and what may be there twice stands where its second copy does.
func sentInOrder(r Record, b *book) Verdict {
	v := Verdict{Promise: "out: in order per chat"}
	compared := 0
	for _, c := range r.Chats {
		if c.Channel != "telegram" {
			continue
		}
		var last postgres.LedgerMessage
		for _, m := range b.out[c.key()] {
			if m.Status != "sent" || m.Priority != 0 || m.Twice || m.Card != "" || m.NotBefore != nil || !slices.Contains(shown, m.Kind) || place(m.Ref) == 0 {
				continue
			}
			compared++
			if place(m.Ref) < place(last.Ref) {
				v.breach("%s saw row %d (%.40q) before row %d (%.40q)", c.Name, m.ID, m.Text, last.ID, last.Text)
			}
			last = m
		}
	}
	v.Figures = fmt.Sprintf("%d rows in order", compared)
	return v
}

// onWhatsAppOnce: the phones show exactly the rows that were sent, in their order, whatever was sent again under its id.
func onWhatsAppOnce(r Record, b *book) Verdict {
	v := Verdict{Promise: "out: on WhatsApp nothing is seen twice"}
	phones, seen, copies := 0, 0, 0
	for _, c := range r.Chats {
		if c.Channel == "telegram" {
			continue
		}
		phones++
		var stand, sent []string
		unknown := 0 // may stand there: nobody knows what became of them, and then they were not wanted any more
		for _, s := range c.Seen {
			stand = append(stand, s.ID)
			copies += s.Copies - 1
			if s.Unreadable {
				v.breach("%s can't read message %s", c.Name, s.ID)
			}
		}
		for _, m := range b.out[c.key()] {
			switch {
			case !slices.Contains(shown, m.Kind):
			case m.Status == "sent":
				sent = append(sent, m.Ref)
			case m.Status == "superseded" && (m.Reason != "" || r.Faults.Doubling > 0): // also of a process that died before it could mark it
				unknown++
			}
		}
		seen += len(stand)
		if !within(sent, stand) || len(stand) > len(sent)+unknown {
			v.breach("on the phone of %s stand %v, sent were %v", c.Name, lacking(stand, sent), lacking(sent, stand))
		}
	}
	if phones == 0 {
		v.Figures = "no number took part"
		return v
	}
	v.Figures = fmt.Sprintf("%d phones, %d messages, %d sent again under their ids and shown once", phones, seen, copies)
	return v
}

// within says whether all members of a stand in b, in the same order.
func within(a, b []string) bool {
	for _, one := range b {
		if len(a) > 0 && a[0] == one {
			a = a[1:]
		}
	}
	return len(a) == 0
}

// lacking are the members of a that b has not, or all of a when only the order differs.
func lacking(a, b []string) (list []string) {
	for _, one := range a {
		if !slices.Contains(b, one) {
			list = append(list, one)
		}
	}
	if list == nil {
		return a
	}
	return list
}

// slack is how much earlier than told a call may seem to come: the wait is counted from when the answer was written.
const slack = 20 * time.Millisecond

// limitsKept: after a 429 nothing goes to that chat before retry_after is over, whichever replica sends.
func limitsKept(r Record) Verdict {
	v := Verdict{Promise: "limits: retry_after is obeyed, across restarts"}
	until := map[string]time.Time{}
	waits := 0
	for _, c := range r.Calls {
		if end := until[c.Chat]; c.At.Before(end.Add(-slack)) && c.Chat != "" && c.Method != "sendChatAction" {
			v.breach("%s to chat %s at %s, %v before the wait was over", c.Method, c.Chat, c.At.Format("15:04:05.000"), end.Sub(c.At).Round(time.Millisecond))
		}
		if c.RetryAfter > 0 {
			waits++
			until[c.Chat] = c.At.Add(c.RetryAfter)
		}
	}
	v.Figures = fmt.Sprintf("%d calls to chats, %d answered 429", len(r.Calls), waits)
	return v
}

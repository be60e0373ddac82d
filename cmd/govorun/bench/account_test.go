package bench

import "testing"

func TestWhatIsLostOrDoubledIsCounted(t *testing.T) {
	seen := played{Acknowledged: 60, Dialogs: 10, Replies: 70}
	kept := stored{Inbound: 60, Deals: 10, Talks: 10, Whole: 10, Written: 70}
	tests := []struct {
		name          string
		change        func(*played, *stored)
		lost, doubled int
	}{
		{"all is well", func(*played, *stored) {}, 0, 0},
		{"an acknowledged message is not stored", func(_ *played, s *stored) { s.Inbound-- }, 1, 0},
		{"a dialog has no deal", func(_ *played, s *stored) { s.Deals--; s.Talks--; s.Whole-- }, 1, 0},
		{"a deal lacks what was said", func(_ *played, s *stored) { s.Whole-- }, 1, 0},
		{"a dialog has two deals", func(_ *played, s *stored) { s.Deals++ }, 0, 1},
		{"a reply was written and never came", func(p *played, _ *stored) { p.Replies-- }, 1, 0},
		{"a reply came twice: unexpected and above what was written, counted once", func(p *played, _ *stored) { p.Replies++; p.Unexpected++ }, 0, 1},
		{"a reply came twice where two were expected", func(p *played, _ *stored) { p.Replies++ }, 0, 1},
		{"no answer in time", func(p *played, _ *stored) { p.Unanswered++ }, 1, 0},
		{"a message is still marked as queued", func(_ *played, s *stored) { s.Queued++ }, 1, 0},
		{"a message was stored twice", func(_ *played, s *stored) { s.Inbound++ }, 0, 1},
	}
	for _, test := range tests {
		p, s := seen, kept
		test.change(&p, &s)
		if l, d := lost(p, s), doubled(p, s); l != test.lost || d != test.doubled {
			t.Errorf("%s: lost %d, doubled %d, want %d and %d", test.name, l, d, test.lost, test.doubled)
		}
	}
}

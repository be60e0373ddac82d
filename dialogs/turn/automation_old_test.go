package turn_test

import (
	"testing"
	"time"
)

func TestM05_ARestoredBackupRemindsNobodyOfYesterdayAndGoesOn(t *testing.T) {
	for _, c := range []struct {
		overdue string
		said    int
	}{{"23 hours", 1}, {"25 hours", 0}} {
		h := newProvider(t)
		h.talking(olga, "Lenin street 5")
		h.exec(`UPDATE timers SET due_at = now() - $1::interval WHERE kind = 'remind'`, c.overdue)
		h.fires()
		if n := h.reminders(); n != c.said {
			t.Errorf("%s overdue: %d reminders, want %d", c.overdue, n, c.said)
		}
		if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND status = 'skipped' AND reason = 'too_old'`); n != 1-c.said {
			t.Errorf("%s overdue: %d reminders are held for their age", c.overdue, n)
		}
		if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND status = 'waiting' AND step = 1`); n != 1 {
			t.Errorf("%s overdue: the next reminder waits %d times", c.overdue, n)
		}
		h.later(25 * time.Hour)
		if n := h.reminders(); n != c.said+1 {
			t.Errorf("%s overdue: %d reminders a day later", c.overdue, n)
		}
	}
}

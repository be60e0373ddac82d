package turn_test

import (
	"testing"
	"time"
)

func TestAMissedCallOfAStrangerOpensADealAndItsManagerIsToCallBack(t *testing.T) {
	h := newIntake(t)
	h.accept(h.ring("1", "+77071234567", ""))
	for sql, want := range map[string]int{
		`SELECT count(*) FROM calls WHERE status = 'missed' AND phone = '+77071234567' AND contact_id IS NOT NULL`:         1,
		`SELECT count(*) FROM deals WHERE pipeline = 'drivers' AND source = 'call' AND (fields->>'missed_calls')::int = 1`: 1,
		`SELECT count(*) FROM tasks WHERE done_at IS NULL`:                                                                 1,
		`SELECT count(*) FROM events WHERE kind = 'call_missed'`:                                                           1,
	} {
		if n := h.count(sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
}

func TestARedeliveredCallCountsOnce(t *testing.T) {
	h := newIntake(t)
	for range 3 {
		h.accept(h.ring("1", "+77071234567", ""))
	}
	elsewhere := h.ring("1", "+77071234567", "")
	elsewhere.Key = "c:other" // the exchange's own id decides
	h.accept(elsewhere)
	if n := h.count(`SELECT (fields->>'missed_calls')::int FROM deals`); n != 1 {
		t.Errorf("%d missed calls", n)
	}
	if n := h.count(`SELECT count(*) FROM calls`) + h.count(`SELECT count(*) FROM tasks`); n != 2 {
		t.Errorf("%d calls and tasks", n)
	}
}

func TestASecondMissedCallGoesToTheNextManagerAndAnAnsweredOneEndsTheCount(t *testing.T) {
	h := newIntake(t)
	h.accept(form("k1", map[string]string{"phone": "+77071234567", "city": "Алматы"}))
	h.accept(h.ring("1", "+77071234567", ""))
	h.accept(h.ring("2", "+77071234567", ""))
	if n := h.count(`SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
	h.says(erlan, "it is yours")
	h.accept(h.ring("3", "+77071234567", "+77010000001"))
	if n := h.count(`SELECT count(*) FROM deals WHERE fields ? 'missed_calls'`); n != 0 {
		t.Error("missed calls still count after an answer")
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'call_answered' AND author = 'employee' AND employee_id = 2 AND deal_id IS NOT NULL`); n != 1 {
		t.Errorf("%d lines of the answered call", n)
	}
	h.accept(h.ring("4", "+77071234567", ""))
	if n := h.count(`SELECT (fields->>'missed_calls')::int FROM deals`); n != 1 {
		t.Errorf("%d missed calls after an answered one", n)
	}
}

func TestCallsOfHiddenNumbersOldOnesAndOursAreRecordedAndNothingFollows(t *testing.T) {
	h := newIntake(t)
	hidden := h.ring("1", "", "")
	hidden.Address.Chat, hidden.From.ID = "hidden", "hidden"
	h.accept(hidden)
	old := h.ring("2", "+77071234567", "")
	old.Call.At = old.Call.At.Add(-30 * time.Hour)
	h.accept(old)
	ours := h.ring("3", "+77071234568", "")
	ours.Call.Out = true
	h.accept(ours)
	if n := h.count(`SELECT count(*) FROM calls`); n != 3 {
		t.Errorf("%d calls", n)
	}
	if n := h.count(`SELECT count(*) FROM deals`) + h.count(`SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d deals and tasks", n)
	}
}

func TestARuleTellsAHookInTheSameTransaction(t *testing.T) {
	h := newIntake(t)
	h.accept(form("k1", map[string]string{"phone": "+77071234567", "city": "Алматы"}))
	h.press(aliya, "Drives")
	if n := h.count(`SELECT count(*) FROM hook_calls WHERE hook = 'books' AND status = 'queued' AND data->>'phone' = '+77071234567'
		AND (data->>'number')::bigint = deal_id`); n != 1 {
		t.Errorf("%d calls of the hook", n)
	}
}

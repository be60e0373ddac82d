package dialogs

import "time"

// maxUnheard is how many timeouts may fire in a row while a person says nothing. Kits have five at most; more are states that lead into each
// other by timeouts, which would write to somebody for ever.
const maxUnheard = 30

// timeout fires the state's next timeout when it is due. One that comes too early, or after all is over, does nothing.
func (t *step) timeout() {
	due := t.due()
	if due.IsZero() || t.now.Before(due) || t.err != nil {
		return
	}
	st := t.state()
	timeout := &st.Timeouts[t.s.Timeout]
	if t.tooLate() {
		return
	}
	t.s.Timeout++
	t.s.Unheard++
	t.s.Pending, t.s.Switch = "", nil
	t.act(timeout.Do)
	if timeout.To != "" {
		if timeout.Say != "" {
			t.say(timeout.Say, st.Args, "")
		}
		t.enter(t.move(st, timeout.To))
		return
	}
	t.s.Asked = t.now
	if timeout.Say != "" && t.err == nil {
		t.say(timeout.Say, st.Args, "")
		t.prompt(st)
	}
}

// due is when the session's timer fires next, zero for never.
func (t *step) due() time.Time {
	st := t.state()
	if st == nil || t.s.Dialog == "" || t.s.Unheard >= maxUnheard || t.s.Timeout >= len(st.Timeouts) {
		return time.Time{}
	}
	timeout := &st.Timeouts[t.s.Timeout]
	at := t.s.Asked.Add(timeout.After)
	if timeout.Daytime {
		at = daytime(at.In(t.now.Location()))
	}
	return at
}

// daytime moves a time of the night to the morning after it, in its own zone.
func daytime(at time.Time) time.Time {
	day := at
	switch {
	case at.Hour() >= nightBegin:
		day = at.AddDate(0, 0, 1)
	case at.Hour() >= nightEnd:
		return at
	}
	return time.Date(day.Year(), day.Month(), day.Day(), nightEnd, 0, 0, 0, at.Location())
}

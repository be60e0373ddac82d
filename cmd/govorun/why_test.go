package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// provider is a kit whose deals act by themselves.
const provider = "../../dialogs/turn/testdata/provider"

// office is a world of that kit, in which Mia has a deal of which only robots know.
func office(t *testing.T) *world {
	w := newWorld(t)
	w.env = append(w.env, "GOVORUN_KIT="+provider)
	w.exec(`INSERT INTO employees (id, name, role, city) VALUES (901, 'Mia', 'manager', 'Moscow')`)
	w.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id, robot_touches, human_at, entered_at) VALUES
		(5512, 'connection', 'new', 'open', 'Lenin street 1', 901, 6, now() - interval '20 days', now() - interval '20 days')`)
	w.exec(`INSERT INTO events (at, kind, author, employee_id, deal_id, data) VALUES (now() - interval '20 days', 'deal_opened', 'employee', 901, 5512, '{"pipeline": "connection", "stage": "new"}'),
		(now(), 'comment', 'bot', NULL, 5512, '{"text": "stuck", "cause": ["rule:stuck"]}'), (now(), 'duplicate_refused', 'employee', 901, 5512, '{}')`)
	w.exec(`INSERT INTO points (employee_id, deal_id, points, reason) VALUES (901, 5512, -3, 'rating.stuck')`)
	return w
}

func TestTheBackOfficeIsExplainedInTheTerminal(t *testing.T) {
	t.Parallel()
	w := office(t)
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"why", "5512"}, exitOK, []string{"opened: New · Mia", "stuck (rule stuck)"}},
		{[]string{"why", "№5512", "--lang", "en"}, exitOK, []string{"opened: New"}},
		{[]string{"why", "5512", "--lang", "xx"}, exitTrouble, []string{"does not speak"}},
		{[]string{"why", "77"}, exitTrouble, []string{"there is no deal 77"}},
		{[]string{"why", "abc"}, exitUsage, []string{`"abc" is no number of a deal`}},
		{[]string{"why", "--help"}, exitOK, []string{"govorun why 5512 --lang en"}},
		{[]string{"rules"}, exitOK, []string{"stuck", "idle in connection.new for 2d", "always"}},
		{[]string{"rules", "explain", "5512"}, exitOK, []string{"Deal 5512 “Lenin street 1” stands on connection.new (open)", "would fire", "comment “stuck”", "rate -1: rating.stuck", "no: it is about another pipeline"}},
		{[]string{"rules", "explain", "77"}, exitTrouble, []string{"there is no deal 77"}},
		{[]string{"rules", "--help"}, exitOK, []string{"govorun rules explain 5512"}},
		{[]string{"report", "parked"}, exitOK, []string{"Mia", "connection.new", "Lenin street 1"}},
		{[]string{"report", "parked", "--touches", "7"}, exitOK, []string{"Nothing is parked"}},
		{[]string{"report", "parked", "--idle", "30d"}, exitOK, []string{"Nothing is parked", "within 30d"}},
		{[]string{"report", "parked", "--idle", "long"}, exitUsage, []string{"write it as 7d or 36h"}},
		{[]string{"report", "duplicates"}, exitOK, []string{"901", "Mia"}},
		{[]string{"report", "rating"}, exitOK, []string{"Mia", "-3"}},
		{[]string{"report", "--help"}, exitOK, []string{"--idle 14d"}},
	} {
		out, code := runOnce(t, w.env, c.args...)
		if code != c.code {
			t.Errorf("%v: exit %d, printed:\n%s", c.args, code, out)
		}
		for _, part := range c.says {
			if !strings.Contains(out, part) {
				t.Errorf("%v lacks %q:\n%s", c.args, part, out)
			}
		}
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'comment'`); n != 1 {
		t.Error("explaining a rule has done something")
	}
}

func TestAProgramRefusesAKitThatWouldLoseDealsAndSetsTimersForThoseThatStand(t *testing.T) {
	t.Parallel()
	w := office(t)
	w.exec(`INSERT INTO deals (pipeline, stage, status, title) SELECT 'sales', 'thinking', 'open', 'Deal' FROM generate_series(1, 3)`)
	out, code := runOnce(t, w.env, "serve")
	if code != exitTrouble || !strings.Contains(out, "3 open deals stand on sales.thinking") || !strings.Contains(out, "was: {thinking: new}") {
		t.Errorf("exit %d, printed:\n%s", code, out)
	}
	w.exec(`DELETE FROM deals WHERE stage = 'thinking'`)
	w.serve().ready()
	w.becomes(1, `SELECT count(*) FROM timers WHERE deal_id = 5512 AND rule = 'stuck' AND status = 'fired'`)
	w.becomes(1, `SELECT count(*) FROM timers WHERE rule = 'digest.parked' AND status = 'waiting'`)
}

func TestTheWholeBusinessIsDrawnAndGeneratedDialogsAreNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, code := runOnce(t, nil, "graph", provider, "-o", dir)
	if code != exitOK || !strings.Contains(out, "business.svg") || !strings.Contains(out, "pipeline-sales.svg") || strings.Contains(out, "demand") {
		t.Errorf("exit %d, printed:\n%s", code, out)
	}
	if picture, err := os.ReadFile(dir + "/business.svg"); err != nil || !strings.Contains(string(picture), "Connection") {
		t.Errorf("the business is not drawn: %v", err)
	}
}

func TestALengthOfTimeIsReadInDaysAndSaidInThem(t *testing.T) {
	for text, want := range map[string]string{"7d": "7d", "36h": "36h", "48h": "2d", "90m": "1h30m"} {
		var s span
		if err := s.UnmarshalText([]byte(text)); err != nil || duration(time.Duration(s)) != want {
			t.Errorf("%s is %s, %v", text, duration(time.Duration(s)), err)
		}
	}
	for _, wrong := range []string{"", "7", "-1h", "week", "99999d"} {
		var s span
		if err := s.UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%q is read as %v", wrong, time.Duration(s))
		}
	}
}

package turn

import (
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff"
)

// The tour teaches a newcomer in two minutes: a made-up job is taken, moved and done, then the commands are tried on the real ones.
// Where somebody stands is kept in the session of their talk, so it outlives the program; what the steps are follows from the kit.

// Where a newcomer stands in the tour. From tourBegun on, each number is a step.
const (
	tourOver    = -1
	tourUnseen  = 0
	tourOffered = 1
	tourBegun   = 2
)

// tourMark begins the data of the tour's buttons: g:STEP:WHAT, where WHAT is one of the words below or an action of the practice card.
const (
	tourMark = "g:"
	tourNext = "next"
	tourEnd  = "end"
	tourCard = "a."
)

// tourCommands are tried on the real jobs, in this order, after the practice: what is saved is the list of one's own jobs.
func tourCommands() []string { return []string{"find", "my", "save"} }

// offerTour greets an employee who comes for the first time, or who left the tour half-way.
func (g *group) offerTour(t *postgres.Turn) (offered bool, err error) {
	s, err := g.session(t.Talk)
	if err != nil || t.Talk.Group || s.Tour == tourOver {
		return false, err
	}
	lang := g.lang(t)
	s.Tour = max(s.Tour, tourOffered)
	g.touch(t.Talk)
	begin := "tour.begin"
	if s.Tour >= tourBegun {
		begin = "tour.go_on"
	}
	text := g.text(lang, "tour.greeting", map[string]any{"name": html.EscapeString(t.Employee.Name), "role": g.roleName(t.Employee.Role, lang)})
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text, Buttons: [][]crm.Button{{g.tourButton(lang, begin, s.Tour, tourNext), g.tourButton(lang, "tour.skip", s.Tour, tourEnd)}}})
	return true, err
}

// tour begins the tour, however often.
func (g *group) tour(t *postgres.Turn) error {
	return g.tourTo(t, tourBegun, false)
}

// tourPress does what a button of the tour says. It knows no deal, so nothing it is sent can reach one.
func (g *group) tourPress(t *postgres.Turn, parts []string) (toast string, err error) {
	lang := g.lang(t)
	s, err := g.session(t.Talk)
	if err != nil {
		return "", err
	}
	step, what := 0, ""
	if len(parts) == 3 {
		step, _ = strconv.Atoi(parts[1])
		what = parts[2]
	}
	switch {
	case t.Talk.Group || step < tourOffered || s.Tour < tourOffered || step > s.Tour:
		return g.text(lang, "grammar.stale", nil), nil
	case step < s.Tour:
		return g.text(lang, "grammar.already_done", nil), nil
	}
	action, practised := strings.CutPrefix(what, tourCard)
	switch {
	case what == tourEnd:
		return "", g.tourTo(t, tourOver, true)
	case what == tourNext && step == tourOffered:
		return "", g.tourTo(t, tourBegun, true)
	case what == tourNext:
		return "", g.tourTo(t, step+1, true)
	case practised:
		return g.practise(t, step, action)
	}
	return g.text(lang, "grammar.stale", nil), nil
}

// practise answers a press of the practice card.
func (g *group) practise(t *postgres.Turn, step int, action string) (toast string, err error) {
	lang := g.lang(t)
	p := g.practice(t)
	n := step - tourBegun
	if n < 0 || n >= len(p.Presses) {
		return g.text(lang, "grammar.stale", nil), nil
	}
	if p.Presses[n] != action {
		_, _, next, err := p.Render(g.Kit, n, g.viewer(t))
		return html.UnescapeString(g.text(lang, "tour.other_button", map[string]any{"button": next})), err
	}
	toast = html.UnescapeString(g.text(lang, "tour.well", nil))
	return toast, g.tourTo(t, step+1, true)
}

// tourHeard goes on when the employee has used the command that the tour asked for.
func (g *group) tourHeard(t *postgres.Turn, command string) error {
	s, err := g.session(t.Talk)
	if err != nil || s.Tour < tourBegun || t.Talk.Group {
		return err
	}
	n, commands := s.Tour-tourBegun-len(g.practice(t).Presses), tourCommands()
	if n < 0 || n >= len(commands) || commands[n] != command {
		return nil
	}
	return g.tourTo(t, s.Tour+1, false)
}

// practice is the made-up job of an employee, the same whenever it is asked for.
func (g *group) practice(t *postgres.Turn) staff.Practice {
	lang := g.lang(t)
	return staff.NewPractice(g.Kit, g.viewer(t), func(key string) string { return html.UnescapeString(g.text(lang, key, nil)) })
}

func (g *group) viewer(t *postgres.Turn) staff.Viewer {
	return staff.Viewer{Me: *t.Employee, Now: g.now, Lang: g.lang(t)}
}

func (g *group) tourButton(lang, key string, step int, what string) crm.Button {
	return crm.Button{Text: html.UnescapeString(g.text(lang, key, nil)), Data: tourMark + strconv.Itoa(step) + ":" + what}
}

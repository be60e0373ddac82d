package dialogs

import (
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"
)

// What a kind of visits has when it says nothing, and its bounds: people choose among days and times on a phone.
const (
	usualStep   = 30 * time.Minute
	usualNotice = time.Hour
	usualDays   = 14
	mostDays    = 60
	leastStep   = 10 * time.Minute
	longestStay = 12 * time.Hour
	usualField  = "visit"
)

func visitShape() *shape {
	return anObject("a kind of visit", "Visits that crews make.",
		must("text", aTextKey("the text key of its name")),
		must("pipeline", aText("“pipeline” of a visit", "the pipeline of the deals for which visits are made")),
		may("stage", aText("“stage” of a visit", "the stage to which a deal goes when its visit is booked")),
		must("role", aText("“role” of a visit", "whose members make the visits: crews in which somebody has it, and those who are in no crew")),
		may("lead", aText("“lead” of a visit", "whose member answers for a crew and hears of its visits; without one its first member of “role” does")),
		must("length", aPeriod("“length”", "how long a visit takes")),
		may("travel", aPeriod("“travel”", "the way to the next visit")),
		may("step", aPeriod("“step”", "visits begin on this grid; 30m when absent")),
		may("notice", aPeriod("“notice”", "how soon a visit may begin; 1h when absent")),
		may("ahead", aPeriod("“ahead”", "how far ahead visits are booked; 14d when absent")),
		may("hours", mapOf("“hours” of a visit", "when crews work, by day; the kit's when absent", aText("the hours of a day", "\"09:00-18:00\""))),
		may("city", anExpr("where it is; deal.city when absent")),
		may("skill", anExpr("what somebody of the crew must be able to do")),
		may("remind", listOf("“remind” of a visit", aPeriod("a reminder", "how long before the visit the customer is reminded"))),
		may("field", aText("“field” of a visit", "the field of the deal that bears the time; visit when absent")),
		may("code", aFlag("“code”", "the visitor gets a code and shows it when they come")),
		may("ask", aTextKey("the text key of the question for the time")),
		may("customer", aTextKey("the text key of what the customer is told of a visit, below its time")),
		may("crew", aTextKey("the text key of what the crew is told of a visit, below its time")))
}

// visitTexts is what texts about a visit may show.
func visitTexts() exprEnv {
	env := ruleTexts()
	env["visit"] = member{members: exprEnv{"when": textMember, "day": textMember, "time": textMember, "until": textMember, "kind": textMember, "address": textMember, "code": textMember}}
	env["crew"] = member{members: exprEnv{"name": textMember, "foreman": textMember, "contact": textMember}}
	return env
}

func (r *reader) visits(n *yaml.Node) {
	for key, node := range pairs(n) {
		s := pipelineScope("visit “" + key.Value + "”")
		r.declare(key, useVisit, "", key.Value)
		told := scope{who: s.who, shown: visitTexts()}
		v := &Visit{
			Name: r.name(key, "a kind of visit"), Key: r.text(child(node, "text"), scope{who: s.who}),
			Pipeline: r.use(child(node, "pipeline"), usePipeline, "", s.who+" is for deals of pipeline"),
			Role:     r.use(child(node, "role"), useRole, "", s.who+" is made by role"),
			Length:   spanOf(child(node, "length")), Travel: spanOf(child(node, "travel")), Step: usualStep, Notice: usualNotice, Days: usualDays,
			City: r.expression(child(node, "city"), s), Skill: r.expression(child(node, "skill"), s), Field: usualField,
			Code: isTrue(child(node, "code")), Ask: "visit.ask", Customer: "visit.customer", Crew: "visit.crew",
		}
		if v.City == nil {
			v.City, _ = compileExpr("deal.city", s.env, false)
		}
		v.Lead = r.use(child(node, "lead"), useRole, "", s.who+" is led by role")
		v.Stage = r.use(child(node, "stage"), useStage, v.Pipeline, s.who+" moves the deal to stage")
		if field := child(node, "field"); field != nil {
			v.Field = r.name(field, "a field")
		}
		r.changed[v.Field] = true
		for name, key := range map[string]*string{"ask": &v.Ask, "customer": &v.Customer, "crew": &v.Crew} {
			if text := child(node, name); text != nil {
				*key = r.text(text, told)
			}
		}
		if hours := child(node, "hours"); hours != nil {
			read := r.week(hours)
			v.Hours = &read
		}
		r.visitSpans(node, v, s)
		r.draft.kit.Visits[v.Name] = v
	}
}

// visitSpans reads how long, how often and how soon.
func (r *reader) visitSpans(n *yaml.Node, v *Visit, s scope) {
	if step := child(n, "step"); step != nil {
		v.Step = spanOf(step)
	}
	if notice := child(n, "notice"); notice != nil {
		v.Notice = spanOf(notice)
	}
	if ahead := child(n, "ahead"); ahead != nil {
		v.Days = int(spanOf(ahead) / (24 * time.Hour))
	}
	if !r.fits {
		return
	}
	switch {
	case v.Length <= 0 || v.Length > longestStay || v.Length%time.Minute != 0:
		r.report(child(n, "length"), "Write a time such as 2h, at most 12h.", "%s takes %s", s.who, v.Length)
	case v.Travel < 0 || v.Travel > longestStay:
		r.report(child(n, "travel"), "Write a time such as 30m.", "%s has a way of %s to the next one", s.who, v.Travel)
	case v.Step < leastStep || v.Step > 24*time.Hour || v.Step%time.Minute != 0:
		r.report(child(n, "step"), "Write a time from 10m to 24h.", "%s begins every %s", s.who, v.Step)
	case v.Notice < 0:
		r.report(child(n, "notice"), "Write a time such as 3h.", "%s may begin %s from now", s.who, v.Notice)
	case v.Days < 1 || v.Days > mostDays:
		r.report(child(n, "ahead"), "Write days, from 1d to 60d.", "%s is booked %s ahead", s.who, scalar(child(n, "ahead")))
	case v.Hours == nil && r.draft.kit.Hours == (Hours{}):
		r.report(n, "Add “hours: {mon-fri: \"09:00-18:00\"}” here or to kit.yaml.", "%s is made at any hour of the night: nobody says when crews work", s.who)
	}
	r.visitReminders(child(n, "remind"), v, s)
}

func (r *reader) visitReminders(n *yaml.Node, v *Visit, s scope) {
	for _, item := range elements(n) {
		before := spanOf(item)
		if before <= 0 || slices.Contains(v.Remind, before) {
			r.report(item, "Write different times such as 24h and 2h.", "%s reminds %s before", s.who, scalar(item))
		}
		v.Remind = append(v.Remind, before)
	}
	if most := r.draft.kit.Reminders; len(v.Remind) > most {
		r.report(n, "Leave some out, or raise “reminders” in kit.yaml (to 5 at most).", "%s sends %d reminders, the kit allows %d", s.who, len(v.Remind), most)
	}
	slices.SortFunc(v.Remind, func(a, b time.Duration) int { return int(b - a) })
}

// parseDays reads "mon" or "mon-fri".
func parseDays(s string) (from, to int, ok bool) {
	first, last, ranged := strings.Cut(s, "-")
	if !ranged {
		last = first
	}
	from, to = slices.Index(weekdays, first), slices.Index(weekdays, last)
	return from, to, from >= 0 && to >= 0
}

// addVisits adds the dialog in which a visit is booked or moved, for every kind of them.
func (d *draft) addVisits() {
	for _, name := range sortedKeys(d.kit.Visits) {
		dialog := visitPrefix + name
		d.addDemand("dialogs/"+dialog+".yaml", "dialog: "+dialog+"\nstart: when\nslots:\n  when: {type: window, visit: "+name+"}\nstates:\n"+
			"  when: {ask: "+d.kit.Visits[name].Ask+", slot: when, edit: true, next: booked}\n"+
			"  booked: {do: [{book: when}], end: done}\n")
	}
}

// checkVisits reports slots that are booked and are no times of visits.
func (d *draft) checkVisits() {
	for _, a := range d.acts {
		definition := d.kit.Dialogs[a.dialog]
		if a.action.Book == "" || definition == nil || definition.Slots[a.action.Book] == nil {
			continue
		}
		if sl := definition.Slots[a.action.Book]; sl.Type != "window" {
			d.add(a.place, "Name a slot of type window.", "%s books slot “%s”, which is of type %s", a.who, sl.Name, sl.Type)
		}
	}
}

package dialogs

import (
	"fmt"
	"math"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm"
)

func (r *reader) assign(n *yaml.Node, s scope) *Assign {
	a := &Assign{
		Role: r.use(child(n, "role"), useRole, "", s.who+" gives deals to role"),
		City: r.expression(child(n, "city"), s), Skill: r.expression(child(n, "skill"), s), Source: r.expression(child(n, "source"), s),
		Pick: crm.Pick(scalar(child(n, "pick"))), Cap: r.whole(child(n, "cap"), s.who+" has the cap"), Within: spanOf(child(n, "within")),
		Head: r.use(child(n, "head"), useRole, "", s.who+" falls back to role"),
	}
	if a.Pick == "" {
		a.Pick = crm.PickLoad
	}
	if a.Cap < 0 {
		r.report(child(n, "cap"), "Write how many open deals a person may have.", "%s has the cap %d", s.who, a.Cap)
	}
	if within := child(n, "within"); within != nil && a.Within <= 0 && r.fits {
		r.report(within, "Write a time such as 15m.", "%s wants deals to be taken within %s", s.who, a.Within)
	}
	if a.Head == "" {
		r.escalates(n, s.who)
	}
	return a
}

// escalates notes that something goes to the kit's head.
func (r *reader) escalates(n *yaml.Node, who string) {
	if _, known := r.declared["escalates  "]; !known {
		r.declare(n, "escalates", "", "")
		r.escalating = who
	}
}

func (r *reader) rate(n *yaml.Node, s scope) *Rate {
	rate := &Rate{Who: scalar(child(n, "who")), Points: r.whole(child(n, "points"), s.who+" gives points:"), Reason: r.text(child(n, "reason"), s)}
	if rate.Points == 0 && r.fits {
		r.report(n, "Write how many: 1, or -2 to take them.", "%s rates with no points", s.who)
	}
	return rate
}

func (r *reader) task(n *yaml.Node, s scope) *Task {
	if n == nil {
		return nil
	}
	task := &Task{
		Role: r.use(child(n, "role"), useRole, "", s.who+" gives a task to role"), To: crm.Recipient(scalar(child(n, "to"))),
		Title: r.text(child(n, "title"), s), Due: spanOf(child(n, "due")),
		Points: r.whole(child(n, "points"), s.who+" has a task with points:"), Card: r.use(child(n, "card"), useCard, "", s.who+" shows card"),
	}
	switch {
	case task.Role == "" && task.To == "" && r.fits:
		r.report(n, "Add “role: …” or “to: owner”.", "%s gives a task to nobody", s.who)
	case task.Points > 0:
		r.report(child(n, "points"), fmt.Sprintf("Write %d: they are taken when the task is overdue.", -task.Points), "%s gives points for a task that is overdue", s.who)
	case task.Points < 0 && task.Due <= 0 && r.fits:
		r.report(n, "Add “due: 1d”.", "%s has a task that takes points and is never due", s.who)
	}
	if task.To != "" && task.Role == "" || task.Points < 0 {
		r.escalates(n, s.who)
	}
	return task
}

func (r *reader) remind(n *yaml.Node, s scope) *Remind {
	kit := r.draft.kit
	remind := &Remind{
		Name: r.reminderName(s), Text: r.text(child(n, "text"), s), After: spanOf(child(n, "after")), Every: spanOf(child(n, "every")),
		Max: kit.Reminders, Task: r.task(child(n, "task"), s),
	}
	if most := child(n, "max"); most != nil {
		remind.Max = r.whole(most, s.who+" reminds so often:")
		if remind.Max > kit.Reminders {
			r.report(most, fmt.Sprintf("Write %d, or raise “reminders” in kit.yaml (to 5 at most).", kit.Reminders), "%s sends %d reminders, the kit allows %d", s.who, remind.Max, kit.Reminders)
		} else if remind.Max <= 0 && r.fits {
			r.report(most, "Write 1 or 2, or remove the action.", "%s sends no reminders", s.who)
		}
	}
	if remind.Every == 0 {
		remind.Every = remind.After
	}
	if (remind.After <= 0 || remind.Every <= 0) && r.fits {
		r.report(n, "Write times such as 24h.", "%s reminds after %s, then every %s", s.who, remind.After, remind.Every)
	}
	remind.Advert = scalar(child(n, "advert")) == "true"
	kit.reminders[remind.Name] = remind
	return remind
}

// reminderName is the first free one of forgotten/1, forgotten/2 …
func (r *reader) reminderName(s scope) string {
	for i := 1; ; i++ {
		name := fmt.Sprintf("%s/%d", s.path, i)
		if r.draft.kit.reminders[name] == nil {
			return name
		}
	}
}

// whole reads a whole number, 0 when there is none.
func (r *reader) whole(n *yaml.Node, by string) int {
	f := numberOf(n)
	if f != math.Trunc(f) || math.Abs(f) > 1e6 {
		r.report(n, "Write a whole number.", "%s %s", by, scalar(n))
	}
	return int(f)
}

package dialogs

import (
	"slices"
	"strconv"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm/guard"
)

// callDue is how long somebody has to call whom robots may not write to any more, when the kit doesn't say.
const callDue = 4 * time.Hour

// Guard is what a kit says of messages that robots write by themselves from a number that may be banned: bounds lower than the product's own,
// and who calls instead. Role is the kit's head when it names none.
type Guard struct {
	Policy guard.Policy // zero: the product's own
	Role   string
	Due    time.Duration
	Points int // below zero, taken when the call is overdue
}

func guardShape() *shape {
	return anObject("“guard”", "How much robots write by themselves from a number that may be banned (WhatsApp): every value lowers what the product allows, none raises it.",
		may("hour", aNumber("“hour”", "messages within any hour; the product's own bound grows with the number's age up to 40")),
		may("day", aNumber("“day”", "messages within any 24 hours; the product's own bound grows up to 200")),
		may("same", aNumber("“same”", "people who get the same words within an hour; 20 when absent")),
		may("unanswered", aNumber("“unanswered”", "messages in a row without a word of the person; 2 when absent, or 1")),
		may("gap", aPeriod("“gap”", "time between two of them over all chats; 20s when absent, or longer")),
		may("call", anObject("“call” of “guard”", "The task to call somebody instead: the deal's owner has it.",
			may("role", aText("“role”", "who has it when nobody owns the deal; the head when absent")),
			may("due", aPeriod("“due”", "how long it may take; 4h when absent")),
			may("points", aNumber("“points”", "below zero: taken from whoever has it when it is overdue")))))
}

// guard reads the bounds of the kit.
func (r *reader) guard(n *yaml.Node) {
	kit, node := r.draft.kit, child(n, "guard")
	kit.Guard = Guard{Role: kit.Head, Due: callDue}
	if node == nil {
		return
	}
	own := guard.Default()
	p := &kit.Guard.Policy
	for _, bound := range []struct {
		name string
		to   *int
		most int
	}{{"hour", &p.Hour, guard.HardHour}, {"day", &p.Day, guard.HardDay}, {"same", &p.Same, own.Same}, {"unanswered", &p.Unanswered, own.Unanswered}} {
		value := child(node, bound.name)
		if value == nil || !r.fits {
			continue
		}
		*bound.to = int(numberOf(value))
		if float64(*bound.to) != numberOf(value) || *bound.to < 1 || *bound.to > bound.most {
			r.report(value, "Write a whole number from 1 to "+strconv.Itoa(bound.most)+": the guard is there so that no number is banned.", "guard “%s” can't be %s", bound.name, scalar(value))
		}
	}
	if gap := child(node, "gap"); gap != nil && r.fits {
		if p.Gap = spanOf(gap); p.Gap < own.Gap {
			r.report(gap, "Write "+own.Gap.String()+" or longer.", "guard “gap” can't be %s", scalar(gap))
		}
	}
	r.guardCall(child(node, "call"))
}

// guardCall reads who calls instead of a robot.
func (r *reader) guardCall(n *yaml.Node) {
	to := &r.draft.kit.Guard
	if role := child(n, "role"); role != nil {
		to.Role = r.use(role, useRole, "", "the guard's calls go to role")
	}
	if due := child(n, "due"); due != nil {
		to.Due = spanOf(due)
	}
	if points := child(n, "points"); points != nil && r.fits {
		to.Points = r.whole(points, "the guard's calls have points:")
		if to.Points > 0 {
			r.report(points, "Write "+strconv.Itoa(-to.Points)+": they are taken when the call is overdue.", "the guard gives points for a call that is overdue")
		}
	}
}

// CallTitles are the titles of the tasks by which the kit has people called whom reminders don't move, as far as they are the same for every deal.
func (k *Kit) CallTitles() (titles []string) {
	for _, name := range sortedKeys(k.reminders) {
		task := k.reminders[name].Task
		if task == nil {
			continue
		}
		if title, err := k.Texts.Text(k.Languages[0], task.Title, nil); err == nil && !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	return titles
}

package dialogs

import (
	"time"

	yaml "go.yaml.in/yaml/v4"
)

// What a kit has when it says nothing.
const (
	quietFrom      = 22 * 60 // minutes since midnight
	quietTo        = 9 * 60
	usualReminders = 2
	mostReminders  = 5 // more has cost businesses their numbers
)

// work reads when people and robots work, and where.
func (r *reader) work(n *yaml.Node) {
	kit := r.draft.kit
	if quiet := child(n, "quiet"); quiet != nil {
		from, to, ok := parseSpan(scalar(quiet))
		if from, to = from%(24*60), to%(24*60); !ok || from == to {
			r.report(quiet, "Write \"22:00-09:00\", in quotes.", "“%s” are no quiet hours", scalar(quiet))
		} else {
			kit.Silence = Silence{from, to}
		}
	}
	if reminders := child(n, "reminders"); reminders != nil && r.fits {
		kit.Reminders = int(numberOf(reminders))
		if kit.Reminders < 0 || kit.Reminders > mostReminders || float64(kit.Reminders) != numberOf(reminders) {
			r.report(reminders, "Write a whole number from 0 to 5: who isn't answered is called by a person.", "a robot can't send %s reminders", scalar(reminders))
		}
	}
	for _, item := range elements(child(n, "holidays")) {
		day, err := time.Parse(time.DateOnly, scalar(item))
		switch {
		case err != nil:
			r.report(item, "Write year, month and day: 2026-12-31.", "“%s” is no day", scalar(item))
		case kit.Holidays[scalar(item)]:
			r.report(item, "Remove one of them.", "the holiday %s is named twice", scalar(item))
		default:
			kit.Holidays[day.Format(time.DateOnly)] = true
		}
	}
	kit.Polls = scalar(child(child(n, "whatsapp"), "polls")) == "true"
	r.cities(child(n, "cities"))
	r.sources(child(n, "sources"))
	r.reports(child(n, "reports"))
	kit.Head = r.use(child(n, "head"), useRole, "", "what nobody takes goes to role")
}

// zone reads the name of a time zone; nil when there is none of that name.
func (r *reader) zone(n *yaml.Node) *time.Location {
	zone, err := time.LoadLocation(scalar(n))
	if err != nil || scalar(n) == "Local" {
		r.report(n, "Write a name such as Europe/Moscow or Asia/Almaty.", "there is no time zone “%s”", scalar(n))
		return nil
	}
	return zone
}

package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"govorun/dialogs/kits"
)

// Real kits wait for days and are quiet at night. A run takes minutes, so each company has a copy of its kit in which days are seconds,
// everybody works at any hour and takes any number of deals, and the quiet hours are half a day away, or now until a given moment.

var (
	quietLine   = regexp.MustCompile(`(?m)^quiet:.*$`)
	hoursLine   = regexp.MustCompile(`(?m)^hours:.*$`)
	zoneLine    = regexp.MustCompile(`(?m)^zone: *(\S+)`)
	cityZone    = regexp.MustCompile(`\{zone: [A-Za-z_]+/[A-Za-z_]+,`)
	holidays    = regexp.MustCompile(`(?m)^holidays:.*$`)
	everyRemind = regexp.MustCompile(`after: 24h, every: 48h, max: 2`)
	fewDeals    = regexp.MustCompile(`cap: \d+, within`)
)

// between is how long the reminders of a copied kit are apart.
const between = 8 * time.Second

// copyKit copies a kit into a folder, with days made seconds, and gives its quiet hours. It is night for so long from now.
func copyKit(kit, dir string, night time.Duration) (q Quiet, err error) {
	files, err := kits.FS(kit)
	if err == nil {
		err = os.CopyFS(dir, files)
	}
	if err != nil {
		return q, fmt.Errorf("copy the kit %s: %w", kit, err)
	}
	name := filepath.Join(dir, "kit.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		return q, fmt.Errorf("copy the kit %s: %w", kit, err)
	}
	zone := zoneLine.FindSubmatch(text)
	if zone == nil {
		return q, fmt.Errorf("the kit %s names no zone", kit)
	}
	if q.Zone, err = time.LoadLocation(string(zone[1])); err != nil {
		return q, fmt.Errorf("copy the kit %s: %w", kit, err)
	}
	now := time.Now().In(q.Zone)
	from, to := now.Add(12*time.Hour), now.Add(13*time.Hour)
	if night > 0 {
		from, to = now.Add(-time.Hour), now.Add(night)
	}
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	q.From, q.To = minute(from), minute(to)
	text = quietLine.ReplaceAll(text, fmt.Appendf(nil, "quiet: %q", from.Format("15:04")+"-"+to.Format("15:04")))
	text = hoursLine.ReplaceAll(text, []byte(`hours: {mon-sun: "00:00-24:00"}`))
	text = cityZone.ReplaceAll(text, fmt.Appendf(nil, "{zone: %s,", zone[1]))
	text = holidays.ReplaceAll(text, nil)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return q, fmt.Errorf("copy the kit %s: %w", kit, err)
	}
	for file, in := range map[string]struct {
		line *regexp.Regexp
		with string
	}{
		"rules.yaml":     {everyRemind, fmt.Sprintf("after: %s, every: %s, max: 2", between, between)},
		"pipelines.yaml": {fewDeals, "cap: 1000000, within"},
	} {
		file = filepath.Join(dir, file)
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, in.line.ReplaceAll(text, []byte(in.with)), 0o600)
		}
		if err != nil {
			return q, fmt.Errorf("copy the kit %s: %w", kit, err)
		}
	}
	return q, nil
}

package turn

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

const (
	storyLines = 24 // a message that is read on a phone
	storyWidth = 140
	storyText  = 60 // characters of a message or comment that are quoted
	storyRead  = 80 // lines that are read, since not all of them are worth telling

	// longHold is longer than anything but quiet hours holds a message back that was not tried yet.
	longHold = 5 * time.Minute
)

// StoryWanted asks for the story of a deal in a language of the kit. Times are in the kit's zone; Now tells which of them are of today.
type StoryWanted struct {
	Deal crm.DealID
	Lang string
	Now  time.Time
}

// memoir is where stories are read: a transaction, or the database outside of any.
type memoir interface {
	Why(ctx context.Context, w postgres.WhyWanted) ([]postgres.WhyLine, error)
}

// Story tells a deal's story in people's words, as plain lines of which the newest are last: what happened and what caused it, what was sent,
// held back or skipped and why, and what waits still. crm.ErrNotFound when there is no such deal.
func Story(ctx context.Context, from memoir, kit *dialogs.Kit, w StoryWanted) ([]string, error) {
	marks := []string{staff.Name(w.Deal)} // of messages that were written before cards had names
	for name := range kit.Cards {
		marks = append(marks, mark(w.Deal, name))
	}
	slices.Sort(marks)
	lines, err := from.Why(ctx, postgres.WhyWanted{Deal: w.Deal, Marks: marks, Limit: storyRead})
	if err != nil {
		return nil, err
	}
	s := story{kit: kit, lang: w.Lang, now: w.Now.In(kit.Zone)}
	var told []string
	for _, l := range lines {
		if line := s.line(l); line != "" {
			told = append(told, line)
		}
	}
	if skipped := len(told) - storyLines; skipped > 0 {
		told = append([]string{s.text("why.earlier", map[string]any{"n": skipped})}, told[skipped:]...)
	}
	return told, nil
}

// story tells lines in one language.
type story struct {
	kit      *dialogs.Kit
	lang     string
	now      time.Time
	pipeline string // of the deal, once a line has named it
}

// line is one line in words, empty for what nobody wants to know.
func (s *story) line(l postgres.WhyLine) string {
	what := ""
	switch l.Source {
	case postgres.WhyEvent:
		what = s.event(l)
	case postgres.WhyTimer:
		what = s.timer(l)
	case postgres.WhyMessage:
		what = s.message(l)
	}
	if what == "" {
		return ""
	}
	line := s.time(l.At) + " " + what
	if l.Source == postgres.WhyEvent && l.Name != "" {
		line += " · " + l.Name
	}
	if causes := s.causes(l.Data); causes != "" {
		line += " (" + causes + ")"
	}
	return shortened(line, storyWidth)
}

// time is an hour of today, else with its day.
func (s *story) time(at time.Time) string {
	at = at.In(s.now.Location())
	if at.YearDay() == s.now.YearDay() && at.Year() == s.now.Year() {
		return at.Format("15:04")
	}
	return at.Format("02.01 15:04")
}

// text gives a text of the product as plain words.
func (s *story) text(key string, args map[string]any) string {
	text, err := s.kit.Texts.Text(s.lang, key, args)
	if err != nil && text == "" {
		return key
	}
	return html.UnescapeString(text)
}

// named gives the text of a code, the code itself when there is none: a kit may have words of its own.
func (s *story) named(prefix, code string) string {
	for _, key := range []string{prefix + code, code} {
		if code != "" && s.kit.Texts.Has(s.lang, key) {
			return s.text(key, nil)
		}
	}
	return code
}

// stage is how people call a stage of the deal's pipeline.
func (s *story) stage(name string) string { return s.place(s.pipeline, name) }

func (s *story) place(pipeline, name string) string {
	for known, p := range s.kit.Pipelines {
		if pipeline != "" && known != pipeline {
			continue
		}
		for _, stage := range p.Stages {
			if stage.Name == s.kit.StageNow(known, name) {
				return s.text(stage.Key, nil)
			}
		}
	}
	return name
}

// reason is why a deal was lost.
func (s *story) reason(id string) string {
	for name, p := range s.kit.Pipelines {
		for _, key := range p.Reasons {
			if (s.pipeline == "" || name == s.pipeline) && key[strings.LastIndexByte(key, '.')+1:] == id {
				return s.text(key, nil)
			}
		}
	}
	return id
}

// causes are what led to something, the last of them what did it.
func (s *story) causes(data crm.Fields) string {
	chain, _ := data["cause"].([]any)
	var words []string
	for _, c := range chain {
		what, name, _ := strings.Cut(fmt.Sprint(c), ":")
		if pipeline, stage, found := strings.Cut(name, "."); found {
			name = s.place(pipeline, stage)
		}
		if what == "timer" {
			name = s.text("why.by_"+name, nil)
		}
		if key := "why.cause_" + what; s.kit.Texts.Has(s.lang, key) {
			words = append(words, s.text(key, map[string]any{"name": name}))
		} else {
			words = append(words, fmt.Sprint(c))
		}
	}
	return strings.Join(words, " → ")
}

// timer tells what came of a timer. One that fired is told by what it did.
func (s *story) timer(l postgres.WhyLine) string {
	args := map[string]any{"rule": l.Rule, "n": l.Step + 1}
	what := s.text("why.timer_"+l.Kind, args)
	why := s.named("why.reason_", strings.SplitN(l.Reason, " ", 2)[0])
	switch postgres.TimerStatus(l.Status) {
	case postgres.TimerWaiting:
		if l.Reason != "" {
			return s.text("why.timer_held", map[string]any{"what": what, "time": s.time(l.Until), "reason": why})
		}
		return s.text("why.timer_waits", map[string]any{"what": what, "time": s.time(l.Until)})
	case postgres.TimerMerged:
		return s.text("why.timer_merged", map[string]any{"what": what})
	case postgres.TimerSkipped:
		return s.text("why.timer_skipped", map[string]any{"what": what, "reason": why})
	case postgres.TimerCancelled:
		if l.Kind == string(crm.TimerIdle) || l.Kind == string(crm.TimerRecall) || l.Kind == string(crm.TimerTake) {
			return "" // that a deal which moved on is not reminded of is nothing to tell
		}
		return s.text("why.timer_cancelled", map[string]any{"what": what, "reason": why})
	}
	return s.text("why.timer_fired", map[string]any{"what": what})
}

// message tells what was said, and what was not and why.
func (s *story) message(l postgres.WhyLine) string {
	said := quote(l.Text, l.Kind == "out" && l.Author != crm.ByEmployee)
	if l.Kind == "in" && strings.HasPrefix(said, "/start ") { // what follows may be the code of a sticker
		said = "/start"
	}
	args := map[string]any{"name": l.Name, "text": said, "reason": s.named("why.reason_", l.Reason)}
	switch {
	case said == "" || l.Status == "superseded" || l.Status == "ignored":
		return ""
	case l.Kind == "in":
		return s.text("why.wrote", args)
	case l.Status == "sent":
		return s.text("why.sent", args)
	case l.Status == "queued" && l.Until.After(s.now):
		args["time"] = s.time(l.Until)
		if l.Reason == "" && l.Until.Sub(l.SetAt) > longHold {
			args["reason"] = s.text("why.reason_quiet", nil)
		}
		if args["reason"] != "" {
			return s.text("why.held_because", args)
		}
		return s.text("why.held", args)
	case l.Status == "queued" || l.Status == "waiting":
		return s.text("why.queued", args)
	case l.Reason != "":
		return s.text("why.not_sent_because", args)
	}
	return s.text("why.not_sent", args)
}

var tag = regexp.MustCompile(`<[^>]*>|<[^>]*$|&[a-z]*$`)

// quote is the beginning of a text on one line, without the markup that ours has.
func quote(text string, markup bool) string {
	if markup {
		text = html.UnescapeString(tag.ReplaceAllString(text, ""))
	}
	return shortened(strings.Join(strings.Fields(text), " "), storyText)
}

func shortened(text string, most int) string {
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}

package dialogs

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"govorun/crm"
)

// Limits of polls.
const (
	maxPolled     = 12  // options
	maxPollLabel  = 100 // characters
	maxPolledText = 255 // characters of the question
)

// number writes the options as numbered text, and below them what always may be sent: 0 back, 9 a person, "-" to skip. The buttons are
// those that the numbers mean, in order. Of a question that is asked as a poll the options are not written.
func (k *Kit) number(text *strings.Builder, s *Say, env Env) (buttons [][]crm.Button, poll bool) {
	list := make([]*Option, 0, len(s.Options))
	for i := range s.Options {
		if !ofGrammar(s.Options[i].ID) || s.Options[i].ID == ":human" && s.Options[i].Key != "grammar.human" {
			list = append(list, &s.Options[i])
		}
	}
	for _, option := range list {
		buttons = append(buttons, []crm.Button{{Text: k.labelOf(option, env.Lang), Data: data(s.Nonce, option.ID)}})
	}
	poll = k.Polls && env.Channel.Polls && !s.Several && pollable(buttons)
	if !poll {
		text.WriteString(numberedLines(buttons))
	}
	offers := func(id string) bool { return slices.ContainsFunc(s.Options, func(o Option) bool { return o.ID == id }) }
	if offers(":skip") {
		text.WriteString("\n" + k.words(env.Lang, "numbered.skip", nil))
	}
	footer := "numbered.keys"
	if len(list) > 0 && !poll {
		footer = "numbered.footer"
	}
	text.WriteString("\n" + k.words(env.Lang, footer+numberedKeys(offers(":back"), len(list) < 9, len(list) > 0), nil))
	return buttons, poll
}

// pollable tells whether a provider takes these as the options of a poll.
func pollable(buttons [][]crm.Button) bool {
	labels := map[string]bool{}
	for _, row := range buttons {
		label := strings.TrimSpace(row[0].Text)
		labels[label] = label != "" && utf8.RuneCountInString(label) <= maxPollLabel
	}
	for _, good := range labels {
		if !good {
			return false
		}
	}
	return len(buttons) >= 2 && len(buttons) <= maxPolled && len(labels) == len(buttons)
}

// numberedKeys is the ending of the footer's key: which of back and human are reached by a digit.
func numberedKeys(back, human, options bool) string {
	switch {
	case back && human:
		return ""
	case back:
		return "_back"
	case human || !options:
		return "_human"
	}
	return "_plain"
}

// Numbered gives the buttons of a message that a person means by a number, in the order of the numbers. Those that open a link or copy
// something have none, nor has the one that only tells the page.
func Numbered(rows [][]crm.Button) []crm.Button {
	var list []crm.Button
	for _, row := range rows {
		for _, b := range row {
			if b.Data != "" && !pageMark.MatchString(b.Text) {
				list = append(list, b)
			}
		}
	}
	return list
}

// pageMark is what stands between the buttons that turn pages: 2/3.
var pageMark = regexp.MustCompile(`^\d+/\d+\+?$`)

// InNumbers writes the buttons of a message into its text, for channels that have none: HTML, the same in every language. Buttons whose
// labels are the numbers of lines that stand in the text already are not written again.
func InNumbers(text string, rows [][]crm.Button) string {
	var lines strings.Builder
	for _, row := range rows {
		for _, b := range row {
			switch {
			case b.URL != "":
				lines.WriteString("\n" + html.EscapeString(b.Text) + ": " + html.EscapeString(b.URL))
			case b.Copy != "":
				lines.WriteString("\n" + html.EscapeString(b.Text) + ": <code>" + html.EscapeString(b.Copy) + "</code>")
			case b.Data != "" && pageMark.MatchString(b.Text):
				lines.WriteString("\n📄 " + b.Text)
			}
		}
	}
	return text + lines.String() + numberedLines(rows)
}

// numberedLines are the numbers with what they mean: a line each, or one line for all when there are many.
func numberedLines(rows [][]crm.Button) string {
	list := Numbered(rows)
	written := 0 // of the first ones the text itself has lines
	for written < len(list) && list[written].Text == strconv.Itoa(written+1) {
		written++
	}
	var lines strings.Builder
	for i, b := range list[written:] {
		separator := "\n"
		if i > 0 && len(list)-written > maxOptions {
			separator = " · "
		}
		lines.WriteString(separator + "<b>" + strconv.Itoa(written+i+1) + "</b> " + html.EscapeString(b.Text))
	}
	return lines.String()
}

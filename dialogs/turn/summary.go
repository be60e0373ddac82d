package turn

import (
	"html"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// An operator who takes a talk over sees in short what was said, so that nobody has to repeat it: at most summaryLines of at most
// summaryWidth letters.
const (
	summaryLines = 6
	summaryWidth = 100
)

// chosenMark stands in a message of ours before the button that was pressed there: see closePrompt.
const chosenMark = "\n\n✓ "

// lastLines is what was said last in a talk, as an operator reads it: lines of HTML, each after a line break.
func (g *group) lastLines(id crm.ConversationID) (string, error) {
	lines, err := g.tx.LastLines(g.ctx, id, 4*summaryLines) // more than are shown: albums and repeated questions become one
	return summary(lines, summaryLines), err
}

// summary makes lines of HTML, each after a line break, of what was said last.
func summary(said []postgres.Line, most int) string {
	var shown []string
	album := ""
	for _, line := range said {
		if line.Album != "" && line.Album == album {
			continue
		}
		album = line.Album
		words := cut(spoken(line))
		if words == "" {
			continue
		}
		words = speaker(line.Author) + html.EscapeString(words)
		if len(shown) == 0 || shown[len(shown)-1] != words { // a question that was put twice is one
			shown = append(shown, words)
		}
	}
	shown = shown[max(0, len(shown)-most):]
	if len(shown) == 0 {
		return ""
	}
	return "\n" + strings.Join(shown, "\n")
}

func speaker(who crm.Author) string {
	switch who {
	case crm.ByPerson:
		return "👤 "
	case crm.ByEmployee:
		return "💬 "
	}
	return "🤖 "
}

// spoken is one thing that was said, as plain text on one line.
func spoken(line postgres.Line) string {
	text := line.Text
	switch {
	case line.Kind == string(crm.InPress):
		text = buttonText(line)
	case line.Command == "start":
		text = "/start" // the code of a sticker tells nobody anything
	case line.Kind == string(crm.InContact):
		text = "📱"
	case line.Kind == string(crm.InLocation):
		text = "📍"
	}
	if line.Author != crm.ByPerson { // ours is markup
		text, _, _ = strings.Cut(text, chosenMark)
		text = dialogs.Rendered{Text: text}.Plain()
	}
	return strings.Join(strings.Fields(fileSign(line.File)+" "+text), " ")
}

// buttonText is what a pressed button said: it still stands under its message, or the message tells what was chosen.
func buttonText(line postgres.Line) string {
	for _, row := range line.Buttons {
		for _, b := range row {
			if b.Data == line.Pressed {
				return b.Text
			}
		}
	}
	_, picked, _ := strings.Cut(line.On, chosenMark)
	return html.UnescapeString(picked)
}

func fileSign(kind crm.MediaKind) string {
	switch kind {
	case "":
		return ""
	case crm.Photo:
		return "📷"
	case crm.Voice, crm.Audio, crm.VideoNote:
		return "🎤"
	}
	return "📎"
}

// cut shortens a line.
func cut(line string) string {
	letters := []rune(line)
	if len(letters) <= summaryWidth {
		return line
	}
	return string(letters[:summaryWidth-1]) + "…"
}

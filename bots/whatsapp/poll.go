package whatsapp

import (
	"context"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"govorun/crm"
)

// What a poll may hold, in letters.
const (
	maxQuestion = 255
	maxOption   = 100
	maxOptions  = 12
)

// poll is a message of words, or the poll that stands for its buttons. What does not fit into a poll is a text with numbers.
func (l *letter) poll() part {
	return func(context.Context) (*waE2E.Message, error) {
		if !l.out.Poll {
			return l.text(l.quote())
		}
		options, ok := pollOptions(l.out.Buttons)
		question := strings.TrimSpace(unmarked(l.out.Text))
		if !ok || len([]rune(question)) > maxQuestion {
			numbered := *l
			numbered.out.Text = l.out.Text + "\n\n" + numberedList(l.out.Buttons)
			return numbered.text(l.quote())
		}
		message := l.client.BuildPollCreation(question, options, 1)
		message.MessageContextInfo.MessageSecret = pollSecret(l.salt, l.out.ID)
		message.PollCreationMessage.ContextInfo = l.quote()
		return message, nil
	}
}

// pollOptions are the labels of the buttons, exactly: a vote names them by their hashes. False when they make no poll.
func pollOptions(buttons [][]crm.Button) (options []string, ok bool) {
	seen := map[string]bool{}
	for _, row := range buttons {
		for _, b := range row {
			label := strings.TrimSpace(b.Text)
			if label == "" || seen[label] || b.Data == "" || len([]rune(b.Text)) > maxOption {
				return nil, false
			}
			seen[label] = true
			options = append(options, b.Text)
		}
	}
	return options, len(options) >= 2 && len(options) <= maxOptions
}

// numberedList is the buttons as lines to answer by number; those that lead somewhere are named with their address.
func numberedList(buttons [][]crm.Button) string {
	var text strings.Builder
	n := 0
	for _, row := range buttons {
		for _, b := range row {
			if text.Len() > 0 {
				text.WriteByte('\n')
			}
			switch label := htmlText(b.Text); {
			case b.URL != "":
				text.WriteString(label + ": " + htmlText(b.URL))
			case b.Copy != "":
				text.WriteString(label + ": " + htmlText(b.Copy))
			default:
				n++
				text.WriteString(strconv.Itoa(n) + ". " + label)
			}
		}
	}
	return text.String()
}

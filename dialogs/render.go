package dialogs

import (
	"html"
	"strings"
	"unicode/utf8"

	"govorun/crm"
)

// Limits of buttons.
const (
	longLabel  = 18 // characters: a longer label has a row of its own
	maxData    = 64 // bytes that a button can carry
	maxOptions = 6  // options that stand on lines of their own on channels without buttons; more are listed compactly
)

// Rendered is what one step says, ready for a channel. Text is HTML of the few tags that channels know. Buttons stand under the
// message, Keys replace the phone's own keyboard; never both. Picture is a file of the kit to show above the text. Numbered means that the
// channel shows no buttons: the text names them by their numbers, or the message is a Poll, of which they are the options.
type Rendered struct {
	Text     string
	Buttons  [][]crm.Button
	Keys     [][]crm.Key
	Picture  string
	Numbered bool
	Poll     bool
}

// Plain is the text without markup, for channels and places that know none.
func (r Rendered) Plain() string {
	var b strings.Builder
	inTag := false
	for _, c := range r.Text {
		switch {
		case c == '<':
			inTag = true
		case c == '>':
			inTag = false
		case !inTag:
			b.WriteRune(c)
		}
	}
	return html.UnescapeString(b.String())
}

// Render makes one message of all that a step says, in the language and for the channel of env: statements, progress, question, and
// its options as buttons or as numbered text. Arguments are escaped here and nowhere else. A text that is missing shows as its key.
func (k *Kit) Render(say []Say, env Env) Rendered {
	var out Rendered
	var text strings.Builder
	for i := range say {
		s := &say[i]
		if text.Len() > 0 {
			text.WriteByte('\n')
			if s.Nonce != "" && i > 0 && say[i-1].Nonce == "" {
				text.WriteByte('\n')
			}
		}
		if s.Progress[1] > 0 {
			text.WriteString(k.words(env.Lang, "grammar.progress", map[string]any{"step": s.Progress[0], "steps": s.Progress[1]}))
			text.WriteByte(' ')
		}
		text.WriteString(k.words(env.Lang, s.Key, Escape(s.Args)))
		out.Picture = first(out.Picture, s.Picture)
		if s.Nonce == "" {
			continue
		}
		switch {
		case !env.Channel.Buttons:
			out.Numbered = true
			out.Buttons, out.Poll = k.number(&text, s, env)
		case s.Share == "contact" && env.Channel.Contact || s.Share == "location":
			out.Keys = k.keys(s, env.Lang)
		default:
			out.Buttons = k.buttons(s, env.Lang)
		}
	}
	out.Text = text.String()
	if out.Poll && utf8.RuneCountInString(out.Plain()) > maxPolledText {
		env.Channel.Polls = false
		return k.Render(say, env)
	}
	return out
}

// words is a text with its arguments; what is wrong with it shows in it.
func (k *Kit) words(lang, key string, args map[string]any) string {
	text, _ := k.Texts.Text(lang, key, args)
	return text
}

// buttons lays the options out: long labels one a row, short ones two; those of the grammar share the last row.
func (k *Kit) buttons(s *Say, lang string) [][]crm.Button {
	if len(s.Options) == 0 {
		return nil
	}
	rows := make([][]crm.Button, 0, len(s.Options))
	var row, last []crm.Button
	for i := range s.Options {
		option := &s.Options[i]
		button := crm.Button{Text: k.labelOf(option, lang), Data: data(s.Nonce, option.ID)}
		switch {
		case ofGrammar(option.ID):
			last = append(last, button)
			continue
		case utf8.RuneCountInString(button.Text) > longLabel:
			if len(row) > 0 {
				rows = append(rows, row)
			}
			rows, row = append(rows, []crm.Button{button}), nil
			continue
		}
		if row = append(row, button); len(row) == 2 {
			rows, row = append(rows, row), nil
		}
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	if len(last) > 0 {
		rows = append(rows, last)
	}
	return rows
}

// data is what a button carries: the nonce of its prompt and the id of the option.
func data(nonce, id string) string {
	data := nonce + ":" + id
	if len(data) > maxData {
		return data[:maxData] // check refuses such ids; a press of it is then answered as out of date
	}
	return data
}

// ofGrammar tells whether an option stands in the last row, below what the question itself offers.
func ofGrammar(id string) bool {
	return id == ":back" || id == ":skip" || id == ":human" || id == ":lang"
}

// keys makes the phone's own keyboard: the key that shares something, then the options as texts that may be typed as well.
func (k *Kit) keys(s *Say, lang string) [][]crm.Key {
	share := crm.Key{Contact: s.Share == "contact", Location: s.Share == "location"}
	share.Text = k.words(lang, "grammar.share_"+s.Share, nil)
	rows := [][]crm.Key{{share}}
	var last []crm.Key
	for i := range s.Options {
		key := crm.Key{Text: k.labelOf(&s.Options[i], lang)}
		if ofGrammar(s.Options[i].ID) {
			last = append(last, key)
		} else {
			rows = append(rows, []crm.Key{key})
		}
	}
	if len(last) > 0 {
		rows = append(rows, last)
	}
	return rows
}

// labelOf is the text on a button, which is no HTML.
func (k *Kit) labelOf(option *Option, lang string) string {
	if option.Key == "" {
		return option.Text
	}
	return k.words(lang, option.Key, option.Args)
}

package turn

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/slot"
	"govorun/dialogs/staff"
	"govorun/locales"
)

const (
	// justNow is how long a message counts as not read yet that came unasked, or whose numbers somebody else has changed.
	justNow = 3 * time.Second
	// maxLabel bounds a text that may be a number or the label of a button, in bytes.
	maxLabel = 200
)

// byNumber turns a number, a label, a vote or a code of a link into what it means where there are no buttons and no start commands. It gives
// true when nothing more follows: the message was answered, or means nothing.
func (g *group) byNumber(t *postgres.Turn) (done bool, err error) {
	if g.shows(t.In.Address.Channel) {
		return false, nil
	}
	switch {
	case t.In.Kind == crm.InPress && t.In.Press.Poll:
		return g.voted(t)
	case t.In.Kind != crm.InText || t.In.Command != "" || t.In.Text == "" || len(t.In.Text) > maxLabel || t.In.Edits != "":
		return false, nil
	}
	if start := g.Kit.TypedStart(t.In.Text, strings.TrimSuffix(InviteMark, "_")); start != "" && !t.Talk.Group {
		t.In.Start, t.In.Command = start, "start"
		return false, nil
	}
	if strings.ContainsAny(t.In.Text, "№#") { // the number of a deal
		return false, nil
	}
	if t.In.ReplyTo != "" {
		return g.replied(t)
	}
	if t.Talk.Group || t.Employee == nil && (t.Talk.Operator != 0 || g.ownLed(t.Talk)) {
		return false, nil // a talk among colleagues is theirs, and what is said to one is for them
	}
	return g.unquoted(t)
}

// replied takes the number that answers a certain message. The question that is open reads its answers itself.
func (g *group) replied(t *postgres.Turn) (bool, error) {
	m, err := g.tx.NumberedAt(g.ctx, t.Talk.ID, t.In.ReplyTo)
	if errors.Is(err, crm.ErrNotFound) || err == nil && m.ID == t.Talk.Prompt.ID {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return g.pressNumber(t, m, false)
}

// unquoted takes a number that may belong to the newest message with numbers, unless a question came after it.
func (g *group) unquoted(t *postgres.Turn) (bool, error) {
	s, err := g.session(t.Talk)
	if err != nil {
		return false, err
	}
	found, err := g.tx.NumberedLately(g.ctx, t.Talk.ID)
	if err != nil {
		return false, err
	}
	found = slices.DeleteFunc(found, func(m postgres.Numbered) bool { return !stands(m, s) })
	asks := s.Dialog != "" && t.Talk.Prompt.ID != 0
	if len(found) == 0 || asks && found[0].ID <= t.Talk.Prompt.ID {
		return false, nil
	}
	if t.Employee != nil && !isLabel(labelled(found, t.In.Text), t.In.Text) {
		talks, err := g.tx.TalksOf(g.ctx, t.Employee.ID)
		if err != nil || len(talks) > 0 { // what an operator types is for the person
			return false, err
		}
	}
	return g.pressNumber(t, labelled(found, t.In.Text), asks || len(found) > 1)
}

// labelled is the message that a text means: the newest, unless the text is the label of a button that one older message alone has.
func labelled(found []postgres.Numbered, text string) postgres.Numbered {
	if isLabel(found[0], text) {
		return found[0]
	}
	with := slices.DeleteFunc(slices.Clone(found), func(m postgres.Numbered) bool { return !isLabel(m, text) })
	if len(with) == 1 {
		return with[0]
	}
	return found[0]
}

// stands tells whether the buttons of a message still mean something: those of questions do only while they are open.
func stands(m postgres.Numbered, s *dialogs.Session) bool {
	return slices.ContainsFunc(dialogs.Numbered(m.Buttons), func(b crm.Button) bool {
		prefix, _, _ := strings.Cut(b.Data, ":")
		return len(prefix) == 1 || prefix == s.Nonce
	})
}

// isLabel tells whether a text is the label of a button, and not its number.
func isLabel(m postgres.Numbered, text string) bool {
	folded := locales.Fold(text)
	return !slot.Counts(text) && slices.ContainsFunc(labelsOf(m), func(label string) bool { return locales.Fold(label) == folded })
}

func labelsOf(m postgres.Numbered) []string {
	list := dialogs.Numbered(m.Buttons)
	labels := make([]string, len(list))
	for i, b := range list {
		labels[i] = b.Text
	}
	return labels
}

// pressNumber takes the button of a message that a text names. With a rival, something else may be meant as well: then a message that has come
// unasked just now is not taken for the one that was read.
func (g *group) pressNumber(t *postgres.Turn, m postgres.Numbered, rival bool) (done bool, err error) {
	labels := labelsOf(m)
	at, several := slot.Meant(labels, t.In.Text)
	seen := g.tx.Now.Add(-justNow)
	if !t.In.SentAt.IsZero() {
		seen = seen.Add(-g.pace.age(t.In.SentAt, time.Now()))
	}
	switch {
	case several:
		return true, g.say(t, "slot.choice_ambiguous", map[string]any{"example": "1"})
	case len(labels) == 0 && slot.Counts(t.In.Text):
		return true, g.say(t, "grammar.already_done", nil)
	case at < 0:
		return false, nil
	case m.Changed.After(seen):
		return true, g.outdated(t, m)
	case rival && !m.Answer && m.Shown.After(seen):
		return true, g.say(t, "numbered.which", nil)
	}
	g.means(t, m, dialogs.Numbered(m.Buttons)[at])
	return false, nil
}

// outdated shows a message anew whose numbers mean something else than when they were read.
func (g *group) outdated(t *postgres.Turn, m postgres.Numbered) error {
	id, _, isCard := staff.ParseMark(m.Card)
	if !isCard || t.Employee == nil {
		return g.say(t, "grammar.already_done", nil)
	}
	if err := g.say(t, "staff.card_outdated", nil); err != nil {
		return err
	}
	_, err := g.card(t, id)
	return err
}

// means makes of an input the press of a button.
func (g *group) means(t *postgres.Turn, m postgres.Numbered, b crm.Button) {
	t.In.Kind, t.In.Text, t.In.ReplyTo = crm.InPress, "", ""
	t.In.Press = &crm.Press{Data: b.Data, Message: m.Ref, Poll: m.Poll}
	if g.meant == nil {
		g.meant = map[*postgres.Turn]*meant{}
	}
	g.meant[t] = &meant{Numbered: m}
}

// voted takes a vote in a poll of ours. The last one counts while the question is open; a vote taken back says nothing.
func (g *group) voted(t *postgres.Turn) (done bool, err error) {
	m, err := g.tx.NumberedAt(g.ctx, t.Talk.ID, t.In.Press.Message)
	if errors.Is(err, crm.ErrNotFound) || err == nil && len(t.In.Press.Votes) != 1 {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	s, err := g.session(t.Talk)
	if err != nil {
		return true, err
	}
	if !stands(m, s) {
		return true, g.say(t, "grammar.already_done", nil)
	}
	for _, b := range dialogs.Numbered(m.Buttons) {
		if hash := sha256.Sum256([]byte(b.Text)); hex.EncodeToString(hash[:]) == t.In.Press.Votes[0] {
			g.means(t, m, b)
			return false, nil
		}
	}
	return true, nil
}

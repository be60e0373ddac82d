package turn

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/seal"
	"govorun/dialogs"
)

const (
	// holdFor is how long an answer to a photo waits for more photos, so that an album gets one answer; holdAtMost bounds
	// the wait when parts keep coming.
	holdFor    = 1500 * time.Millisecond
	holdAtMost = 5 * time.Second
	// lateHold is how long an answer to something written during an outage waits: what else was written then is on its way,
	// and all of it gets one answer.
	lateHold = time.Second
)

// answer writes what the step says to the outbox: one message, however many texts, and what becomes of the old prompt.
func (g *group) answer(t *postgres.Turn, kit *dialogs.Kit, before dialogs.Session, result dialogs.Result, env dialogs.Env) error {
	pressed := t.In.Press != nil && result.Toast == ""
	fast, first := g.pace.hurry(t.Talk.ID, g.tx.Now)
	late := t.In.Press == nil && !ours(t.In.Kind) && g.pace.late(t.In.SentAt, time.Now())
	if len(result.Say) == 0 {
		if result.Session.Nonce != before.Nonce { // the question of a prompt that still waits is not asked any more
			g.hold(t, 0, nil)
		}
		return nil
	}
	if first {
		result.Say = append([]dialogs.Say{{Key: "grammar.too_many"}}, result.Say...)
	}
	old := t.Talk.Prompt
	rendered := kit.Render(result.Say, env)
	out := crm.Outbound{Kind: crm.OutMessage, Author: crm.ByBot, Text: rendered.Text, Buttons: rendered.Buttons, Keyboard: rendered.Keys,
		Numbered: rendered.Numbered && len(rendered.Buttons) > 0, Poll: rendered.Poll}
	if len(out.Buttons) == 0 {
		out.Buttons = g.under[t.Talk.ID]
	}
	asks := result.Say[len(result.Say)-1].Nonce != ""
	if asks {
		out.Card = markWanted(result.Session)
	}
	out.Prompt = (result.Hold || fast || late || asks && len(result.Say) == 1 && !acted(result.Effects)) && !first && !opened(result.Effects)
	shows := g.shows(t.Talk.Address.Channel)
	if state := kit.State(before); shows && state != nil && state.Share != "" && len(out.Keyboard) == 0 {
		if err := g.hideKeyboard(t, &out, env); err != nil {
			return err
		}
	}
	if pressed && result.Edit && shows {
		return g.replace(t, out)
	}
	switch {
	case fast && !first:
		g.hold(t, paceHold, &out)
	case result.Hold:
		g.hold(t, holdFor, &out)
	case late:
		g.hold(t, lateHold, &out)
	default:
		g.hold(t, 0, &out)
	}
	id, err := g.send(t, g.underPicture(out, rendered.Picture))
	if err != nil {
		return err
	}
	if asks || out.Prompt {
		t.Talk.Prompt = postgres.Prompt{ID: id, Queued: out.Prompt, CreatedAt: either0(out.CreatedAt, g.tx.Now), Text: out.Text}
	}
	if shows && (pressed || old.Ref != "" && kit.Offers(before)) {
		return g.closePrompt(t, old, kit.OptionText(before, chosen(t.In), env.Lang))
	}
	if result.Hold && t.In.Kind == crm.InMedia {
		_, err = g.send(t, crm.Outbound{Kind: crm.OutReaction, Author: crm.ByBot, Text: "👀", TargetRef: strings.TrimPrefix(t.In.Key, "m:"), Priority: crm.Notice})
	}
	return err
}

// underPicture puts a message under a picture of the kit, which is that of now: dialogs of earlier versions are kept without theirs.
func (g *group) underPicture(out crm.Outbound, name string) crm.Outbound {
	if data := g.Kit.Picture(name); len(data) > 0 {
		out.Kind = crm.OutMedia
		out.Media = []crm.Upload{{Kind: crm.Photo, Bytes: data, Name: name, MIME: http.DetectContentType(data)}}
	}
	return out
}

// acted tells whether something happened that the person must hear of, so that the message is not superseded.
func acted(effects []crm.Effect) bool {
	return slices.ContainsFunc(effects, func(e crm.Effect) bool { _, recorded := e.(crm.Recorded); return !recorded })
}

// opened tells whether a deal was opened: the person must hear its number, whatever they write next.
func opened(effects []crm.Effect) bool {
	return slices.ContainsFunc(effects, func(e crm.Effect) bool { _, is := e.(crm.DealOpened); return is })
}

// hold supersedes a prompt that is not sent yet, and delays an answer that more photos may change.
func (g *group) hold(t *postgres.Turn, wait time.Duration, out *crm.Outbound) {
	old := t.Talk.Prompt
	old.Queued = old.Queued && !g.Sent(old.ID)
	if old.Queued {
		g.supersede(t.Talk, old.ID)
	}
	if wait == 0 {
		return
	}
	first := g.tx.Now
	if old.Queued {
		first = old.CreatedAt
	}
	out.CreatedAt = first
	out.NotBefore = g.tx.Now.Add(wait)
	if latest := first.Add(holdAtMost); out.NotBefore.After(latest) {
		out.NotBefore = latest
	}
}

// supersede takes back a message that is not sent yet: one of this very transaction is simply not written.
func (g *group) supersede(k *postgres.Talk, id crm.MessageID) {
	rows := g.tx.Changes.Out
	for i := range rows {
		if rows[i].ID == id {
			g.tx.Changes.Out = append(rows[:i], rows[i+1:]...)
			return
		}
	}
	g.unsend(k.ID, id)
}

// unsend takes back a message of an earlier turn that is not sent yet.
func (g *group) unsend(conversation crm.ConversationID, id crm.MessageID) {
	g.superseded = append(g.superseded, id)
	g.tx.Changes.Superseded = append(g.tx.Changes.Superseded, postgres.Superseded{Conversation: conversation, ID: id})
}

// send adds a message of this turn to the outbox of its own conversation.
func (g *group) send(t *postgres.Turn, out crm.Outbound) (crm.MessageID, error) {
	out.Conversation, out.Address = t.Talk.ID, t.Talk.Address
	if t.Talk.Group { // an answer belongs into the topic in which was asked
		out.Thread = either(out.Thread, t.In.Thread)
	}
	return g.sendTo(t, out)
}

// sendTo adds a message to the outbox of the conversation it names.
func (g *group) sendTo(t *postgres.Turn, out crm.Outbound) (crm.MessageID, error) {
	if !g.plainly(&out) {
		if m := g.pressedBy(t, out); m != nil { // its buttons are taken off
			g.worthless(t.Talk.ID, m.ID)
		}
		return 0, nil
	}
	pressed := g.pressedBy(t, out)
	if pressed != nil && g.below(t, pressed, &out) {
		return pressed.anew, nil
	}
	id, err := g.tx.NewMessageID(g.ctx, t.Message)
	if err != nil {
		return 0, fmt.Errorf("number a message to conversation %d: %w", out.Conversation, err)
	}
	out = masked(out)
	out.ID, out.Answer = id, out.Answer || g.wished == out.Conversation || g.answers(t, out.Conversation)
	if pressed != nil {
		pressed.anew = id
	}
	if out.Author == "" {
		out.Author = crm.ByBot
	}
	g.tx.Changes.Out = append(g.tx.Changes.Out, postgres.OutRow{Outbound: out, Cause: t.Message})
	return id, nil
}

// replace puts the new text and buttons into the message whose button was pressed.
func (g *group) replace(t *postgres.Turn, out crm.Outbound) error {
	k := t.Talk
	out.Kind, out.TargetRef, out.Prompt = crm.OutEdit, t.In.Press.Message, false
	if k.Prompt.Ref == t.In.Press.Message {
		out.Target = k.Prompt.ID
		g.edited(k.ID, out)
		k.Prompt.Text = out.Text
	}
	_, err := g.send(t, out)
	return err
}

// edited keeps what a message says now.
func (g *group) edited(conversation crm.ConversationID, out crm.Outbound) {
	g.editedFrom(conversation, out, nil)
}

// editedFrom keeps it likewise, knowing the buttons that it had: whose numbers mean what they did may be pressed at once.
func (g *group) editedFrom(conversation crm.ConversationID, out crm.Outbound, had [][]crm.Button) {
	if k := g.talks[conversation]; k != nil {
		out.Address = k.Address
	}
	g.plainly(&out)
	buttons := out.Buttons
	if buttons == nil {
		buttons = [][]crm.Button{}
	}
	now := map[string]any{"text": seal.Masked(out.Text), "buttons": buttons}
	if out.Numbered {
		now["numbered"] = true
		if !slices.Equal(dialogs.Numbered(had), dialogs.Numbered(buttons)) {
			now["changed"] = g.tx.Now
		}
	}
	g.tx.Changes.Edited = append(g.tx.Changes.Edited, postgres.Edited{Conversation: conversation, ID: out.Target, Content: mustJSON(now)})
}

// closePrompt takes the buttons off the answered prompt and, when one of them was pressed, shows there which.
func (g *group) closePrompt(t *postgres.Turn, old postgres.Prompt, picked string) error {
	out := crm.Outbound{Kind: crm.OutEdit, Target: old.ID, TargetRef: old.Ref, Priority: crm.Notice}
	if p := t.In.Press; p != nil {
		if p.Message != old.Ref {
			out.Target, out.TargetRef, picked = 0, p.Message, ""
		}
		if picked != "" && old.Text != "" {
			out.Text = old.Text + chosenMark + picked
		}
	}
	if out.Target != 0 && out.Text != "" {
		g.edited(t.Talk.ID, out)
	}
	_, err := g.send(t, out)
	return err
}

// chosen is the option that a press carries, after the nonce of its prompt.
func chosen(in crm.Inbound) string {
	if in.Press == nil {
		return ""
	}
	_, option, _ := strings.Cut(in.Press.Data, ":")
	return option
}

// hideKeyboard removes the phone's own keyboard of the step before. A message can't both remove it and have buttons: buttons
// of the grammar give way, since their words work as well; for real choices a short line of its own removes it.
func (g *group) hideKeyboard(t *postgres.Turn, out *crm.Outbound, env dialogs.Env) error {
	if !offersChoice(out.Buttons) {
		out.HideKeyboard, out.Buttons = true, nil
		return nil
	}
	noted, _ := g.Kit.Texts.Text(env.Lang, "grammar.noted", nil)
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: noted, HideKeyboard: true})
	return err
}

// offersChoice tells whether there is a button that is not of the grammar, whose options begin with a colon behind the nonce.
func offersChoice(rows [][]crm.Button) bool {
	return slices.ContainsFunc(rows, func(row []crm.Button) bool {
		return slices.ContainsFunc(row, func(b crm.Button) bool { return !strings.Contains(b.Data, "::") })
	})
}

func either0(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

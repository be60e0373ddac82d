package turn

import (
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/seal"
	"govorun/dialogs"
	"govorun/dialogs/slot"
)

// withoutSecrets is what came in as it may be kept: account numbers are masked, and nobody can write what looks like a token.
func withoutSecrets(in crm.Inbound) crm.Inbound {
	in.Text, _ = slot.MaskAccounts(seal.Clean(withoutTokens(in.Text)))
	in.Args, _ = slot.MaskAccounts(seal.Clean(in.Args))
	in.From.Name, in.Title = seal.Clean(in.From.Name), seal.Clean(in.Title)
	if in.Card != nil && seal.Holds(in.Card.Name) {
		card := *in.Card
		card.Name = seal.Clean(card.Name)
		in.Card = &card
	}
	if in.Form != nil {
		in.Form = formWithoutSecrets(in.Form)
	}
	return in
}

// formWithoutSecrets is a form with its answers as they may be kept: whoever fills it in writes a card number where it isn't asked for. A number that
// is written as a telephone's stays.
func formWithoutSecrets(sent *crm.FormSent) *crm.FormSent {
	kept := *sent
	kept.Values = make(map[string]string, len(sent.Values))
	for name, value := range sent.Values {
		value = seal.Clean(value)
		if masked, is := slot.MaskAccounts(value); is && !strings.HasPrefix(strings.TrimSpace(value), "+") {
			value = masked
		}
		kept.Values[name] = value
	}
	return &kept
}

// unmasked is what came in as a question for a secret may see it.
func unmasked(in crm.Inbound) crm.Inbound {
	clean := withoutSecrets(in)
	clean.Text, clean.Args = seal.Clean(in.Text), seal.Clean(in.Args)
	return clean
}

// answers tells whether an input is words that answer a question.
func answers(in crm.Inbound) bool {
	return in.Text != "" && in.Command == "" && in.Press == nil && !ours(in.Kind)
}

// veil takes the words out of those inputs that answer a question for a secret, as far as this process knows of it, before they are stored. It gives
// the inputs that it changed as they were, by their place.
func (r *Runner) veil(ins []crm.Inbound) map[int]crm.Inbound {
	var kept map[int]crm.Inbound
	for i, in := range ins {
		if _, asked := r.asking.Load(in.Address); !asked || !answers(in) {
			continue
		}
		if kept == nil {
			kept = map[int]crm.Inbound{}
		}
		kept[i] = in
		ins[i].Text, ins[i].Args = seal.Hidden, ""
	}
	return kept
}

// veils are what a group knows of secrets in its turns: whose stored words are hidden, and what is to stand there in the end.
type veils struct {
	stored map[*postgres.Turn]bool
	hidden map[*postgres.Turn]string
	mask   string // of what the step under way has sealed
	// answered tells of the talks of this transaction whether no secret is asked for there in the end.
	answered map[crm.Address]bool
}

func (v *veils) keep(t *postgres.Turn, in crm.Inbound) {
	if v.stored == nil {
		v.stored = map[*postgres.Turn]bool{}
	}
	t.In, v.stored[t] = in, true
}

// sealer is what a step seals with; nil when nothing is sealed here.
func (g *group) sealer() func(plain, mask string) string {
	if g.Seal == nil {
		return nil
	}
	g.veils.mask = ""
	return func(plain, mask string) string {
		token := g.Seal.Seal(plain, mask)
		g.veils.mask = seal.Masked(token)
		return token
	}
}

// secretTaken notes after a step what may be kept of the words that it took, or refused, as a secret, and whether one is asked for now.
func (g *group) secretTaken(t *postgres.Turn, kit *dialogs.Kit, before dialogs.Session, after *dialogs.Session) {
	if g.Seal == nil {
		return
	}
	asked := kit.AsksSecret(before)
	if asked && after.Switch != nil {
		after.Switch.Inbound = t.In
	}
	if asked && answers(t.In) {
		hide := g.veils.mask
		if hide == "" && after.State == before.State && after.Failures > before.Failures {
			hide = seal.Hidden
		}
		if hide != "" {
			if g.veils.hidden == nil {
				g.veils.hidden = map[*postgres.Turn]string{}
			}
			g.veils.hidden[t] = hide
		}
	}
	asks := kit.AsksSecret(*after)
	if !asked && !asks {
		return
	}
	if g.veils.answered == nil {
		g.veils.answered = map[crm.Address]bool{}
	}
	if g.veils.answered[t.Talk.Address] = !asks; asks {
		g.asking.Store(t.Talk.Address, struct{}{})
	}
}

// noLongerAsked notes after the commit who is asked for no secret any more. What fails before that is put aside without its words.
func (g *group) noLongerAsked() {
	for address, answered := range g.veils.answered {
		if answered {
			g.asking.Delete(address)
		}
	}
}

// settleWords puts into the stored row what may be kept of the words of a turn.
func (g *group) settleWords(t *postgres.Turn) {
	has, hide := t.In.Text, g.veils.hidden[t]
	if g.veils.stored[t] {
		has = seal.Hidden
	}
	content := map[string]any{"text": t.In.Text, "args": t.In.Args}
	if hide != "" {
		content = map[string]any{"text": hide, "veiled": true}
	}
	if hide == "" && content["text"] == has {
		return
	}
	g.tx.Changes.Edited = append(g.tx.Changes.Edited, postgres.Edited{Conversation: t.Talk.ID, ID: t.Message, Content: mustJSON(content)})
}

// veilEdit hides the new version of a message whose words were a secret.
func (g *group) veilEdit(t *postgres.Turn) error {
	if g.Seal == nil || t.In.Kind != crm.InEdit || t.In.Text == "" {
		return nil
	}
	veiled, err := g.tx.Veiled(g.ctx, t.Talk.ID, "m:"+t.In.Edits)
	if err != nil || !veiled {
		return err
	}
	t.In.Text = seal.Hidden
	delete(g.raw, t)
	g.tx.Changes.Edited = append(g.tx.Changes.Edited, postgres.Edited{Conversation: t.Talk.ID, ID: t.Message,
		Content: mustJSON(map[string]any{"text": seal.Hidden, "veiled": true})})
	return nil
}

// masked is a message as others may read it: tokens are masks, wherever they came from, unless it is one that the sender opens.
func masked(out crm.Outbound) crm.Outbound {
	if out.Reveal {
		return out
	}
	out.Text = seal.Masked(out.Text)
	for i, row := range out.Buttons {
		for j, b := range row {
			if seal.Holds(b.Text) {
				out.Buttons[i][j].Text = seal.Masked(b.Text)
			}
		}
	}
	return out
}

package play

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"govorun/crm"
)

// A message on a phone has a provider's id; an edit, a reaction or a menu has none.
const sqlDelivered = `WITH sent AS (UPDATE messages SET status = 'sent', sent_at = now(),
		ref = CASE WHEN kind IN ('message', 'media', 'album') THEN coalesce(ref, 'b' || id) ELSE ref END
	WHERE direction = 'out' AND status = 'queued' RETURNING conversation_id, direction, ref, id)
	INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM sent WHERE ref IS NOT NULL
	ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING`

// follow runs what follows by itself, then writes what happened and delivers what was sent, first to the one who acted.
// The heading stands above, unless there is nothing to tell.
func (p *player) follow(ctx context.Context, actor *person, heading string) error {
	if err := p.settle(ctx); err != nil {
		return err
	}
	before := p.out.Len()
	happened, err := p.happened(ctx)
	if err != nil {
		return err
	}
	p.out.WriteString(happened)
	said := map[string]bool{}
	for _, o := range p.delivered(actor) {
		p.deliver(o, said)
	}
	if told := p.out.String(); len(told) > before {
		p.out.Reset()
		p.out.WriteString(told[:before] + heading + told[before:])
	}
	if _, err := p.db.Pool.Exec(ctx, sqlDelivered); err != nil {
		return fmt.Errorf("deliver messages: %w", err)
	}
	return nil
}

// maxRounds bounds how long signals, sessions and timers may set off each other at one moment.
const maxRounds = 50

// settle does what the program does by itself: signals, due sessions and due timers, one after another, until nothing is left.
func (p *player) settle(ctx context.Context) error {
	for range maxRounds {
		p.runner.Wait()
		signals, err := p.db.Signals(ctx, 100)
		if err != nil {
			return err
		}
		due, err := p.db.Due(ctx, 0, 100)
		if err != nil {
			return err
		}
		for _, in := range append(signals, due...) {
			if _, err := p.runner.Accept(ctx, in); err != nil {
				return err
			}
			p.runner.Wait()
		}
		fired, err := p.runner.FireTimers(ctx)
		if err != nil {
			return err
		}
		spread, err := p.runner.BroadcastOnce(ctx)
		if err != nil {
			return err
		}
		p.runner.Wait()
		if len(signals)+len(due)+fired+spread == 0 {
			return nil
		}
	}
	return fmt.Errorf("it does not come to rest: signals, sessions and timers set off each other")
}

// delivered takes what was sent since, without what was taken back, ordered by person and then as it was sent.
func (p *player) delivered(actor *person) []crm.Outbound {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.DeleteFunc(p.sent, func(o crm.Outbound) bool { return p.superseded[o.ID] })
	p.sent = nil
	place := func(o crm.Outbound) int {
		if actor != nil && actor.ID == o.Address.Chat {
			return -1
		}
		return slices.Index(p.people, p.reached(o.Address.Chat))
	}
	slices.SortStableFunc(out, func(a, b crm.Outbound) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Address.Chat, b.Address.Chat), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// hush delivers without a word what greets an employee before the play.
func (p *player) hush(ctx context.Context) error {
	before := p.out.String()
	if err := p.follow(ctx, nil, ""); err != nil {
		return err
	}
	p.out.Reset()
	p.out.WriteString(before)
	return nil
}

// deliver puts a message on a phone and writes it down. Of several copies of a card that change alike, one is written.
func (p *player) deliver(o crm.Outbound, said map[string]bool) {
	who := p.reached(o.Address.Chat)
	if who == nil { // a chat that the play does not name
		who = &person{handle: o.Address.Chat}
	}
	mark := who.take(o)
	copied := fmt.Sprint(o.Address.Chat, o.Text, labels(o.Buttons))
	if mark == "" || mark == "~" && said[copied] {
		return
	}
	said[copied] = true
	text := o.Text
	switch {
	case o.Kind == crm.OutReaction:
		text = "(" + o.Text + ")"
	case o.Kind == crm.OutDelete:
		text = "(deleted)"
	case len(o.Media) > 0:
		kinds := make([]string, len(o.Media))
		for i, m := range o.Media {
			kinds[i] = string(m.Kind)
		}
		text = strings.TrimSpace("(" + strings.Join(kinds, ", ") + ") " + o.Text)
	}
	p.write(who.handle+" "+mark, text)
	if o.Numbered {
		o.Buttons = nil // they are in the text
	}
	for _, row := range labels(o.Buttons) {
		p.out.WriteString("    " + strings.Join(row, " ") + "\n")
	}
	for _, row := range o.Keyboard {
		p.out.WriteString("   ")
		for _, key := range row {
			p.out.WriteString(" {" + key.Text + "}")
		}
		p.out.WriteString("\n")
	}
}

// labels are the texts of buttons, as they are written.
func labels(rows [][]crm.Button) [][]string {
	all := make([][]string, len(rows))
	for i, row := range rows {
		for _, b := range row {
			all[i] = append(all[i], "["+b.Text+"]")
		}
	}
	return all
}

// write writes a text of one or more lines behind a mark.
func (p *player) write(mark, text string) {
	first, rest, more := strings.Cut(text, "\n")
	p.out.WriteString(strings.TrimRight(mark+" "+first, " ") + "\n")
	for more {
		first, rest, more = strings.Cut(rest, "\n")
		p.out.WriteString(strings.TrimRight("    | "+first, " ") + "\n")
	}
}

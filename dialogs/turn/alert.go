package turn

import (
	"context"
	"fmt"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// alertAgain is how long the same fault of a kit is not told again: the timeline has every one.
const alertAgain = time.Hour

// amiss keeps what of the kit went wrong, until it is committed.
func (g *group) amiss(e crm.Recorded) {
	switch e.Kind {
	case "rule_failed", "cascade_stopped":
		g.mistakes = append(g.mistakes, e)
	}
}

// alert tells what went wrong, each fault once in a while.
func (g *group) alert() {
	for _, e := range g.mistakes {
		about := e.Data["rule"]
		if about == nil {
			about = e.Data["chain"]
		}
		detail := fmt.Sprint(about)
		key, now := e.Kind+" "+detail, time.Now()
		if told, ok := g.alerted.Load(key); ok && now.Sub(told.(time.Time)) < alertAgain {
			continue
		}
		g.alerted.Store(key, now)
		g.Alert(e.Kind, detail)
	}
}

// Note is something about the program itself that people should hear of: a text of locales that begins with "alert." and what stands in it. Times in
// Args are shown in the zone of the business. By is the channel that can't tell it, if one can't.
type Note struct {
	Key  string
	Args map[string]any
	By   string
}

// TellNote tells it to everybody who looks after the program, each in their own chat. The caller calls once for each.
func (r *Runner) TellNote(ctx context.Context, n Note) error {
	return r.act(ctx, func(g *group, t *postgres.Turn) error {
		args := make(map[string]any, len(n.Args))
		for name, value := range n.Args {
			if at, is := value.(time.Time); is {
				value = at.In(g.Kit.Zone).Format("02.01 15:04")
			}
			args[name] = value
		}
		return g.tellKeepers(t, n.By, "alert."+n.Key, args)
	})
}

// tellKeepers says something to everybody who looks after the program, except through the channel that is the matter.
func (g *group) tellKeepers(t *postgres.Turn, by, key string, args map[string]any) error {
	told := map[crm.ConversationID]bool{}
	for role := range g.Kit.Roles {
		if !g.Kit.May(role, mayLink) {
			continue
		}
		people, err := g.tx.ReachPeople(g.ctx, role, 0, "")
		if err != nil {
			return err
		}
		for _, p := range people {
			if told[p.Conversation] || p.Address.Channel == by {
				continue
			}
			told[p.Conversation] = true
			out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice, Text: g.text(g.speaks(p.Lang), key, args)}
			if _, err := g.sendTo(t, out); err != nil {
				return err
			}
		}
	}
	return nil
}

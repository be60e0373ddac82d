package turn

import (
	"context"
	"errors"
	"html"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/guard"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// The guard of numbers stands before the sender (crm/guard, crm/postgres). Here is what people see of it: who is to call whom, how the numbers
// stand, and what a broadcast costs.

const (
	// guardedChannel is the provider whose numbers may be banned.
	guardedChannel = "whatsapp"
	// guardCallsAtOnce is how many calls are told of in one transaction.
	guardCallsAtOnce = 20
	guardWord        = "guard_" // that all its reasons begin with
)

// GuardConfig gives what the guard of numbers goes by in a kit.
func GuardConfig(kit *dialogs.Kit) postgres.GuardConfig {
	return postgres.GuardConfig{
		Policy: guardPolicy(kit), Quiet: kit.Quiet, Role: kit.Guard.Role, Due: kit.Guard.Due, Points: kit.Guard.Points, Calls: kit.CallTitles(),
		Title: func(reason guard.Reason) string {
			title, _ := kit.Texts.Text(kit.Languages[0], "guard.call_"+strings.TrimPrefix(string(reason), guardWord), nil)
			return html.UnescapeString(title)
		},
	}
}

func guardPolicy(kit *dialogs.Kit) guard.Policy { return guard.Default().Lowered(kit.Guard.Policy) }

// GuardCalls tells people of the calls that the guard has for them, until ctx ends. Any number of processes may.
func (r *Runner) GuardCalls(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := r.GuardCallsOnce(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("calls wait", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// GuardCallsOnce ends the calls to people who have written meanwhile, tells of the new ones and gives how many these were.
func (r *Runner) GuardCallsOnce(ctx context.Context) (told int, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, calls, err := r.DB.BeginGuardCalls(ctx, guardCallsAtOnce)
	if err != nil || tx == nil {
		return 0, err
	}
	defer tx.Rollback(ctx)
	g := r.newGroup(ctx, tx, 1)
	t := ownTurn(g.now)
	var later []rules.Done
	for _, c := range calls {
		if c.Task.Deal == 0 { // whoever has the role finds it under /tasks
			continue
		}
		made := crm.TaskAdded{Deal: c.Task.Deal, Owner: c.Task.Assignee != 0, Assignee: c.Task.Assignee, Role: c.Task.Role, Title: c.Task.Title, DueAt: c.Task.DueAt}
		later = append(later, g.taskNotice(rules.Done{Effect: made}))
		g.event(t, postgres.EventRow{Kind: "task_added", Deal: made.Deal, Author: crm.BySystem,
			Data: crm.Fields{"title": made.Title, "role": made.Role, "assignee": made.Assignee}})
	}
	return len(calls), errors.Join(g.tellAll(t, later, map[crm.DealID]bool{}), g.commit())
}

// guardReport answers /guard: how each number stands.
func (g *group) guardReport(t *postgres.Turn) error {
	numbers, err := g.tx.GuardNumbers(g.ctx, time.Time{})
	if err != nil {
		return err
	}
	lang := g.lang(t)
	if len(numbers) == 0 {
		return g.say(t, "guard.none", nil)
	}
	var parts []string
	for _, n := range numbers {
		parts = append(parts, GuardLines(g.Kit, lang, n)...)
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(parts, "\n")})
	return err
}

// GuardLines tells how a number stands, in a language of the kit, as lines with markup.
func GuardLines(kit *dialogs.Kit, lang string, n postgres.GuardNumber) (lines []string) {
	add := func(key string, args map[string]any) {
		text, err := kit.Texts.Text(lang, key, args)
		if err != nil && text == "" {
			text = key
		}
		lines = append(lines, text)
	}
	s := story{kit: kit, lang: lang, now: n.Now.In(kit.Zone)}
	b, name := guardPolicy(kit).Budget(n.Now.Sub(n.Since)), n.Phone
	if name == "" {
		name = n.Channel
	}
	add("guard.number", map[string]any{"number": html.EscapeString(name), "state": s.named("guard.state_", n.State), "days": int(n.Now.Sub(n.Since).Hours() / 24)})
	switch n.Stop {
	case guard.StopBanned:
		add("guard.banned", map[string]any{"time": s.time(n.StopUntil)})
	case guard.StopReaches:
		add("guard.timelock", map[string]any{"time": s.time(n.StopUntil)})
	}
	add("guard.budget", map[string]any{"hour": n.Hour, "hours": b.Hour, "day": n.Day, "most": b.Day})
	if n.Staff > 0 {
		add("guard.staff", map[string]any{"n": n.Staff})
	}
	var waits []string
	for _, w := range n.Waits {
		waits = append(waits, s.text("guard.wait", map[string]any{"n": w.Count, "reason": s.named("why.reason_", w.Reason), "time": s.time(w.First)}))
	}
	if len(waits) > 0 {
		add("guard.waits", map[string]any{"list": html.EscapeString(strings.Join(waits, ", "))})
	}
	if n.Silent > 0 {
		add("guard.silent", map[string]any{"n": n.Silent})
	}
	return lines
}

// broadcastGuarded says how long a broadcast takes where numbers are banned for such; empty when it goes to nobody there.
func (g *group) broadcastGuarded(b crm.BroadcastRun, lang string) (string, error) {
	n, err := g.tx.ReceiversBy(g.ctx, b.ID, guardedChannel)
	if err != nil || n == 0 {
		return "", err
	}
	numbers, err := g.tx.GuardNumbers(g.ctx, time.Time{})
	if err != nil {
		return "", err
	}
	day := 0
	for _, number := range numbers {
		day += guardPolicy(g.Kit).Budget(number.Now.Sub(number.Since)).ForBroadcasts().Day
	}
	if day == 0 {
		day = guardPolicy(g.Kit).Budget(0).ForBroadcasts().Day
	}
	return "\n" + g.text(lang, "guard.broadcast", map[string]any{"n": strconv.Itoa(n), "day": day, "days": (n + day - 1) / day}), nil
}

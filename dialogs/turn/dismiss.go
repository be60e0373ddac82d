package turn

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// dismissCause is the cause that the events of a dismissal bear.
const dismissCause = "dismissed"

// Dismissed is what came of a dismissal: who got how much, and what nobody could get.
type Dismissed struct {
	Name  string
	Talks int // handed to others or back to the bot
	Deals int // handed to others
	Left  int // deals without anybody
	Clash int // visits that nobody is free for
	Slot  string
	To    []Share
}

// Share is what one person got of the work of another.
type Share struct {
	Name  string
	Deals int
}

// Dismiss ends the rights of an employee at once and hands their work over, all or nothing: deals go to whom their stage wants, else to a colleague
// or the head, or wait with their place of work. By is the employee who decided, zero for the command line. crm.ErrTaken when they were
// dismissed already, crm.ErrNotFound when there is no such employee.
func (r *Runner) Dismiss(ctx context.Context, who, by crm.EmployeeID) (d Dismissed, err error) {
	err = r.act(ctx, func(g *group, t *postgres.Turn) (err error) {
		d, err = g.dismiss(t, who, by)
		return err
	})
	return d, err
}

// act does something outside of a chat, in a transaction of its own; one that stands in another's way is done again.
func (r *Runner) act(ctx context.Context, do func(*group, *postgres.Turn) error) (err error) {
	for range maxConflicts {
		if err = r.actOnce(ctx, do); err == nil || !postgres.Conflict(err) {
			return err
		}
	}
	return err
}

func (r *Runner) actOnce(ctx context.Context, do func(*group, *postgres.Turn) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, err := r.DB.BeginActs(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	g := r.newGroup(ctx, tx, 1)
	t := &postgres.Turn{In: crm.Inbound{Kind: crm.InTimeout, SentAt: g.now}, Talk: &postgres.Talk{}}
	if err := do(g, t); err != nil {
		return err
	}
	return g.commit()
}

// dismiss is Dismiss within a turn. Turns of the dismissed that are under way end first; then nothing of theirs is added any more.
func (g *group) dismiss(t *postgres.Turn, who, by crm.EmployeeID) (d Dismissed, err error) {
	if err := g.tx.Flush(g.ctx); err != nil {
		return d, err
	}
	me, err := g.tx.Employee(g.ctx, who)
	if err != nil {
		return d, err
	}
	if err := g.tx.Dismiss(g.ctx, who, by); err != nil {
		return d, err
	}
	g.changedStaff(who, nil)
	if err := g.tx.LockRole(g.ctx, me.Role); err != nil {
		return d, err
	}
	if err := g.takeCards(t, me, nil); err != nil {
		return d, err
	}
	h := &leaving{handOver: handOver{group: g, turn: t, me: me, cause: dismissCause, title: "people.digest", memory: g.memoryOf(t), receivers: map[crm.EmployeeID]*receiver{}}, by: by}
	d.Name = me.Name
	s, err := g.tx.SlotOf(g.ctx, who)
	switch {
	case err == nil:
		d.Slot = s.Name
		err = g.vacate(t, s, by, dismissCause)
		d.Deals = s.Deals
	case errors.Is(err, crm.ErrNotFound):
		err = h.spread()
	}
	if err != nil {
		return d, err
	}
	d.Talks, d.Left, d.Clash = h.talks+h.returned, h.left, h.clash
	if s.ID == 0 {
		d.Deals = h.deals
	}
	for _, r := range h.order {
		d.To = append(d.To, Share{Name: r.people[0].Name, Deals: len(r.deals)})
		for _, p := range r.people {
			if err := h.digest(r, p); err != nil {
				return d, err
			}
		}
	}
	return d, g.tellHead(t, d, me)
}

// headOf is who answers for the work of an employee; zero when nobody does.
func (g *group) headOf(e crm.Employee) (crm.EmployeeID, error) {
	if g.Kit.Head == "" {
		return 0, nil
	}
	id, err := (&memory{group: g}).Head(g.Kit.Head, e.City)
	if id == e.ID {
		id = 0
	}
	return id, err
}

// forgetDeals makes everything be read anew after work has changed hands by the hundred.
func (g *group) forgetDeals() { g.memory, g.cascade = nil, nil }

// tellHead tells the head, unless they did it themselves.
func (g *group) tellHead(t *postgres.Turn, d Dismissed, gone crm.Employee) error {
	head, err := g.headOf(gone)
	if err != nil || head == 0 || t.Employee != nil && t.Employee.ID == head {
		return err
	}
	people, err := g.tx.ReachEmployee(g.ctx, head)
	for _, p := range people {
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice, Text: g.dismissedText(d, g.speaks(p.Lang))}); err != nil {
			return err
		}
	}
	return err
}

// dismissedText sums a dismissal up in a few lines.
func (g *group) dismissedText(d Dismissed, lang string) string {
	lines := []string{g.text(lang, "people.dismissed", map[string]any{"name": html.EscapeString(d.Name), "deals": d.Deals, "talks": d.Talks})}
	var shares []string
	for _, s := range d.To {
		if s.Deals > 0 {
			shares = append(shares, fmt.Sprintf("%s: %d", html.EscapeString(s.Name), s.Deals))
		}
	}
	switch {
	case d.Slot != "":
		lines = append(lines, g.text(lang, "people.slot_waits", map[string]any{"slot": html.EscapeString(d.Slot)}))
	case len(shares) > 0:
		lines = append(lines, "→ "+strings.Join(shares, ", "))
	}
	if d.Left > 0 {
		lines = append(lines, g.text(lang, "people.left_over", map[string]any{"n": d.Left}))
	}
	if d.Clash > 0 {
		lines = append(lines, g.text(lang, "people.clash", map[string]any{"n": d.Clash}))
	}
	return strings.Join(lines, "\n")
}

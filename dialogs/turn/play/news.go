package play

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"govorun/crm"
)

// news is how much of what happened is told already.
type news struct {
	event     int64
	timers    map[int64]timer
	employees map[int64]string // who is called what in the play
	contacts  map[int64]string
}

// event is one line of the timeline.
type event struct {
	id, employee, contact, deal int64
	kind, author                string
	data                        crm.Fields
}

type timer struct {
	id, deal                   int64
	kind, rule, status, reason string
	step                       int
	due                        time.Time
}

const (
	sqlEvents = `SELECT id, coalesce(employee_id, 0), coalesce(contact_id, 0), coalesce(deal_id, 0), kind, author, data FROM events WHERE id > $1 ORDER BY id`
	sqlTimers = `SELECT id, coalesce(deal_id, 0), kind, rule, status, reason, step, due_at FROM timers ORDER BY id`
	sqlWho    = `SELECT address, coalesce(employee_id, 0), coalesce(contact_id, 0) FROM identities`
	sqlTask   = `SELECT due_at, points, coalesce(assignee_id, 0) FROM tasks WHERE deal_id = $1 AND title = $2 ORDER BY id DESC LIMIT 1`
)

// untold are events that nobody needs to read: the talk shows them.
var untold = []string{"dialog_started", "dialog_finished", "contact_met"}

// pointless are reasons for which a timer comes to nothing and nobody would have expected otherwise: its deal is elsewhere by now.
var pointless = []string{"left", "closed", "taken"}

// happened tells what happened in the CRM since the last time: the timeline, then timers.
func (p *player) happened(ctx context.Context) (string, error) {
	if err := p.recognise(ctx); err != nil {
		return "", err
	}
	var events []event
	var e event
	err := p.each(ctx, func() { events = append(events, e) }, []any{&e.id, &e.employee, &e.contact, &e.deal, &e.kind, &e.author, &e.data},
		sqlEvents, p.news.event)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, e := range events {
		p.news.event = e.id
		if slices.Contains(untold, e.kind) {
			continue
		}
		line, err := p.told(ctx, e)
		if err != nil {
			return "", err
		}
		b.WriteString("= " + line + "\n")
	}
	err = p.timersTold(ctx, &b)
	return b.String(), err
}

// timersTold tells of new timers and of those that ended or were put off.
func (p *player) timersTold(ctx context.Context, b *strings.Builder) error {
	var t timer
	return p.each(ctx, func() {
		before, known := p.news.timers[t.id]
		p.news.timers[t.id] = t
		if known && before == t || slices.Contains(pointless, t.reason) {
			return
		}
		what := t.status
		switch {
		case t.status == "waiting" && known:
			what = "put off to " + p.when(t.due)
		case t.status == "waiting":
			what = "due " + p.when(t.due)
		}
		if t.reason != "" {
			what += " (" + t.reason + ")"
		}
		name := strings.TrimSpace(t.kind + " " + t.rule)
		if t.step > 0 {
			name += fmt.Sprintf(" %d", t.step+1)
		}
		b.WriteString(fmt.Sprintf("= %s timer %s: %s\n", number(t.deal), name, what))
	}, []any{&t.id, &t.deal, &t.kind, &t.rule, &t.status, &t.reason, &t.step, &t.due}, sqlTimers)
}

// recognise learns which employee and which contact is who in the play.
func (p *player) recognise(ctx context.Context) error {
	p.news.employees, p.news.contacts = map[int64]string{}, map[int64]string{}
	var address string
	var employee, contact int64
	return p.each(ctx, func() {
		if who := p.reached(address); who != nil {
			p.news.employees[employee], p.news.contacts[contact] = who.handle, who.handle
		}
	}, []any{&address, &employee, &contact}, sqlWho)
}

// each reads the rows of a query into the same variables.
func (p *player) each(ctx context.Context, row func(), into []any, sql string, args ...any) error {
	rows, err := p.db.Pool.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("look what happened: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		for _, v := range into { // a map would be filled, not replaced
			if fields, ok := v.(*crm.Fields); ok {
				*fields = nil
			}
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read what happened: %w", err)
		}
		row()
	}
	return rows.Err()
}

func (p *player) when(at time.Time) string { return at.In(p.now.Location()).Format(moment) }

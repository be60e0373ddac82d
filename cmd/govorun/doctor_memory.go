package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"govorun/bots/telegram"
	"govorun/crm/postgres"
)

// memory looks into a database of the program's own schema.
func (d *doctor) memory(ctx context.Context, address string) {
	db, err := postgres.Open(ctx, postgres.Config{URL: address, Look: true, MaxConns: 2})
	if err != nil {
		d.wrong("postgres", err)
		return
	}
	defer closeStore(db)
	for _, look := range []func(context.Context, *postgres.DB) error{d.channels, d.numbers, d.owner, d.waits, d.dead, d.base, d.company} {
		if err := look(ctx, db); err != nil {
			d.wrong("database", err)
		}
	}
}

// channels says how each channel is doing, whom it must not write to and what waits to be sent.
func (d *doctor) channels(ctx context.Context, db *postgres.DB) error {
	states, err := db.ChannelStates(ctx)
	if err != nil {
		return err
	}
	for _, s := range states {
		if s.Sender() {
			continue
		}
		d.channel(s)
		holds, err := db.Holds(ctx, s.Channel)
		if err != nil {
			return err
		}
		d.holds(s.Channel, holds)
		depth, oldest, err := db.Outbox().Depth(ctx, s.Channel)
		if err != nil {
			return err
		}
		d.outbox(depth, oldest)
	}
	return nil
}

func (d *doctor) channel(s postgres.ChannelState) {
	if isWhatsApp(s.Channel) { // see numbers
		return
	}
	says := fmt.Sprintf("%s since %s", strings.ReplaceAll(s.State, "_", " "), s.Since.Local().Format(time.DateTime))
	if s.Detail != "" {
		says += ": " + s.Detail
	}
	switch telegram.StateKind(s.State) {
	case telegram.BadCredentials, telegram.WebhookSet:
		d.report(problem, s.Channel, says, "mend what the lines about Telegram below say, then start govorun serve again")
	case telegram.Flooded, telegram.Offline, telegram.StoreAway: // what could not be stored comes again, and the database has answered just now
		d.report(warning, s.Channel, says, "none needed if it passes: govorun serve tries again by itself")
	default:
		d.ok(s.Channel, "%s; last heard from %s", says, s.HeardAt.Local().Format(time.DateTime))
	}
}

func (d *doctor) holds(channel string, holds map[string]time.Duration) {
	if all, held := holds[""]; held {
		d.report(warning, channel, fmt.Sprintf("told to write nothing for another %v", all.Round(time.Second)), "none: it goes on by itself; GOVORUN_TELEGRAM_LIMITS=strict avoids it")
		delete(holds, "")
	}
	if len(holds) > 0 {
		d.ok(channel, "%s told to wait; the others go on", many(len(holds), "chat"))
	}
}

// longWait is an age of waiting messages that limits of sending do not explain.
const longWait = 5 * time.Minute

func (d *doctor) outbox(depth int, oldest time.Duration) {
	if depth > 0 && oldest > longWait {
		d.report(warning, "outbox", fmt.Sprintf("%s to send, the oldest for %v", many(depth, "message"), oldest.Round(time.Second)), "govorun serve, if it is not running; else see its log")
		return
	}
	d.ok("outbox", "%s to send", many(depth, "message"))
}

func (d *doctor) dead(ctx context.Context, db *postgres.DB) error {
	n, err := db.CountDead(ctx)
	switch {
	case err != nil:
		return err
	case n > 0:
		d.report(warning, "dead letters", many(n, "message")+" could not be handled and nobody has looked yet", "govorun dead, then govorun dead replay ID")
	default:
		d.ok("dead letters", "none")
	}
	return nil
}

const (
	sqlDoctorCompany = `SELECT (SELECT count(*) FROM assets), (SELECT count(*) FROM employees WHERE active),
		(SELECT count(*) FROM employees e WHERE active AND EXISTS (SELECT FROM identities i WHERE i.employee_id = e.id))`
	sqlDoctorStages = `SELECT pipeline, stage, count(*) FROM deals WHERE status = 'open' GROUP BY pipeline, stage ORDER BY pipeline, stage`
)

// company says whether there is anything to report on and anybody to tell, and whether every open deal stands on a stage of
// the kit.
func (d *doctor) company(ctx context.Context, db *postgres.DB) error {
	var assets, staff, reachable int
	if err := db.Pool.QueryRow(ctx, sqlDoctorCompany).Scan(&assets, &staff, &reachable); err != nil {
		return fmt.Errorf("count machines and staff: %w", err)
	}
	if reachable == 0 {
		d.report(warning, "company", fmt.Sprintf("none of %s has a Telegram id: nobody hears of new deals", many(staff, "employee")), "govorun import staff FILE.csv")
	}
	switch {
	case assets == 0:
		d.report(warning, "company", "there are no machines", "govorun import machines FILE.csv, if the company has any")
	case reachable > 0:
		d.ok("company", "%s, %s, %d of them in Telegram", many(assets, "machine"), many(staff, "employee"), reachable)
	}
	return d.stages(ctx, db)
}

func (d *doctor) stages(ctx context.Context, db *postgres.DB) error {
	if d.kit == nil {
		return nil
	}
	rows, err := db.Pool.Query(ctx, sqlDoctorStages)
	if err != nil {
		return fmt.Errorf("count open deals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var pipeline, stage string
		var deals int
		if err := rows.Scan(&pipeline, &stage, &deals); err != nil {
			return fmt.Errorf("count open deals: %w", err)
		}
		if !d.knows(pipeline, stage) {
			d.report(problem, "stages", fmt.Sprintf("%s on stage %s of pipeline %s, which kit %s does not have", many(deals, "open deal"), stage, pipeline, d.kit.Name),
				"put the stage back into pipelines.yaml, or name the right kit with GOVORUN_KIT")
		}
	}
	return rows.Err()
}

func (d *doctor) knows(pipeline, stage string) bool {
	p := d.kit.Pipelines[pipeline]
	if p == nil {
		return false
	}
	for _, s := range p.Stages {
		if s.Name == stage {
			return true
		}
	}
	return false
}

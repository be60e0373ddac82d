package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"govorun/crm/postgres"
)

const (
	// lateTimers is a delay of reminders that a short outage explains no more, lateMedia one of files that people sent.
	lateTimers, lateMedia = 5 * time.Minute, 15 * time.Minute
)

const (
	sqlDoctorMonths = `SELECT to_regclass(month_part('messages', month_number(now()) + 1)) IS NOT NULL AND to_regclass(month_part('events', month_number(now()) + 1)) IS NOT NULL`
	sqlDoctorPeople = `SELECT EXISTS (SELECT FROM contacts)`
	sqlDoctorFiles  = `SELECT DISTINCT hash FROM (SELECT hash FROM attachments WHERE status = 'stored' AND hash IS NOT NULL ORDER BY id DESC LIMIT 20) f`
	sqlDoctorIdle   = `SELECT count(*), coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8 FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction' AND xact_start < now() - interval '1 minute'`
	sqlDoctorRooms = `SELECT count(*) FROM rooms WHERE status = 'lost' AND lost_at > now() - interval '30 days'`
	sqlDoctorHooks = `SELECT count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'queued' AND next_at < now() - interval '10 minutes') FROM hook_calls`
	sqlDoctorOwner = `SELECT coalesce((SELECT owner FROM channels WHERE channel = 'telegram'), '')`
)

// waits says what is late: timers, files, calls, and the backup.
func (d *doctor) waits(ctx context.Context, db *postgres.DB) error {
	b, err := db.Backlog(ctx)
	if err != nil {
		return err
	}
	serve := "govorun serve, if it is not running; else see its log"
	if b.TimersSince > lateTimers {
		d.report(warning, "timers", fmt.Sprintf("%s due, the first for %v", many(int(b.Timers), "timer"), b.TimersSince.Round(time.Second)), serve)
	} else {
		d.ok("timers", "none is late")
	}
	if b.MediaSince > lateMedia {
		d.report(warning, "files", fmt.Sprintf("%s still to be fetched, the oldest for %v", many(int(b.Media), "file"), b.MediaSince.Round(time.Second)), serve+": a full disk, a folder without rights, a provider that refuses")
	}
	if b.Calls > 0 {
		d.ok("guard", "%s to be called by somebody instead of a robot", many(int(b.Calls), "person"))
	}
	if err := d.hooks(ctx, db); err != nil {
		return err
	}
	return d.backup(ctx, db, b.Backup)
}

// hooks says what addresses outside were not told.
func (d *doctor) hooks(ctx context.Context, db *postgres.DB) error {
	var failed, late int
	if err := db.Pool.QueryRow(ctx, sqlDoctorHooks).Scan(&failed, &late); err != nil {
		return fmt.Errorf("count calls of hooks: %w", err)
	}
	if failed+late > 0 {
		d.report(warning, "hooks", fmt.Sprintf("%s failed and %d are late", many(failed, "call"), late), "govorun hooks says which; govorun hooks retry")
	}
	return nil
}

// backup says how old the newest one is; a database without people needs none.
func (d *doctor) backup(ctx context.Context, db *postgres.DB, last time.Time) error {
	var people bool
	if err := db.Pool.QueryRow(ctx, sqlDoctorPeople).Scan(&people); err != nil {
		return fmt.Errorf("look for people: %w", err)
	}
	fix := "govorun backup -o FOLDER, every day by a timer, and copy the file to another machine"
	age := d.now().Sub(last).Round(time.Minute)
	switch {
	case !people:
	case last.Unix() <= 0:
		d.report(warning, "backup", "none was made by govorun backup", fix)
	case age > staleBackup:
		d.report(warning, "backup", fmt.Sprintf("the newest is %v old", age), fix)
	default:
		d.ok("backup", "the newest is %v old", age)
	}
	return nil
}

// base looks at what goes wrong in a database by and by: months without tables, sessions that hold a chat, groups that are gone.
func (d *doctor) base(ctx context.Context, db *postgres.DB) error {
	var next bool
	if err := db.Pool.QueryRow(ctx, sqlDoctorMonths).Scan(&next); err != nil {
		return fmt.Errorf("look at the months: %w", err)
	}
	if next {
		d.ok("months", "the tables of the next one are there")
	} else {
		d.report(warning, "months", "messages and events have no tables for the next month: they will go on in those of this one", "none needed: govorun serve makes them at its start and every hour")
	}
	var held, lost int
	var longest float64
	if err := db.Pool.QueryRow(ctx, sqlDoctorIdle).Scan(&held, &longest); err != nil {
		return fmt.Errorf("look at the sessions of the server: %w", err)
	}
	if held > 0 {
		d.report(warning, "sessions", fmt.Sprintf("%s in a transaction and idle, the longest for %v: the chats it has locked wait", many(held, "session"), (time.Duration(longest)*time.Second).Round(time.Second)),
			"SELECT pid, application_name FROM pg_stat_activity WHERE state = 'idle in transaction'; then pg_terminate_backend(pid)")
	}
	if err := db.Pool.QueryRow(ctx, sqlDoctorRooms).Scan(&lost); err != nil {
		return fmt.Errorf("count lost groups: %w", err)
	}
	if lost > 0 {
		d.report(warning, "groups", many(lost, "group")+" lost in the last 30 days; what went there goes to private chats", "add the bot to a new group and write /bind there")
	}
	return d.stored(ctx, db)
}

// stored looks whether the newest files lie in the folder: another folder, or one that replicas do not share, shows here.
func (d *doctor) stored(ctx context.Context, db *postgres.DB) error {
	rows, err := db.Pool.Query(ctx, sqlDoctorFiles)
	if err != nil {
		return fmt.Errorf("list the newest files: %w", err)
	}
	defer rows.Close()
	all, missing := 0, 0
	dir := filepath.Join(d.settings.Data, "files")
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return fmt.Errorf("list the newest files: %w", err)
		}
		if all++; len(hash) > 2 {
			if _, err := os.Stat(filepath.Join(dir, hash[:2], hash[2:])); os.IsNotExist(err) {
				missing++
			}
		}
	}
	if missing > 0 {
		d.report(problem, "files", fmt.Sprintf("%d of the newest %s do not lie in %s", missing, many(all, "file"), dir), "name the folder of the running program with GOVORUN_DATA; all processes need the same one")
	} else if all > 0 {
		d.ok("files", "the newest lie in %s", dir)
	}
	return rows.Err()
}

// owner compares the bot of the token with the one that people have their talks with.
func (d *doctor) owner(ctx context.Context, db *postgres.DB) error {
	var owner string
	if err := db.Pool.QueryRow(ctx, sqlDoctorOwner).Scan(&owner); err != nil {
		return fmt.Errorf("look whose talks these are: %w", err)
	}
	if bot := botOf(d.telegram.Token); bot != "" && owner != "" && bot != owner {
		d.report(problem, "token", fmt.Sprintf("it is of bot %s, and the talks of this database are with bot %s", bot, owner), "set GOVORUN_TELEGRAM_TOKEN to a token of bot "+owner+" (@BotFather, /token)")
	}
	return nil
}

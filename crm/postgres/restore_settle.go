package postgres

import "github.com/jackc/pgx/v5"

const (
	// What is due later nobody has sent yet. A prompt that is put aside comes again when its person writes.
	sqlRestoreAside = `WITH due AS (UPDATE messages SET status = 'cancelled', reason = 'restored'
			WHERE status = 'queued' AND direction = 'out' AND (not_before IS NULL OR not_before <= now()) RETURNING 1)
		SELECT count(*) FROM due`

	// A signal waits for less than a second, unless a person holds the talk: then it is still waiting where the backup was made.
	sqlRestoreSignals = `WITH met AS (UPDATE messages m SET status = 'cancelled', reason = 'restored' FROM conversations c
			WHERE m.status = 'waiting' AND m.direction = 'in' AND m.author = 'system' AND c.id = m.conversation_id
			AND c.operator_id IS NULL AND (c.own_until IS NULL OR c.own_until <= $1) RETURNING 1)
		SELECT count(*) FROM met`

	sqlRestoreTwice = `UPDATE messages m SET maybe_duplicate = true FROM conversations c
		WHERE m.status = 'queued' AND m.direction = 'out' AND c.id = m.conversation_id AND split_part(c.channel, ':', 1) <> 'whatsapp'`

	sqlRestoreHooks = `UPDATE hook_calls SET status = 'failed', reason = 'restored' WHERE status = 'queued'`

	// A broadcast that goes on would write to those once more who got it after the backup.
	sqlRestoreBroadcasts = `UPDATE broadcasts SET status = CASE status WHEN 'sending' THEN 'stopped' ELSE 'dropped' END,
		ended_at = CASE status WHEN 'sending' THEN ended_at ELSE now() END WHERE status IN ('sending', 'gathering')`

	sqlRestoreSenders = `UPDATE channels SET state = 'stopped' WHERE channel LIKE '%/outbox'`

	// What robots have sent on a number after the backup nobody knows: its budget of that day counts as spent.
	sqlRestoreGuard = `UPDATE guard_numbers SET free_at = greatest(free_at, $1::timestamptz + interval '1 day')`

	// Numbers of messages and events begin anew each month, where a tenth of them is next to nothing: they go on in the month that it is now, behind
	// more than anybody sends in one. A phone shows one message of an id, so that a second of the same would be lost.
	sqlRestoreMonths = `SELECT make_months(now())`
	sqlRestoreBegin  = `SELECT begin_month(now())`
	sqlRestoreLeap   = `SELECT setval('messages_id_seq', m.last_value + (1::bigint << 30)), setval('events_id_seq', e.last_value + (1::bigint << 30))
		FROM messages_id_seq m, events_id_seq e`

	sqlRestoreDevices = `SELECT to_regclass('whatsapp.whatsmeow_device') IS NOT NULL`

	sqlRestoreUnlink = `UPDATE accounts SET device = '' WHERE channel = $1`

	sqlRestoreNumbers = `SELECT channel, device FROM accounts ORDER BY channel`

	// Reminders and the like that were due after the backup: whether they were sent is not known here.
	sqlRestoreTimers = `SELECT count(*) FROM timers WHERE status = 'waiting' AND due_at > $1 AND due_at <= now()`

	sqlRestoreNote = `INSERT INTO backups (taken_at, restored_at) VALUES ($1, now())`
)

// leap lets messages and events go on behind all numbers that were given after the backup.
func (r *restore) leap() error {
	return r.each([]string{sqlRestoreMonths, sqlRestoreBegin, sqlRestoreLeap})
}

// settle keeps what was sent after the backup from being sent again.
func (r *restore) settle() error {
	counted := func(into *int64, sql string, args ...any) error { return r.tx.QueryRow(r.ctx, sql, args...).Scan(into) }
	if r.Resend {
		if _, err := r.exec(sqlRestoreTwice); err != nil {
			return err
		}
	} else {
		var signals int64
		if err := counted(&r.done.Aside, sqlRestoreAside); err != nil {
			return err
		}
		if err := counted(&signals, sqlRestoreSignals, r.At); err != nil {
			return err
		}
		r.done.Aside += signals
		hooks, err := r.exec(sqlRestoreHooks)
		if err != nil {
			return err
		}
		r.done.Hooks = hooks
	}
	stopped, err := r.exec(sqlRestoreBroadcasts)
	if err != nil {
		return err
	}
	r.done.Broadcasts = stopped
	if _, err := r.exec(sqlRestoreSenders); err != nil {
		return err
	}
	if _, err := r.exec(sqlRestoreGuard, r.At); err != nil {
		return err
	}
	if err := r.numbers(); err != nil {
		return err
	}
	if err := counted(&r.done.Timers, sqlRestoreTimers, r.At); err != nil {
		return err
	}
	_, err = r.exec(sqlRestoreNote, r.At)
	return err
}

// numbers looks which WhatsApp numbers this database has the sessions of: these were never part of the backup.
func (r *restore) numbers() error {
	type number struct{ Channel, Device string }
	list, err := collected[number](r.ctx, r.tx, sqlRestoreNumbers)
	if err != nil || len(list) == 0 {
		return err
	}
	var kept bool
	if err := r.tx.QueryRow(r.ctx, sqlRestoreDevices).Scan(&kept); err != nil {
		return err
	}
	devices := map[string]bool{}
	if kept {
		rows, err := r.tx.Query(r.ctx, `SELECT jid FROM whatsapp.whatsmeow_device`) // a table of the library, which may not be there
		if err != nil {
			return err
		}
		jids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, jid := range jids {
			devices[jid] = true
		}
	}
	for _, n := range list {
		switch {
		case n.Device != "" && devices[n.Device]:
			r.done.Linked = append(r.done.Linked, n.Channel)
			continue
		case n.Device != "":
			if _, err := r.exec(sqlRestoreUnlink, n.Channel); err != nil {
				return err
			}
		}
		r.done.Unlinked = append(r.done.Unlinked, n.Channel)
	}
	return nil
}

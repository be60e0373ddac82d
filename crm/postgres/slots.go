package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// SlotID is the number of a place of work, positive when set.
type SlotID int64

// Slot is a place of work: who holds it has its deals, tasks, visits, saved commands and crew. Holder is zero while it is vacant; then Keeper has
// its work. Deals counts the open deals of the holder, or those that wait for one. ChangedBy is zero for the command line.
type Slot struct {
	ID         SlotID
	Name       string
	Role       string
	City       string
	Crew       crm.CrewID
	CrewName   string
	Holder     crm.EmployeeID
	HolderName string
	Keeper     crm.EmployeeID
	KeeperName string
	Former     crm.EmployeeID // who held it last, while it is vacant
	Deals      int
	ChangedAt  time.Time
	ChangedBy  crm.EmployeeID
}

const (
	sqlSlotColumns = `SELECT s.id, s.name, s.role, s.city, coalesce(s.crew_id, 0), coalesce(c.name, ''), coalesce(s.employee_id, 0), coalesce(h.name, ''),
			coalesce(s.keeper_id, 0), coalesce(k.name, ''), coalesce(s.former_id, 0),
			CASE WHEN s.employee_id IS NULL THEN (SELECT count(*) FROM slot_deals w JOIN deals d ON d.id = w.deal_id AND d.status = 'open' WHERE w.slot_id = s.id)
				ELSE (SELECT count(*) FROM deals d WHERE d.owner_id = s.employee_id AND d.status = 'open') END,
			s.changed_at, coalesce(s.changed_by, 0)
		FROM slots s LEFT JOIN crews c ON c.id = s.crew_id LEFT JOIN employees h ON h.id = s.employee_id LEFT JOIN employees k ON k.id = s.keeper_id `

	sqlLockSlot = `SELECT FROM slots WHERE id = $1 FOR UPDATE`

	sqlSlotHeldBy = `SELECT id FROM slots WHERE employee_id = $1`

	sqlLockHolders = `SELECT id FROM employees WHERE id = ANY($1::bigint[]) AND active ORDER BY id FOR NO KEY UPDATE`

	// Of an exchange both change in one statement; nobody may hold two places even for a moment.
	sqlFreeSlots = `UPDATE slots SET employee_id = NULL WHERE id = ANY($1::bigint[])`
	sqlHoldSlot  = `UPDATE slots SET employee_id = nullif($2::bigint, 0), keeper_id = nullif($3::bigint, 0), former_id = nullif($5::bigint, 0), changed_at = now(),
		changed_by = nullif($4::bigint, 0) WHERE id = $1`

	sqlTakePlace = `UPDATE employees e SET role = s.role, city = CASE WHEN s.city = '' THEN e.city ELSE s.city END, crew_id = coalesce(s.crew_id, CASE WHEN e.role = s.role THEN e.crew_id END)
		FROM slots s WHERE s.id = $2 AND e.id = $1`
	sqlLeavePlace = `UPDATE employees SET crew_id = NULL WHERE id = $1 AND crew_id = $2`

	sqlWaitForSlot = `INSERT INTO slot_deals (deal_id, slot_id) SELECT d, $2 FROM unnest($1::bigint[]) AS u(d)
		ON CONFLICT ON CONSTRAINT slot_deals_pkey DO UPDATE SET slot_id = excluded.slot_id`

	// What the keeper has passed on meanwhile is somebody else's now.
	sqlGatherSlot = `WITH waits AS (DELETE FROM slot_deals WHERE slot_id = $1 RETURNING deal_id),
		mine AS MATERIALIZED (SELECT d.id, d.owner_id FROM deals d JOIN waits w ON w.deal_id = d.id
			WHERE d.status = 'open' AND d.owner_id IS NOT DISTINCT FROM nullif($3::bigint, 0) ORDER BY d.id FOR UPDATE OF d),
		handed AS (UPDATE deals d SET owner_id = $2, updated_at = now() FROM mine m WHERE d.id = m.id RETURNING d.id, d.contact_id, m.owner_id AS before),
		told AS (INSERT INTO events (at, kind, author, employee_id, message_id, contact_id, deal_id, data)
			SELECT now(), 'deal_owned', CASE WHEN $4::bigint > 0 THEN 'employee' ELSE 'system' END, nullif($4::bigint, 0), nullif($5::bigint, 0), contact_id, id,
				jsonb_build_object('owner', $2::bigint, 'before', before, 'cause', jsonb_build_array('slot')) FROM handed)
		SELECT id FROM handed ORDER BY id`
	sqlGatherTasks = `UPDATE tasks SET assignee_id = $2 WHERE deal_id = ANY($1::bigint[]) AND done_at IS NULL AND assignee_id IS NOT DISTINCT FROM nullif($3::bigint, 0)`

	sqlGatherTakes = `UPDATE timers SET data = jsonb_set(data, '{owner}', to_jsonb($2::bigint)), due_at = now() + (data->>'within')::interval
		WHERE deal_id = ANY($1::bigint[]) AND kind = 'take' AND status = 'waiting' AND data->'owner' = to_jsonb($3::bigint)`

	sqlSlotHistory = `SELECT v.at, coalesce(h.name, ''), coalesce(b.name, ''), coalesce(w.name, '') FROM events v
			LEFT JOIN LATERAL (SELECT (v.data->>'slot')::bigint AS slot, (v.data->>'holder')::bigint AS holder, (v.data->>'before')::bigint AS before OFFSET 0) x ON true
			LEFT JOIN employees h ON h.id = x.holder LEFT JOIN employees b ON b.id = x.before LEFT JOIN employees w ON w.id = v.employee_id
		WHERE v.kind = 'slot_held' AND x.slot = $1 ORDER BY v.id DESC LIMIT $2`

	sqlAddSlot = `INSERT INTO slots (name, role, city, crew_id) VALUES ($1, $2, $3, nullif($4::bigint, 0)) RETURNING id`

	sqlRemoveSlot = `DELETE FROM slots WHERE id = $1 AND employee_id IS NULL AND NOT EXISTS (
		SELECT FROM slot_deals w JOIN deals d ON d.id = w.deal_id AND d.status = 'open' WHERE w.slot_id = $1)`
)

const (
	sqlSlots       = sqlSlotColumns + `ORDER BY s.city, s.name, s.id`
	sqlSlot        = sqlSlotColumns + `WHERE s.id = $1`
	sqlSlotByPlace = sqlSlotColumns + `WHERE s.employee_id = $1`
)

func scanSlot(row pgx.CollectableRow) (s Slot, err error) {
	err = row.Scan(&s.ID, &s.Name, &s.Role, &s.City, &s.Crew, &s.CrewName, &s.Holder, &s.HolderName, &s.Keeper, &s.KeeperName, &s.Former, &s.Deals, &s.ChangedAt, &s.ChangedBy)
	return s, err
}

// Slots lists all places of work by city and name.
func (t *Turns) Slots(ctx context.Context) ([]Slot, error) {
	rows, err := t.conn.Query(ctx, sqlSlots)
	if err != nil {
		return nil, wrap(err, "list slots")
	}
	list, err := pgx.CollectRows(rows, scanSlot)
	return list, wrap(err, "list slots")
}

// Slot locks a place of work and reads it. crm.ErrNotFound when there is none.
func (t *Turns) Slot(ctx context.Context, id SlotID) (Slot, error) {
	if _, err := t.conn.Exec(ctx, sqlLockSlot, id); err != nil {
		return Slot{}, wrap(err, "lock slot %d", id)
	}
	return t.slot(ctx, sqlSlot, int64(id))
}

// SlotOf locks and reads the place that an employee holds. crm.ErrNotFound when they hold none.
func (t *Turns) SlotOf(ctx context.Context, id crm.EmployeeID) (Slot, error) {
	var slot SlotID
	if err := t.conn.QueryRow(ctx, sqlSlotHeldBy, id).Scan(&slot); err != nil {
		return Slot{}, wrap(err, "find the slot of employee %d", id)
	}
	s, err := t.Slot(ctx, slot)
	if err == nil && s.Holder != id { // somebody was faster
		return Slot{}, fmt.Errorf("find the slot of employee %d: %w", id, crm.ErrNotFound)
	}
	return s, err
}

func (t *Turns) slot(ctx context.Context, sql string, id int64) (Slot, error) {
	rows, err := t.conn.Query(ctx, sql, id)
	if err != nil {
		return Slot{}, wrap(err, "read slot %d", id)
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSlot)
	return s, wrap(err, "read slot %d", id)
}

// SlotChange is who was given a place, instead of whom, and who decided; names are empty for nobody.
type SlotChange struct {
	At     time.Time
	Holder string
	Before string
	By     string
}

// SlotHistory lists who held a place, the newest change first.
func (t *Turns) SlotHistory(ctx context.Context, id SlotID, limit int) ([]SlotChange, error) {
	rows, err := t.conn.Query(ctx, sqlSlotHistory, id, limit)
	if err != nil {
		return nil, wrap(err, "read the history of slot %d", id)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SlotChange])
	return list, wrap(err, "read the history of slot %d", id)
}

// AddSlot makes a vacant place of work. crm.ErrDuplicate when there is one of that name.
func (t *Turns) AddSlot(ctx context.Context, s Slot) (id SlotID, err error) {
	err = t.conn.QueryRow(ctx, sqlAddSlot, s.Name, s.Role, s.City, s.Crew).Scan(&id)
	if codeOf(err) == codeUniqueViolation {
		return 0, fmt.Errorf("add slot: %w", crm.ErrDuplicate)
	}
	return id, wrap(err, "add slot")
}

// RemoveSlot removes a vacant place for which no work waits. crm.ErrRefused when it is none.
func (t *Turns) RemoveSlot(ctx context.Context, id SlotID) error {
	tag, err := t.conn.Exec(ctx, sqlRemoveSlot, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = crm.ErrRefused
	}
	return wrap(err, "remove slot %d", id)
}

package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// LockEmployees keeps employees as they are until this transaction ends. crm.ErrNotFound when one of them does not work here (any more).
func (t *Turns) LockEmployees(ctx context.Context, ids ...crm.EmployeeID) error {
	wanted := make([]int64, 0, len(ids))
	for _, id := range ids {
		if id != 0 {
			wanted = append(wanted, int64(id))
		}
	}
	rows, err := t.conn.Query(ctx, sqlLockHolders, wanted)
	if err != nil {
		return wrap(err, "lock employees")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err == nil && len(found) < len(wanted) {
		err = crm.ErrNotFound
	}
	return wrap(err, "lock employees")
}

// HoldSlot gives a locked place to an employee, or to nobody but a keeper when who is zero. An employee who holds another place (also locked)
// exchanges: other.ID is that place, and its holder becomes before. Crews and roles follow the places. Work is the caller's to hand over.
func (t *Turns) HoldSlot(ctx context.Context, s, other Slot, who, keeper, by crm.EmployeeID) error {
	batch := &pgx.Batch{}
	free := []int64{int64(s.ID)}
	if other.ID != 0 {
		free = append(free, int64(other.ID))
	}
	batch.Queue(sqlFreeSlots, free)
	var former crm.EmployeeID
	if who == 0 {
		former = s.Holder
	}
	batch.Queue(sqlHoldSlot, s.ID, who, keeper, by, former)
	if s.Holder != 0 {
		batch.Queue(sqlLeavePlace, s.Holder, s.Crew)
	}
	if other.ID != 0 {
		batch.Queue(sqlHoldSlot, other.ID, s.Holder, 0, by, 0)
		batch.Queue(sqlLeavePlace, who, other.Crew)
		if s.Holder != 0 {
			batch.Queue(sqlTakePlace, s.Holder, other.ID)
		}
	}
	if who != 0 {
		batch.Queue(sqlTakePlace, who, s.ID)
	}
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("give slot %d to employee %d: %w", s.ID, who, domain(err))
	}
	return nil
}

// KeepForSlot notes that deals are those of a vacant place: its next holder gets them.
func (t *Turns) KeepForSlot(ctx context.Context, id SlotID, deals []crm.DealID) error {
	_, err := t.conn.Exec(ctx, sqlWaitForSlot, numbers(deals), id)
	return wrap(err, "keep %d deals for slot %d", len(deals), id)
}

// GatherSlot gives the deals that waited for a vacant place, with their tasks, to its new holder: those that its keeper still has.
func (t *Turns) GatherSlot(ctx context.Context, s Slot, who, by crm.EmployeeID, message crm.MessageID) (deals []crm.DealID, err error) {
	clear(t.views)
	rows, err := t.conn.Query(ctx, sqlGatherSlot, s.ID, who, s.Keeper, by, message)
	if err == nil {
		deals, err = pgx.CollectRows(rows, pgx.RowTo[crm.DealID])
	}
	if err == nil && len(deals) > 0 {
		if _, err = t.conn.Exec(ctx, sqlGatherTasks, numbers(deals), who, s.Keeper); err == nil {
			_, err = t.conn.Exec(ctx, sqlGatherTakes, numbers(deals), who, s.Keeper)
		}
	}
	return deals, wrap(err, "gather the deals of slot %d", s.ID)
}

func numbers[ID ~int64](ids []ID) []int64 {
	list := make([]int64, len(ids))
	for i, id := range ids {
		list[i] = int64(id)
	}
	return list
}

// LockChats waits for the turns under way in the chats of some employees, and keeps others from beginning until this transaction ends.
func (t *Turns) LockChats(ctx context.Context, ids ...crm.EmployeeID) error {
	for _, id := range ids {
		if id == 0 {
			continue
		}
		if _, err := t.conn.Exec(ctx, sqlLockChatsOf, id); err != nil {
			return wrap(err, "wait for the chats of employee %d", id)
		}
	}
	return nil
}

package board

import (
	"context"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// rows are the store's rows with the times to show. Moments that the database noted are moved; those that the product chose, such as
// when a deal entered its stage and when a timer is due, are of the shown clock already.
type rows struct {
	postgres.Board
	when func(time.Time) time.Time
}

func (r rows) move(times ...*time.Time) {
	for _, at := range times {
		if r.when != nil && at != nil && !at.IsZero() {
			*at = r.when(*at)
		}
	}
}

func (r rows) ofDeal(d *postgres.BoardDeal)       { r.move(&d.CreatedAt, &d.UpdatedAt) }
func (r rows) ofEvent(e *postgres.BoardEvent)     { r.move(&e.At) }
func (r rows) ofFile(f *postgres.BoardFile)       { r.move(&f.CreatedAt) }
func (r rows) ofContact(c *postgres.BoardContact) { r.move(&c.CreatedAt, &c.UpdatedAt) }
func (r rows) ofMessage(m *postgres.BoardMessage) { r.move(&m.CreatedAt, m.SentAt, m.NotBefore) }

// each moves the times of a list.
func each[T any](list []T, err error, move func(*T)) ([]T, error) {
	for i := range list {
		move(&list[i])
	}
	return list, err
}

func (r rows) Deal(ctx context.Context, id crm.DealID) (postgres.BoardDeal, error) {
	d, err := r.Board.Deal(ctx, id)
	r.ofDeal(&d)
	return d, err
}

func (r rows) Conversation(ctx context.Context, at crm.Address) (postgres.BoardConversation, error) {
	c, err := r.Board.Conversation(ctx, at)
	r.move(&c.CreatedAt, &c.UpdatedAt)
	return c, err
}

func (r rows) Deals(ctx context.Context, before crm.DealID, limit int) ([]postgres.BoardDeal, error) {
	list, err := r.Board.Deals(ctx, before, limit)
	return each(list, err, r.ofDeal)
}

func (r rows) DealsTouched(ctx context.Context, by crm.MessageID) ([]postgres.BoardDeal, error) {
	list, err := r.Board.DealsTouched(ctx, by)
	return each(list, err, r.ofDeal)
}

func (r rows) Contacts(ctx context.Context, before crm.ContactID, limit int) ([]postgres.BoardContact, error) {
	list, err := r.Board.Contacts(ctx, before, limit)
	return each(list, err, r.ofContact)
}

func (r rows) Messages(ctx context.Context, id crm.ConversationID, limit int) ([]postgres.BoardMessage, error) {
	list, err := r.Board.Messages(ctx, id, limit)
	return each(list, err, r.ofMessage)
}

func (r rows) Caused(ctx context.Context, by crm.MessageID) ([]postgres.BoardMessage, error) {
	list, err := r.Board.Caused(ctx, by)
	return each(list, err, r.ofMessage)
}

func (r rows) Inbound(ctx context.Context, at crm.Address, ref string) ([]postgres.BoardMessage, error) {
	list, err := r.Board.Inbound(ctx, at, ref)
	return each(list, err, r.ofMessage)
}

func (r rows) Outbound(ctx context.Context, at crm.Address, ref string) ([]postgres.BoardMessage, error) {
	list, err := r.Board.Outbound(ctx, at, ref)
	return each(list, err, r.ofMessage)
}

func (r rows) DealEvents(ctx context.Context, id crm.DealID) ([]postgres.BoardEvent, error) {
	list, err := r.Board.DealEvents(ctx, id)
	return each(list, err, r.ofEvent)
}

func (r rows) MessageEvents(ctx context.Context, id crm.MessageID) ([]postgres.BoardEvent, error) {
	list, err := r.Board.MessageEvents(ctx, id)
	return each(list, err, r.ofEvent)
}

func (r rows) DealFiles(ctx context.Context, id crm.DealID) ([]postgres.BoardFile, error) {
	list, err := r.Board.DealFiles(ctx, id)
	return each(list, err, r.ofFile)
}

func (r rows) MessageFiles(ctx context.Context, id crm.MessageID) ([]postgres.BoardFile, error) {
	list, err := r.Board.MessageFiles(ctx, id)
	return each(list, err, r.ofFile)
}

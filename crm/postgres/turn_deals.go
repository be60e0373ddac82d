package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// DealView is a deal with all that a card of it shows.
type DealView struct {
	crm.Deal
	Contact  crm.Contact
	Asset    crm.Asset
	Owner    crm.Employee
	Files    int
	MovedAt  time.Time
	Language string // of the contact's conversation
	Talk     crm.ConversationID
	Address  crm.Address // of the contact's conversation
}

// newestTalk is where the contact of a deal d, which began outside of a chat, is written to: where they wrote last. Forms, calls and what was
// imported are records, in which nobody can be answered.
const newestTalk = `(SELECT t.id FROM conversations t WHERE t.contact_id = d.contact_id AND t.channel NOT LIKE 'form:%' AND t.channel NOT IN ('call', 'mail', 'import')
	ORDER BY t.updated_at DESC LIMIT 1)`

// Without OFFSET 0 the planner would rather walk through all employees, or machines, than look a few up.
const sqlViewDeals = `SELECT d.id, d.pipeline, d.stage, d.status, d.title, coalesce(d.contact_id, 0), coalesce(d.asset_id, 0),
		coalesce(d.owner_id, 0), coalesce(d.crew_id, 0), coalesce(d.parent_id, 0), coalesce(d.conversation_id, 0), coalesce(d.unique_key, ''),
		coalesce(d.lost_reason, ''), d.fields, d.entered_at, d.created_at, d.closed_at, d.updated_at,
		coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(c.lang, ''), c.fields,
		coalesce(a.kind, ''), coalesce(a.code, ''), coalesce(a.name, ''), coalesce(a.city, ''), coalesce(a.address, ''), coalesce(a.crew_id, 0), a.fields,
		coalesce(e.name, ''), coalesce(e.role, ''),
		(SELECT count(*) FROM attachments f WHERE f.deal_id = d.id AND NOT f.replaced),
		coalesce(k.id, 0), coalesce(k.channel, ''), coalesce(k.chat, ''), coalesce(k.lang, ''),
		coalesce(e.city, ''), coalesce(e.crew_id, 0), coalesce(e.lang, '')
	FROM deals d LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN LATERAL (SELECT * FROM assets WHERE id = d.asset_id OFFSET 0) a ON true
	LEFT JOIN LATERAL (SELECT * FROM employees WHERE id = d.owner_id OFFSET 0) e ON true LEFT JOIN conversations k ON k.id = coalesce(d.conversation_id,
		` + newestTalk + `)
	WHERE d.id = ANY($1::bigint[])`

// sqlLockDeals comes before sqlViewDeals, for the reason given at sqlLockConversations. All lock in one order.
const sqlLockDeals = `SELECT FROM deals WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE`

// Opens tells whether a deal is new and not written yet: nobody has been shown it.
func (t *Turns) Opens(id crm.DealID) bool {
	return slices.ContainsFunc(t.Changes.Deals, func(d DealRow) bool { return d.ID == id })
}

// Deal locks a deal and reads what its card shows, in one round trip. crm.ErrNotFound when there is none.
func (t *Turns) Deal(ctx context.Context, id crm.DealID) (DealView, error) {
	batch := &pgx.Batch{}
	t.queueDeal(batch, id)
	if batch.Len() > 0 {
		if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
			return DealView{}, fmt.Errorf("read deal %d: %w", id, domain(err))
		}
	}
	v, known := t.views[id]
	if !known {
		return v, fmt.Errorf("read deal %d: %w", id, crm.ErrNotFound)
	}
	return v, nil
}

// queueDeal is queueDeals for one, with its links if these are wanted.
func (t *Turns) queueDeal(batch *pgx.Batch, id crm.DealID) {
	t.queueDeals(batch, []crm.DealID{id})
	if _, known := t.links[id]; t.Linked && !known && batch.Len() > 0 {
		t.queueLinksOf(batch, id)
	}
}

// queueDeals locks and reads deals, except those that are locked and have not changed since they were read.
func (t *Turns) queueDeals(batch *pgx.Batch, ids []crm.DealID) {
	var unread, free []crm.DealID
	for _, id := range ids {
		if _, known := t.views[id]; known || slices.Contains(unread, id) {
			continue
		}
		unread = append(unread, id)
		if !t.locked[id] {
			free = append(free, id)
		}
	}
	if len(unread) == 0 {
		return
	}
	if len(free) > 0 {
		batch.Queue(sqlLockDeals, free)
	}
	batch.Queue(sqlViewDeals, unread).Query(func(rows pgx.Rows) error {
		views, err := pgx.CollectRows(rows, scanDeal)
		if t.views == nil {
			t.views = map[crm.DealID]DealView{}
		}
		for _, v := range views {
			t.views[v.ID] = v
			t.lock(v.ID)
		}
		return err
	})
}

func scanDeal(row pgx.CollectableRow) (v DealView, err error) {
	var closed *time.Time
	err = row.Scan(&v.ID, &v.Pipeline, &v.Stage, &v.Status, &v.Title, &v.Contact.ID, &v.Asset.ID,
		&v.Owner.ID, &v.Crew, &v.Parent, &v.Conversation, &v.UniqueKey, &v.LostReason, &v.Fields, &v.EnteredAt, &v.CreatedAt, &closed, &v.MovedAt,
		&v.Contact.Name, &v.Contact.Phone, &v.Contact.Lang, &v.Contact.Fields,
		&v.Asset.Kind, &v.Asset.Code, &v.Asset.Name, &v.Asset.City, &v.Asset.Address, &v.Asset.Crew, &v.Asset.Fields,
		&v.Owner.Name, &v.Owner.Role, &v.Files, &v.Talk, &v.Address.Channel, &v.Address.Chat, &v.Language,
		&v.Owner.City, &v.Owner.Crew, &v.Owner.Lang)
	v.Deal.Contact, v.Deal.Asset, v.Deal.Owner, v.ClosedAt = v.Contact.ID, v.Asset.ID, v.Owner.ID, deref(closed)
	v.Owner.Active = v.Owner.ID != 0
	return v, err
}

const sqlSameDeal = `SELECT id, pipeline, stage, coalesce(contact_id, 0), title, coalesce(owner_id, 0), fields, entered_at, created_at FROM deals WHERE unique_key = $1 AND status = 'open'`

// SameDeal finds the open deal that bears a unique key; nil when there is none.
func (t *Turns) SameDeal(ctx context.Context, key string) (*crm.Deal, error) {
	d := crm.Deal{UniqueKey: key, Status: crm.DealOpen}
	err := t.conn.QueryRow(ctx, sqlSameDeal, key).Scan(&d.ID, &d.Pipeline, &d.Stage, &d.Contact, &d.Title, &d.Owner, &d.Fields, &d.EnteredAt, &d.CreatedAt)
	if err == pgx.ErrNoRows {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the deal with the same key: %w", domain(err))
	}
	return &d, nil
}

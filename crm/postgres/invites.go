package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// InviteFor is how long an invitation can be accepted.
const InviteFor = 24 * time.Hour

// InviteID is the number of an invitation, positive when set.
type InviteID int64

// Invite is an invitation to work here. City is nil and CrewAsked false while these are being asked for. Slot, when set, is the
// place of work that comes with it. By is zero for one made on the command line.
type Invite struct {
	ID        InviteID
	Status    string // draft, open, used, revoked
	Role      string
	City      *string
	Crew      crm.CrewID
	CrewName  string
	CrewAsked bool
	Slot      SlotID
	SlotName  string
	Name      string
	By        crm.EmployeeID
	ByName    string
	ExpiresAt time.Time
}

const (
	sqlInviteColumns = `SELECT i.id, i.status, i.role, i.city, coalesce(i.crew_id, 0), coalesce(c.name, ''), i.crew_asked, coalesce(i.slot_id, 0),
			coalesce(s.name, ''), i.name, coalesce(i.created_by, 0), coalesce(e.name, ''), i.expires_at
		FROM invites i LEFT JOIN crews c ON c.id = i.crew_id LEFT JOIN slots s ON s.id = i.slot_id LEFT JOIN employees e ON e.id = i.created_by `

	// One draft of each author is enough: a new one takes the place of what was left unfinished.
	sqlDropDrafts = `DELETE FROM invites WHERE status = 'draft' AND created_by = $1`

	sqlDraftInvite = `INSERT INTO invites (status, role, city, crew_id, crew_asked, slot_id, name, created_by)
		VALUES ('draft', $1, $2, nullif($3::bigint, 0), $4, nullif($5::bigint, 0), $6, nullif($7::bigint, 0)) RETURNING id`

	sqlLockInvite = `SELECT FROM invites WHERE id = $1 FOR UPDATE`

	sqlReviseInvite = `UPDATE invites SET role = $2, city = $3, crew_id = nullif($4::bigint, 0), crew_asked = $5 WHERE id = $1 AND status = 'draft'`

	sqlOpenInvite = `UPDATE invites SET status = 'open', token_hash = $2, expires_at = now() + $3::interval, city = coalesce(city, ''), crew_asked = true
		WHERE id = $1 AND status = 'draft' RETURNING expires_at`

	// Of two who open a link at once the second waits here for the first, and finds it used.
	sqlLockInviteByToken = `SELECT id FROM invites WHERE token_hash = $1 AND status <> 'draft' FOR UPDATE`

	sqlUseInvite = `UPDATE invites SET status = 'used', used_by = $2, used_at = now() WHERE id = $1`

	sqlRevokeInvite = `UPDATE invites SET status = 'revoked' WHERE id = $1 AND status = 'open'`

	sqlRefuseInvite = `UPDATE invites SET refused_at = now() WHERE id = $1 AND refused_at IS NULL`

	sqlRevokeInvitesOf = `UPDATE invites SET status = 'revoked' WHERE created_by = $1 AND status = 'open'`
)

const (
	sqlInvite      = sqlInviteColumns + `WHERE i.id = $1`
	sqlOpenInvites = sqlInviteColumns + `WHERE i.status = 'open' AND i.expires_at > now() ORDER BY i.id DESC LIMIT $1`
)

func scanInvite(row pgx.CollectableRow) (v Invite, err error) {
	var expires *time.Time
	err = row.Scan(&v.ID, &v.Status, &v.Role, &v.City, &v.Crew, &v.CrewName, &v.CrewAsked, &v.Slot, &v.SlotName, &v.Name, &v.By, &v.ByName, &expires)
	v.ExpiresAt = deref(expires)
	return v, err
}

// HashToken is what is kept of an invitation's token.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// DraftInvite begins an invitation, whose words may still be missing, and gives its number. Unfinished ones of the same author are forgotten.
func (t *Turns) DraftInvite(ctx context.Context, v Invite) (id InviteID, err error) {
	if _, err = t.conn.Exec(ctx, sqlDropDrafts, v.By); err != nil {
		return 0, wrap(err, "forget old drafts of employee %d", v.By)
	}
	err = t.conn.QueryRow(ctx, sqlDraftInvite, v.Role, v.City, v.Crew, v.CrewAsked, v.Slot, v.Name, v.By).Scan(&id)
	return id, wrap(err, "begin an invitation of employee %d", v.By)
}

// Invite locks an invitation and reads it. crm.ErrNotFound when there is none.
func (t *Turns) Invite(ctx context.Context, id InviteID) (Invite, error) {
	if _, err := t.conn.Exec(ctx, sqlLockInvite, id); err != nil {
		return Invite{}, wrap(err, "lock invitation %d", id)
	}
	rows, err := t.conn.Query(ctx, sqlInvite, id)
	if err != nil {
		return Invite{}, wrap(err, "read invitation %d", id)
	}
	v, err := pgx.CollectExactlyOneRow(rows, scanInvite)
	return v, wrap(err, "read invitation %d", id)
}

// ReviseInvite keeps what has been answered about a draft: role, city and crew.
func (t *Turns) ReviseInvite(ctx context.Context, v Invite) error {
	_, err := t.conn.Exec(ctx, sqlReviseInvite, v.ID, v.Role, v.City, v.Crew, v.CrewAsked)
	return wrap(err, "revise invitation %d", v.ID)
}

// OpenInvite makes a draft an invitation that can be accepted with a token, until the returned time. crm.ErrTaken when it is none any more.
func (t *Turns) OpenInvite(ctx context.Context, id InviteID, token string) (until time.Time, err error) {
	err = t.conn.QueryRow(ctx, sqlOpenInvite, id, HashToken(token), InviteFor).Scan(&until)
	if err == pgx.ErrNoRows {
		return until, fmt.Errorf("open invitation %d: %w", id, crm.ErrTaken)
	}
	return until, wrap(err, "open invitation %d", id)
}

// InviteByToken locks the invitation that a token belongs to, whatever became of it. crm.ErrNotFound when it belongs to none.
func (t *Turns) InviteByToken(ctx context.Context, token string) (Invite, error) {
	var id InviteID
	if err := t.conn.QueryRow(ctx, sqlLockInviteByToken, HashToken(token)).Scan(&id); err != nil {
		return Invite{}, wrap(err, "find the invitation of a token")
	}
	return t.Invite(ctx, id)
}

// UseInvite ends a locked invitation: nobody else can accept it.
func (t *Turns) UseInvite(ctx context.Context, id InviteID, by crm.EmployeeID) error {
	_, err := t.conn.Exec(ctx, sqlUseInvite, id, by)
	return wrap(err, "accept invitation %d", id)
}

// RefuseInvite notes that somebody tried an invitation that is used already; true for the first who does.
func (t *Turns) RefuseInvite(ctx context.Context, id InviteID) (bool, error) {
	tag, err := t.conn.Exec(ctx, sqlRefuseInvite, id)
	return tag.RowsAffected() > 0, wrap(err, "refuse invitation %d", id)
}

// RevokeInvite takes an open invitation back. crm.ErrTaken when it is not open any more.
func (t *Turns) RevokeInvite(ctx context.Context, id InviteID) error {
	tag, err := t.conn.Exec(ctx, sqlRevokeInvite, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = crm.ErrTaken
	}
	return wrap(err, "revoke invitation %d", id)
}

// OpenInvites lists the invitations that can still be accepted, the newest first.
func (t *Turns) OpenInvites(ctx context.Context, limit int) ([]Invite, error) {
	rows, err := t.conn.Query(ctx, sqlOpenInvites, limit)
	if err != nil {
		return nil, wrap(err, "list invitations")
	}
	list, err := pgx.CollectRows(rows, scanInvite)
	return list, wrap(err, "list invitations")
}

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// sqlReachRole finds the active employees of a role who have an address: those of the crew, else of the city, else all. Beside them it finds the
// rooms of that crew, if anybody there has the role, and of the role.
const sqlReachRole = `WITH people AS (
		SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0) AS crew, e.lang, i.channel, i.address,
			CASE WHEN $2::bigint > 0 AND e.crew_id = $2 THEN 0 WHEN $3 <> '' AND e.city = $3 THEN 1 ELSE 2 END AS far
		FROM employees e JOIN identities i ON i.employee_id = e.id WHERE e.active AND e.role = $1)
	(SELECT p.id, p.name, p.role, p.city, p.crew, coalesce(nullif(c.lang, ''), p.lang), p.channel, p.address, coalesce(c.id, 0), '', '', false
	FROM people p LEFT JOIN conversations c ON c.channel = p.channel AND c.chat = p.address
	WHERE p.far = (SELECT min(far) FROM people) AND NOT coalesce(c.blocked, false) ORDER BY p.id, p.channel LIMIT 50)
	UNION ALL
	(SELECT 0, r.title, $1, '', coalesce(r.crew_id, 0), c.lang, c.channel, c.chat, c.id, r.kind, r.thread, r.forum
	FROM rooms r JOIN conversations c ON c.id = r.conversation_id
	WHERE r.status = 'open' AND NOT c.blocked AND (r.role = $1 OR r.crew_id = nullif($2::bigint, 0) AND EXISTS (
		SELECT FROM employees e WHERE e.active AND e.role = $1 AND e.crew_id = $2)) ORDER BY r.id)`

// ReachRole finds who of a role is told about something of a crew or city: its own people first, else all of the role. A room that stands for the
// crew, or else for the role, is told once instead of them.
func (t *Turns) ReachRole(ctx context.Context, role string, crew crm.CrewID, city string) ([]Reached, error) {
	all, err := t.reachAll(ctx, role, crew, city)
	if err != nil {
		return nil, err
	}
	return instead(all, RoomCrew, RoomRole), nil
}

// ReachPeople is ReachRole without any room: each is told in their own chat.
func (t *Turns) ReachPeople(ctx context.Context, role string, crew crm.CrewID, city string) ([]Reached, error) {
	all, err := t.reachAll(ctx, role, crew, city)
	if err != nil {
		return nil, err
	}
	return instead(all), nil
}

// ReachOperators finds who is asked to take a talk over: the room of the operators, else that of the role, else its people.
func (t *Turns) ReachOperators(ctx context.Context, role string) ([]Reached, error) {
	all, err := t.reachAll(ctx, role, 0, "")
	if err != nil {
		return nil, err
	}
	return instead(all, RoomOperators, RoomRole), nil
}

// instead gives the room of the first kind there is, else the people.
func instead(all []Reached, kinds ...RoomKind) []Reached {
	for _, kind := range kinds {
		for i, r := range all {
			if r.Room == kind {
				return all[i : i+1]
			}
		}
	}
	for i, r := range all {
		if r.Room != "" { // rooms stand last
			return all[:i]
		}
	}
	return all
}

func (t *Turns) reachAll(ctx context.Context, role string, crew crm.CrewID, city string) ([]Reached, error) {
	rows, err := t.conn.Query(ctx, sqlReachRole, role, crew, city)
	if err != nil {
		return nil, wrap(err, "find whom of role %s to tell", role)
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Reached, err error) {
		r.Active = true
		err = row.Scan(&r.ID, &r.Name, &r.Role, &r.City, &r.Crew, &r.Lang, &r.Address.Channel, &r.Address.Chat, &r.Conversation, &r.Room, &r.Thread, &r.Forum)
		return r, err
	})
	if err != nil {
		return nil, wrap(err, "find whom of role %s to tell", role)
	}
	return people, t.meet(ctx, people)
}

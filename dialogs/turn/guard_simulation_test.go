package turn_test

import (
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/turn"
)

// The days of a park whose managers park people: what robots want to say in that time is said through the real guard, with the real rules, timers
// and tables, by a provider that only writes down what it is given. Whether all was well is judged by somebody who knows neither: see
// guard_oracle_test.go.

// nature is how a person behaves.
type nature int

const (
	answers  nature = iota // mostly, within hours
	ignores                // always
	leaves                 // says stop at the first chance, some come back
	returns                // after weeks of silence
	stranger               // imported, never wrote
)

// rider is a person of the park.
type rider struct {
	nature nature
	city   string
	parked bool // their manager moves them back all the time
	talk   crm.ConversationID
	heard  int // messages of robots since their last word
}

// pending is a message on its way.
type pending struct {
	out    crm.Outbound
	due    time.Time
	person int // -1: an employee
	again  bool
}

type line []pending

func (l line) Len() int           { return len(l) }
func (l line) Less(i, j int) bool { return l[i].due.Before(l[j].due) }
func (l line) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *line) Push(x any)        { *l = append(*l, x.(pending)) }
func (l *line) Pop() any          { x := (*l)[len(*l)-1]; *l = (*l)[:len(*l)-1]; return x }

// fleet is the world of a simulation. A guard that forgets a reason lets pass what it stands for.
type fleet struct {
	t       *testing.T
	db      *postgres.DB
	kit     *dialogs.Kit
	runner  *turn.Runner
	guard   *postgres.Guard
	outbox  *postgres.Outbox
	rand    *rand.Rand
	now     time.Time
	start   time.Time
	forgets guard.Reason
	people  []rider
	wait    line
	talks   map[crm.ConversationID]int
	seen    crm.MessageID
	log     oracle
	checks  int
}

const simulated = "whatsapp"

// newFleet makes a park of so many drivers. It is the night to Monday, 3 June 2030, in Almaty, and the number was linked this minute.
func newFleet(t *testing.T, drivers int, forgets guard.Reason) *fleet {
	t.Helper()
	files, err := kits.FS("taxi")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2030, 6, 3, 0, 30, 0, 0, kit.Zone) // timers fire at half hours: none of them stands at the very end of the night
	p := &fleet{t: t, db: pgtest.New(t), kit: kit, rand: rand.New(rand.NewPCG(6, uint64(drivers))), now: start, start: start, forgets: forgets,
		talks: map[crm.ConversationID]int{}}
	p.log = oracle{start: start, people: map[int]*heardBy{}}
	p.outbox = p.db.Outbox()
	config := turn.GuardConfig(kit)
	config.Now, config.Rand = func() time.Time { return p.now }, p.rand.Float64
	p.guard = p.db.Guard(config)
	p.runner = turn.New(turn.Config{DB: p.db, Kit: kit, Log: slog.New(slog.DiscardHandler), Groups: 1,
		Verify:       func(string) (crm.AssetID, int, error) { return 0, 0, errors.New("no stickers") },
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{} }, Nonce: func() string { return "N00001" },
		Shift: func() time.Duration { return time.Until(p.now) }})
	p.exec(`INSERT INTO accounts (channel, phone, salt, since) VALUES ('whatsapp', '+77010000000', decode(repeat('00', 32), 'hex'), $1)`, start)
	p.exec(`INSERT INTO employees (id, name, role) VALUES (1, 'Anna', 'manager')`)
	p.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('whatsapp', 'anna', 1)`)
	p.exec(`INSERT INTO conversations (id, channel, chat, employee_id) VALUES (1, 'whatsapp', 'anna', 1)`)
	cities := []string{"Алматы", "Астана", "Актобе", "Атырау"}
	for i := range drivers {
		d := rider{city: cities[i%len(cities)], talk: crm.ConversationID(100 + i), parked: p.chance(0.25)}
		switch n := p.rand.IntN(20); {
		case n < 10:
			d.nature = answers
		case n < 14:
			d.nature = ignores
		case n < 16:
			d.nature = leaves
		case n < 18:
			d.nature = returns
		default:
			d.nature = stranger
		}
		p.people = append(p.people, d)
		p.talks[d.talk] = i
		p.log.people[i] = &heardBy{zone: kit.ZoneOf(d.city), stranger: d.nature == stranger}
	}
	p.exec(`INSERT INTO contacts (id, name, fields) SELECT 100 + n - 1, 'Driver', jsonb_build_object('city', ($2::text[])[1 + (n - 1) % 4]) FROM generate_series(1, $1) AS n`, drivers, cities)
	p.exec(`INSERT INTO conversations (id, channel, chat, contact_id) SELECT 100 + n - 1, 'whatsapp', 'd' || n, 100 + n - 1 FROM generate_series(1, $1) AS n`, drivers)
	p.exec(`INSERT INTO deals (id, pipeline, stage, status, contact_id, conversation_id, owner_id, city, fields, entered_at)
		SELECT 100 + n - 1, 'drivers', 'review', 'open', 100 + n - 1, 100 + n - 1, 1, ($2::text[])[1 + (n - 1) % 4], jsonb_build_object('city', ($2::text[])[1 + (n - 1) % 4]), $3
		FROM generate_series(1, $1) AS n`, drivers, cities, start)
	for i, d := range p.people {
		if d.nature != stranger {
			p.writes(i)
		}
	}
	return p
}

func (p *fleet) exec(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Pool.Exec(context.Background(), sql, args...); err != nil {
		p.t.Fatalf("%s: %v", sql, err)
	}
}

func (p *fleet) chance(of float64) bool { return p.rand.Float64() < of }

// stored writes down a message and gives its id.
func (p *fleet) stored(talk crm.ConversationID, direction string, out crm.Outbound, cause crm.MessageID) crm.MessageID {
	p.t.Helper()
	author, status, kind := "person", "received", "text"
	if direction == "out" {
		author, status, kind = string(out.Author), "queued", string(out.Kind)
	}
	var id crm.MessageID
	err := p.db.Pool.QueryRow(context.Background(), `INSERT INTO messages (conversation_id, direction, author, kind, status, content, priority, cause_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8::bigint, 0)) RETURNING id`, talk, direction, author, kind, status, out, out.Priority, cause).Scan(&id)
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

// writes lets a person say something now; a robot answers at once.
func (p *fleet) writes(person int) {
	d := &p.people[person]
	d.heard = 0
	word := p.stored(d.talk, "in", crm.Outbound{}, 0)
	p.log.wrote(person, p.now)
	p.says(person, crm.Outbound{Text: "Мы получили ваше сообщение", Answer: true}, word)
}

// says lets a robot want to say something to a person now.
func (p *fleet) says(person int, out crm.Outbound, cause crm.MessageID) {
	out.Kind = crm.OutMessage
	if out.Author == "" {
		out.Author = crm.ByBot
	}
	p.stored(p.people[person].talk, "out", out, cause)
}

// press is what an employee presses.
func (p *fleet) press() crm.MessageID { return p.stored(1, "in", crm.Outbound{}, 0) }

// parks moves a deal back: its stage has words for the driver, and the real rule of the kit reminds of it.
func (p *fleet) parks(person int) {
	deal := 100 + person
	p.exec(`UPDATE deals SET stage = 'office', entered_at = $2 WHERE id = $1`, deal, p.now)
	p.exec(`UPDATE timers SET status = 'cancelled', reason = 'left' WHERE deal_id = $1 AND kind = 'remind' AND status = 'waiting'`, deal)
	p.exec(`INSERT INTO timers (deal_id, kind, rule, step, stage, since, due_at) VALUES ($1, 'remind', 'to_office/1', 0, 'office', $2, $3)`, deal, p.now, p.now.Add(24*time.Hour))
	p.says(person, crm.Outbound{Text: fmt.Sprintf("Заявка № %d снова ждёт ваше селфи", deal), Priority: crm.Notice}, p.press())
}

// hour lets an hour pass: people and managers do what they do, timers fire, what may go goes.
func (p *fleet) hour() {
	for i := range p.people {
		d := &p.people[i]
		awake := p.now.In(p.kit.ZoneOf(d.city)).Hour() >= 8
		switch {
		case d.nature == answers && d.heard > 0 && awake && p.chance(0.03), d.nature == returns && p.chance(1.0/(21*24)):
			p.writes(i)
		case d.nature == leaves && d.heard > 0 && p.chance(0.1):
			p.exec(`UPDATE contacts SET fields = fields || '{"opted_out": true}' WHERE id = $1`, 100+i)
			p.writes(i)
			p.log.left(i, p.now)
		case d.nature == leaves && p.log.people[i].out && p.chance(0.001):
			p.log.came(i, p.now)
			p.exec(`UPDATE contacts SET fields = fields - 'opted_out' WHERE id = $1`, 100+i)
			p.writes(i)
		}
		switch { // by the clock of the office, and now and then at night
		case d.parked && p.chance(1.0/48):
			p.parks(i)
		case p.chance(1.0 / (20 * 24)):
			p.says(i, crm.Outbound{Text: fmt.Sprintf("Водитель %d, ваши документы приняты. Что дальше, расскажем здесь: шаг %d", i, p.rand.IntN(9)), Priority: crm.Notice}, 0)
		case p.chance(1.0 / (30 * 24)):
			p.says(i, crm.Outbound{Text: "Это Анна из парка. Удобно поговорить?", Author: crm.ByEmployee}, p.press())
		}
	}
	switch hours := int(p.now.Sub(p.start).Hours()); {
	case hours%(30*24) == 10*24+12: // a broadcast, once a month
		for i := range p.people {
			if p.chance(0.5) {
				p.says(i, crm.Outbound{Text: "Бонус водителям в выходные!", Priority: crm.Broadcast, Author: crm.BySystem}, 0)
			}
		}
	case hours == 50*24+15:
		p.must(p.guard.Stop(context.Background(), simulated, guard.StopBanned, p.now.Add(36*time.Hour)))
		p.log.banned(p.now, p.now.Add(36*time.Hour))
	case hours%24 == 11: // some calls are made
		p.exec(`UPDATE tasks SET done_at = now() WHERE done_at IS NULL AND id % 5 = $1`, hours/24%5)
	}
	if _, err := p.runner.FireTimers(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	p.collect()
	end := p.now.Add(time.Hour)
	for len(p.wait) > 0 && p.wait[0].due.Before(end) {
		next := heap.Pop(&p.wait).(pending)
		if next.due.After(p.now) {
			p.now = next.due
		}
		p.send(next)
	}
	p.now = end
}

func (p *fleet) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// collect takes what was written since it looked last.
func (p *fleet) collect() {
	rows, err := p.db.Pool.Query(context.Background(), `SELECT id, conversation_id, author, content, priority, extract(epoch FROM not_before - now())::float8, coalesce(cause_id, 0)
		FROM messages WHERE status = 'queued' AND direction = 'out' AND id > $1 ORDER BY id`, p.seen)
	p.must(err)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m pending, err error) {
		var content []byte
		var seconds *float64
		var id crm.MessageID
		var talk crm.ConversationID
		var author crm.Author
		var priority crm.Priority
		var cause crm.MessageID
		if err = row.Scan(&id, &talk, &author, &content, &priority, &seconds, &cause); err != nil {
			return m, err
		}
		err = json.Unmarshal(content, &m.out)
		m.out.ID, m.out.Conversation, m.out.Author, m.out.Priority = id, talk, author, priority
		m.out.Address, m.out.CreatedAt, m.due, m.person = crm.Address{Channel: simulated}, p.now, p.now, -1
		if seconds != nil {
			m.due = p.now.Add(time.Duration(*seconds * float64(time.Second)))
		}
		if person, known := p.talks[talk]; known {
			m.person = person
		}
		m.again = cause != 0 // a person pressed for it
		return m, err
	})
	p.must(err)
	for _, m := range found {
		p.seen = m.out.ID
		heap.Push(&p.wait, m)
	}
}

// send asks the guard and does what it says. Some sends end in a crash before or after the call, and some are refused.
func (p *fleet) send(m pending) {
	ctx := context.Background()
	p.checks++
	verdict := p.guard.Check(ctx, m.out)
	if verdict != nil && verdict.Reason == string(p.forgets) {
		verdict = nil
	}
	if verdict != nil {
		switch verdict.Policy {
		case crm.Wait:
			if verdict.Reason != string(guard.Banned) {
				p.t.Fatal(verdict)
			}
		case crm.GiveUp:
			p.must(p.outbox.Settle(ctx, m.out, verdict))
			p.log.cancelled(m, verdict.Reason)
		case crm.Postpone:
			p.must(p.outbox.Settle(ctx, m.out, verdict))
		}
		if verdict.Policy != crm.GiveUp {
			m.due = p.now.Add(verdict.After + time.Second) // the outbox looks again then, or a moment later
			heap.Push(&p.wait, m)
		}
		return
	}
	if p.chance(0.01) { // killed before the call
		m.due = p.now.Add(time.Minute)
		heap.Push(&p.wait, m)
		return
	}
	own := m.person >= 0 && !m.out.Answer && m.out.Author != crm.ByEmployee
	p.log.sent(saying{at: p.now, id: m.out.ID, person: m.person, own: own, broadcast: m.out.Priority == crm.Broadcast, pressed: m.again && own, text: m.out.Text})
	if own && p.chance(0.001) {
		refused := p.guard.Settled(ctx, m.out, &crm.SendError{Policy: crm.GiveUp, Reason: guard.Refused, Err: errors.New("463")})
		p.must(p.outbox.Settle(ctx, m.out, refused))
		p.log.refused(p.now)
		return
	}
	if own {
		p.people[m.person].heard++
	}
	if p.chance(0.02) { // killed after it: sent again under the same id
		m.due = p.now.Add(time.Minute)
		heap.Push(&p.wait, m)
		return
	}
	p.must(p.outbox.Sent(ctx, []crm.Outbound{m.out}, []string{"3EB0" + strconv.FormatInt(int64(m.out.ID), 10)}))
}

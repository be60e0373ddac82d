package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"govorun/cmd/govorun/bench/report"
	"govorun/crm/postgres"
	"govorun/dialogs/kits"
)

// Broadcast says how the cost of a broadcast is measured: people hold dialogs at a steady rate, without and with a broadcast beside them, in turns.
type Broadcast struct {
	People   int           // who are to get it
	Contacts int           // in the base, people among them
	Messages int           // in the base
	Rate     int           // turns a second
	Window   time.Duration // of each measurement
	Rounds   int
}

const (
	// broadcastFirst is the number before that of the first chat of the base.
	broadcastFirst = 2_000_000
	broadcastWarm  = 3 * time.Second
	leadZone       = "Europe/Moscow" // of the kit "lead"
	// broadcastEnd is how long the last messages of a window may take.
	broadcastEnd = 10 * time.Second
)

const (
	sqlBroadcastContacts = `INSERT INTO contacts (id, name) SELECT g, 'Bob ' || g FROM generate_series(1, $1::integer) g`
	sqlBroadcastTalks    = `INSERT INTO conversations (id, channel, chat, lang, contact_id) SELECT g, 'telegram', ($2::integer + g)::text, 'en', g FROM generate_series(1, $1::integer) g`
	sqlBroadcastNames    = `INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', ($2::integer + g)::text, g FROM generate_series(1, $1::integer) g`
	sqlBroadcastHistory  = `INSERT INTO messages (conversation_id, direction, author, kind, status, content, ref)
		SELECT 1 + g % $2::integer, CASE g % 2 WHEN 0 THEN 'in' ELSE 'out' END, CASE g % 2 WHEN 0 THEN 'person' ELSE 'bot' END,
			CASE g % 2 WHEN 0 THEN 'text' ELSE 'message' END, CASE g % 2 WHEN 0 THEN 'received' ELSE 'sent' END, '{"text": "Where do I sign the contract, and when?"}', 'b:' || g
		FROM generate_series(1, $1::integer) g`
	sqlBroadcastSequences = `SELECT setval('contacts_id_seq', max(c.id)), setval('conversations_id_seq', max(c.id)) FROM contacts c`
	sqlBroadcastAuthor    = `INSERT INTO employees (name, role) VALUES ('Ann', 'manager')`
	sqlBroadcastDraft     = `INSERT INTO broadcasts (employee_id, conversation_id, status, langs, texts, cities, started_at)
		SELECT id, 1, 'stopped', '{en}', '{"en": {"text": "A broadcast: the bonus doubles from Monday on."}}', '{""}', now() FROM employees`
	sqlBroadcastPeople = `INSERT INTO broadcast_people (broadcast_id, contact_id, conversation_id, status, lang) SELECT 1, g, g, 'waiting', 'en' FROM generate_series(1, $1::integer) g`
	sqlBroadcastLearn  = `ANALYZE`

	sqlBroadcastGo   = `UPDATE broadcasts SET status = 'sending' WHERE status = 'stopped'`
	sqlBroadcastStop = `UPDATE broadcasts SET status = 'stopped' WHERE status = 'sending'`
	// Of these nobody can say yet what became of them.
	sqlBroadcastOut  = `SELECT count(*) FROM broadcast_people WHERE status = 'queued'`
	sqlBroadcastDone = `SELECT (SELECT count(*) FROM broadcast_people WHERE status = 'sent'), (SELECT count(*) FROM messages WHERE priority = 2 AND status = 'sent')`
)

// broadcasting is one running measurement.
type broadcasting struct {
	*base
	Broadcast
	kit     string // folder
	db      *postgres.DB
	program *program
	driver  *driver

	mu          sync.Mutex
	sent        map[int64]int // by chat
	times       []time.Time   // of broadcasts
	calm, along []time.Duration
	each        [][2]time.Duration // the p95 of each round, without and with it
}

// Run measures and prints. Whoever got a broadcast twice, or an answer that never came, is an error.
func (b Broadcast) Run(ctx context.Context, c Config) error {
	r, err := b.prepare(ctx, c)
	if err != nil {
		return err
	}
	defer r.drop()
	defer r.stop()
	if err := r.start(ctx); err != nil {
		return err
	}
	for round := range b.Rounds {
		c.say("round %d of %d", round+1, b.Rounds)
		if err := r.round(ctx, round); err != nil {
			return err
		}
	}
	found, err := r.look(ctx)
	if err != nil {
		return err
	}
	r.report(found)
	return found.wrong()
}

// prepare makes the base and a kit that is awake, since measurements are made at night too.
func (b Broadcast) prepare(ctx context.Context, c Config) (*broadcasting, error) {
	began := time.Now()
	place, err := c.base(ctx, b.fill)
	if err != nil {
		return nil, err
	}
	c.say("%d contacts and %d messages are in the base after %s", b.Contacts, b.Messages, rounded(time.Since(began)))
	kit, err := wakefulKit(place.Dir, time.Now())
	if err != nil {
		place.drop()
		return nil, err
	}
	return &broadcasting{base: place, Broadcast: b, kit: kit, sent: map[int64]int{}}, nil
}

// fill makes contacts with their talks, and a broadcast to some of them that is not being sent yet.
func (b Broadcast) fill(ctx context.Context, db *postgres.DB) error {
	return fill(ctx, db, []filling{
		{sqlBroadcastContacts, []any{b.Contacts}}, {sqlBroadcastTalks, []any{b.Contacts, broadcastFirst}}, {sqlBroadcastNames, []any{b.Contacts, broadcastFirst}},
		{sqlBroadcastHistory, []any{b.Messages, b.Contacts}}, {sqlBroadcastSequences, nil}, {sqlBroadcastAuthor, nil}, {sqlBroadcastDraft, nil},
		{sqlBroadcastPeople, []any{b.People}}, {sqlBroadcastLearn, nil},
	})
}

// start runs the program.
func (r *broadcasting) start(ctx context.Context) error {
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return err
	}
	r.driver = newDriver(api, hook{})
	api.heard = r.heard
	if r.program, err = r.serve(serving{API: api.URL, Limits: "usual", Log: "warn", Kit: r.kit}); err != nil {
		return err
	}
	r.driver.hook = r.program.hook
	if err := r.program.ready(ctx); err != nil {
		return err
	}
	if r.db, err = r.open(ctx); err != nil {
		return err
	}
	return r.driver.learn(ctx)
}

// wakefulKit is a copy of the kit "lead" whose quiet hours are a minute, half a day away.
func wakefulKit(dir string, now time.Time) (string, error) {
	files, err := kits.FS("lead")
	if err != nil {
		return "", fmt.Errorf("open the kit of the measurement: %w", err)
	}
	copied := filepath.Join(dir, "kit")
	if err := os.CopyFS(copied, files); err != nil {
		return "", fmt.Errorf("copy the kit of the measurement: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(copied, "kit.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return "", fmt.Errorf("change the kit of the measurement: %w", err)
	}
	zone, err := time.LoadLocation(leadZone)
	if err == nil {
		far := now.In(zone).Add(12 * time.Hour)
		_, err = fmt.Fprintf(f, "\nquiet: \"%s-%s\"\n", far.Format("15:04"), far.Add(time.Minute).Format("15:04"))
	}
	return copied, errors.Join(err, f.Close())
}

// heard takes what comes to people of the base: only broadcasts do.
func (r *broadcasting) heard(chat int64, _ []byte) bool {
	if chat <= broadcastFirst || chat > broadcastFirst+int64(r.Contacts) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[chat]++
	r.times = append(r.times, time.Now())
	return true
}

// round measures without and with, in an order that changes.
func (r *broadcasting) round(ctx context.Context, n int) error {
	var found [2]time.Duration
	for i := range 2 {
		with := i != n%2
		times, err := r.window(ctx, with)
		if err != nil {
			return err
		}
		if with {
			r.along, found[1] = append(r.along, times...), quantile(times, 0.95)
		} else {
			r.calm, found[0] = append(r.calm, times...), quantile(times, 0.95)
		}
	}
	r.each = append(r.each, found)
	return nil
}

// window is one measurement.
func (r *broadcasting) window(ctx context.Context, with bool) ([]time.Duration, error) {
	if with {
		if err := r.change(ctx, sqlBroadcastGo); err != nil {
			return nil, err
		}
	}
	times, err := r.driver.steadily(ctx, r.Rate, broadcastWarm, r.Window)
	if err != nil || !with {
		return times, err
	}
	if err := r.change(ctx, sqlBroadcastStop); err != nil {
		return nil, err
	}
	if !becomesZero(ctx, r.db, sqlBroadcastOut, broadcastEnd) {
		return nil, r.program.trouble("does not end what it has begun to send")
	}
	return times, nil
}

func (r *broadcasting) change(ctx context.Context, sql string) error {
	if _, err := r.db.Pool.Exec(ctx, sql); err != nil {
		return fmt.Errorf("change the broadcast: %w", err)
	}
	return nil
}

// steadily lets so many chats take a turn a second each, whatever the answers take, and gives the sorted times of those turns that were measured.
func (d *driver) steadily(ctx context.Context, rate int, warm, measure time.Duration) ([]time.Duration, error) {
	var group sync.WaitGroup
	times := make([][]time.Duration, rate)
	began := time.Now()
	for i := range rate {
		group.Go(func() {
			c := d.enter()
			defer c.post.close()
			chat := int64(0)
			for n := 0; ; n++ {
				at := began.Add(time.Duration(n)*time.Second + time.Duration(i)*time.Second/time.Duration(rate))
				if at.Sub(began) > warm+measure && n%steps == 0 || pause(ctx, time.Until(at)) != nil {
					return
				}
				if n%steps == 0 {
					chat = c.chats.Add(1)
				}
				took, err := c.turn(ctx, chat, n%steps)
				if err != nil {
					d.failure.CompareAndSwap(nil, &err)
					return
				}
				if since := at.Sub(began); since >= warm && since < warm+measure {
					times[i] = append(times[i], took)
				}
			}
		})
	}
	group.Wait()
	if failure := d.failure.Load(); failure != nil {
		return nil, *failure
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	return all, ctx.Err()
}

// stop ends the program; the base stays.
func (r *broadcasting) stop() {
	if r.db != nil {
		shut(r.db)
	}
	if r.program != nil {
		r.program.stop()
	}
	if r.driver != nil {
		r.driver.stub.close()
	}
	r.db, r.program, r.driver = nil, nil, nil
}

// bookkeeping is how long the base may take to note what was sent last.
const bookkeeping = time.Minute

// done gives how many people got the broadcast by how many messages, as the base says once it has noted so many, or at the latest.
func (r *broadcasting) done(ctx context.Context, sent int) (people, messages int, err error) {
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if err := r.db.Pool.QueryRow(ctx, sqlBroadcastDone).Scan(&people, &messages); err != nil {
			return 0, 0, fmt.Errorf("count who got the broadcast: %w", err)
		}
		if people >= sent && messages >= sent || time.Since(began) > bookkeeping {
			return people, messages, nil
		}
	}
}

// reached is who got the broadcast so far: as the stub saw it, and as the base says.
type reached struct {
	Seen, Twice, Busiest int
	People, Messages     int
}

// wrong is an error when both differ or somebody got it twice.
func (f reached) wrong() error {
	if f.Twice > 0 || f.Seen != f.People || f.People != f.Messages {
		return fmt.Errorf("%d people got the broadcast, the base says %d by %d messages, %d got it twice", f.Seen, f.People, f.Messages, f.Twice)
	}
	return nil
}

// look counts who got the broadcast. None is on its way.
func (r *broadcasting) look(ctx context.Context) (f reached, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.sent {
		if n > 1 {
			f.Twice++
		}
	}
	f.Seen, f.Busiest = len(r.sent), busiest(r.times)
	f.People, f.Messages, err = r.done(ctx, f.Seen)
	return f, err
}

// percent is what a broadcast adds to a time.
func percent(e [2]time.Duration) float64 { return 100 * (float64(e[1])/float64(max(e[0], 1)) - 1) }

// report prints what was found.
func (r *broadcasting) report(f reached) {
	slices.Sort(r.calm)
	slices.Sort(r.along)
	without, with := quantile(r.calm, 0.95), quantile(r.along, 0.95)
	fmt.Fprintf(r.Out, "\n%d contacts, %d messages, %d turns a second, %d rounds of %s without and with a broadcast:\n", r.Contacts, r.Messages, r.Rate, r.Rounds, r.Window)
	fmt.Fprintf(r.Out, "  without  p50 %7.1f ms  p95 %7.1f ms  of %d turns\n", milliseconds(quantile(r.calm, 0.5)), milliseconds(without), len(r.calm))
	fmt.Fprintf(r.Out, "  with     p50 %7.1f ms  p95 %7.1f ms  of %d turns\n", milliseconds(quantile(r.along, 0.5)), milliseconds(with), len(r.along))
	fmt.Fprintf(r.Out, "  cost at p95: %+.1f %% of all turns, %+.1f %% in the median of the rounds\n", percent([2]time.Duration{without, with}), report.Median(of(r.each, percent)))
	fmt.Fprintf(r.Out, "  broadcast: %d of %d people got it, at most %d within a second; twice: %d\n", f.Seen, r.People, f.Busiest, f.Twice)
}

// busiest is the most that came within any second.
func busiest(times []time.Time) (most int) {
	first := 0
	for last := range times {
		for times[last].Sub(times[first]) >= time.Second {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

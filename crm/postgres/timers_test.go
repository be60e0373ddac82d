package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// contact makes a contact with a deal and gives both.
func contact(t testing.TB, db *postgres.DB) (crm.ContactID, crm.DealID) {
	t.Helper()
	who := crm.ContactID(number(t, db, `INSERT INTO contacts (name) VALUES ('Bob') RETURNING id`))
	id := deal(t, db, 0)
	exec(t, db, `UPDATE deals SET contact_id = $2 WHERE id = $1`, id, who)
	return who, id
}

// fire ends all claimed timers as fired.
func fire(_ *postgres.Turns, timers []postgres.DueTimer) (a postgres.Automation) {
	for _, d := range timers {
		a.Ends = append(a.Ends, postgres.TimerEnd{ID: d.ID, Status: postgres.TimerFired})
	}
	return a
}

func TestR02_TwoWorkersFireEachOfAThousandTimersOnce(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), pgtest.DSN(t)
	fired := make(chan postgres.TimerID, 5000)
	var wg sync.WaitGroup
	for worker := range 2 {
		db, err := postgres.Open(ctx, postgres.Config{URL: dsn})
		must(t, err)
		t.Cleanup(func() { db.Close(ctx) })
		if worker == 0 {
			exec(t, db, `INSERT INTO deals (pipeline, stage, status) SELECT 'p', 's', 'open' FROM generate_series(1, 500)`)
			exec(t, db, `INSERT INTO timers (deal_id, kind, due_at) SELECT id, 'idle', now() - interval '1 hour' FROM deals, generate_series(1, 2)`)
		}
		wg.Go(func() {
			for round := 0; ; round++ {
				tx, timers, err := db.BeginTimers(ctx, 0, 20)
				if err != nil {
					t.Error(err)
					return
				}
				if len(timers) == 0 {
					tx.Rollback(ctx)
					if number(t, db, `SELECT count(*) FROM timers WHERE status = 'waiting'`) == 0 {
						return
					}
					continue // the other worker has the rest
				}
				a := fire(tx, timers)
				if err := tx.WriteAutomation(ctx, &a); err != nil {
					t.Error(err)
				}
				if round%7 == 3 { // this worker dies
					tx.Rollback(ctx)
					continue
				}
				if err := tx.Commit(ctx); err != nil {
					t.Error(err)
				}
				for _, d := range timers {
					fired <- d.ID
				}
			}
		})
	}
	wg.Wait()
	close(fired)
	times := map[postgres.TimerID]int{}
	for id := range fired {
		times[id]++
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("timer %d fired %d times", id, n)
		}
	}
	if len(times) != 1000 {
		t.Fatalf("%d timers fired, want 1,000", len(times))
	}
}

func TestR01_OverdueRemindersOfAContactMergeIntoOne(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	bob, one := contact(t, db)
	two := deal(t, db, 0)
	exec(t, db, `UPDATE deals SET contact_id = $2 WHERE id = $1`, two, bob)
	_, other := contact(t, db)
	later := func(s *crm.TimerSet) { s.DueAt = s.DueAt.Add(time.Hour) }
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(one, crm.TimerRemind), due(two, crm.TimerRemind), due(other, crm.TimerRemind),
		due(one, crm.TimerIdle), due(two, crm.TimerRemind, later)}})
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if len(timers) != 3 {
			t.Fatalf("%d timers claimed, want one reminder for each contact and the idle rule", len(timers))
		}
		merged, err := tx.MergeReminders(context.Background(), timers[0], tx.Now)
		must(t, err)
		if len(merged) != 1 || merged[0].Deal != two || merged[0].Kind != crm.TimerRemind || merged[0].Contact != bob {
			t.Fatalf("merged %+v", merged)
		}
		return fire(tx, timers)
	})
	if got, want := states(t, db), fmt.Sprintf("fired, merged timer %d, fired, fired, waiting", 1); got != want {
		t.Fatalf("timers are: %s; want: %s", got, want)
	}
}

func TestR01_TwoWorkersDoNotRemindOneContactTwice(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	bob, one := contact(t, db)
	two := deal(t, db, 0)
	exec(t, db, `UPDATE deals SET contact_id = $2 WHERE id = $1`, two, bob)
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(one, crm.TimerRemind), due(two, crm.TimerRemind)}})
	first, timers, err := db.BeginTimers(ctx, 0, 1)
	must(t, err)
	defer first.Rollback(ctx)
	second, others, err := db.BeginTimers(ctx, 0, 10)
	must(t, err)
	second.Rollback(ctx)
	if len(timers) != 1 || len(others) != 0 {
		t.Fatalf("the first worker has %d reminders, the second %d; want 1 and 0", len(timers), len(others))
	}
}

func TestR03_AnAnswerCancelsRemindersThatWereSetBeforeIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	bob, one := contact(t, db)
	_, other := contact(t, db)
	set := func(id crm.DealID, kind crm.TimerKind, message crm.MessageID) postgres.TimerRow {
		row := due(id, kind)
		row.Message = message
		return row
	}
	write(t, db, postgres.Automation{
		Timers:  []postgres.TimerRow{set(one, crm.TimerRemind, 0), set(one, crm.TimerRemind, 7), set(one, crm.TimerRemind, 8), set(one, crm.TimerTask, 0), set(other, crm.TimerRemind, 0)},
		Answers: []postgres.Answer{{Contact: bob, Message: 8}},
	})
	if got, want := states(t, db), "cancelled answered, cancelled answered, waiting, waiting, waiting"; got != want {
		t.Fatalf("timers are: %s; want: %s", got, want)
	}
}

func TestR03_AWordThatIsStoredWhileAReminderFiresStopsTheNextOne(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	bob, id := contact(t, db)
	talk := outboxTalk(t, db, "telegram", "1")
	exec(t, db, `UPDATE deals SET conversation_id = $2 WHERE id = $1`, id, talk)
	exec(t, db, `INSERT INTO messages (conversation_id, direction, author, kind, status, content) VALUES ($1, 'in', 'person', 'text', 'received', '{}')`, talk)
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(id, crm.TimerRemind)}})

	says, turns, err := db.BeginTurns(ctx, []crm.Inbound{{Address: crm.Address{Channel: "telegram", Chat: "1"}, Key: "m:2", Kind: crm.InText, Text: "here I am"}})
	must(t, err)
	defer says.Rollback(ctx)
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if len(timers) != 1 || timers[0].Answered() || timers[0].Heard == 0 {
			t.Fatalf("claimed %+v", timers)
		}
		says.Changes.Answers = []postgres.Answer{{Contact: bob, Message: turns[0].Message}}
		must(t, says.Commit(ctx)) // passes by the reminder that fires
		next := due(id, crm.TimerRemind)
		next.Message = timers[0].Heard
		a := fire(tx, timers)
		a.Timers = []postgres.TimerRow{next}
		return a
	})
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if len(timers) != 1 || timers[0].Stale() != "answered" {
			t.Errorf("the next reminder is %+v", timers)
		}
		return fire(tx, timers)
	})
}

func TestAReminderKnowsWhatItGoesBy(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ann := employee(t, db, "Ann", "operator", "")
	bob, one := contact(t, db)
	two := deal(t, db, 0)
	exec(t, db, `UPDATE deals SET contact_id = $2 WHERE id = $1`, two, bob)
	_, alone := contact(t, db)
	talk, held := outboxTalk(t, db, "telegram", "1"), outboxTalk(t, db, "telegram", "2")
	exec(t, db, `UPDATE deals SET conversation_id = CASE id WHEN $1 THEN $2::bigint WHEN $3 THEN $4 END WHERE id IN ($1, $3)`, one, talk, alone, held)
	exec(t, db, `UPDATE conversations SET operator_id = $2 WHERE id = $1`, held, ann)
	exec(t, db, `INSERT INTO messages (conversation_id, direction, author, kind, status, content, created_at) VALUES ($1, 'in', 'person', 'text', 'received', '{}', now() - interval '3 hours')`, talk)
	exec(t, db, `INSERT INTO timers (deal_id, kind, due_at, status, fired_at) SELECT $1, 'remind', now(), 'fired', now() - make_interval(hours => h) FROM unnest('{1, 2, 4}'::int[]) h`, one)
	later := func(s *crm.TimerSet) { s.DueAt = s.DueAt.Add(time.Second) }
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(one, crm.TimerRemind), due(alone, crm.TimerRemind, later), due(two, crm.TimerRemind, later), due(two, crm.TimerIdle, later)}})
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		var got []string
		for _, d := range timers {
			got = append(got, fmt.Sprintf("%d %s sent=%d blocked=%t held=%t others=%t", d.Deal, d.Kind, d.Sent, d.Blocked, d.Held, d.Others))
		}
		want := []string{fmt.Sprintf("%d remind sent=2 blocked=false held=false others=true", one),
			fmt.Sprintf("%d remind sent=0 blocked=false held=true others=false", alone), fmt.Sprintf("%d idle sent=0 blocked=true held=false others=false", two)}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("claimed %q, want %q", got, want)
		}
		return fire(tx, timers)
	})
}

func TestTimersAreStoppedByKindAndRule(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	id, other := deal(t, db, 0), deal(t, db, 0)
	named := func(s *crm.TimerSet) { s.Rule = "slow" }
	var a postgres.Automation
	a.Timers = []postgres.TimerRow{due(id, crm.TimerIdle), due(id, crm.TimerIdle, named), due(id, crm.TimerTake), due(other, crm.TimerIdle)}
	write(t, db, a)
	a = postgres.Automation{Timers: []postgres.TimerRow{due(id, crm.TimerIdle, named)}}
	a.StopTimers(postgres.TimerStop{Deal: id, Kind: crm.TimerIdle, Rule: "slow", Reason: "moved"})
	a.Timers = append(a.Timers, due(id, crm.TimerIdle, named))
	write(t, db, a)
	if got, want := states(t, db), "waiting, cancelled moved, waiting, waiting, waiting"; got != want {
		t.Fatalf("timers are: %s; want: %s", got, want)
	}
	a = postgres.Automation{}
	a.StopTimers(postgres.TimerStop{Deal: id, Reason: "closed"})
	write(t, db, a)
	if got, want := states(t, db), "cancelled closed, cancelled moved, cancelled closed, waiting, cancelled closed"; got != want {
		t.Fatalf("timers are: %s; want: %s", got, want)
	}
}

func TestATimerKnowsWhetherItStillMakesSense(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	since := time.Now()
	timer := func(stage string) postgres.TimerRow {
		id := deal(t, db, 0)
		exec(t, db, `UPDATE deals SET entered_at = $2 WHERE id = $1`, id, since)
		return due(id, crm.TimerIdle, func(s *crm.TimerSet) { s.Stage, s.Since = stage, since })
	}
	fits, left, back, closed, always := timer("new"), timer("old"), timer("new"), timer("new"), timer("")
	exec(t, db, `UPDATE deals SET entered_at = entered_at + interval '1 second' WHERE id IN ($1, $2)`, back.Deal, always.Deal)
	exec(t, db, `UPDATE deals SET status = 'lost', closed_at = now() WHERE id = $1`, closed.Deal)
	overdue := due(closed.Deal, crm.TimerTask)

	_, answered := contact(t, db)
	talk := outboxTalk(t, db, "telegram", "1")
	exec(t, db, `UPDATE deals SET conversation_id = $2 WHERE id = $1`, answered, talk)
	reminder := due(answered, crm.TimerRemind)
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{fits, left, back, closed, always, overdue, reminder}})
	exec(t, db, `INSERT INTO messages (conversation_id, direction, author, kind, status, content) VALUES ($1, 'in', 'person', 'text', 'received', '{}')`, talk)

	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		var got []string
		for _, d := range timers {
			got = append(got, d.Stale())
		}
		if want := []string{"", "left", "left", "closed", "", "", "answered"}; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("stale %q, want %q", got, want)
		}
		if d := timers[0]; d.Deal != fits.Deal || d.Rule != "forgotten" || d.Pipeline != "repairs" || d.Stands != "new" || d.Status != crm.DealOpen || tx.Now.IsZero() {
			t.Errorf("timer %+v", d)
		}
		return fire(tx, timers)
	})
}

func TestR04_AHeldTimerWaitsForItsNewTime(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	id := deal(t, db, 0)
	if _, some, err := db.NextTimer(ctx); some || err != nil {
		t.Fatalf("a timer waits in an empty database: %v, %v", some, err)
	}
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(id, crm.TimerRemind)}})
	if wait, some, err := db.NextTimer(ctx); !some || err != nil || wait > -50*time.Second || wait < -2*time.Minute {
		t.Fatalf("next timer in %v, %v, %v", wait, some, err)
	}
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		return postgres.Automation{Ends: []postgres.TimerEnd{{ID: timers[0].ID, Status: postgres.TimerWaiting, Reason: "quiet", DueAt: tx.Now.Add(time.Hour)}}}
	})
	if wait, some, err := db.NextTimer(ctx); !some || err != nil || wait < 59*time.Minute || wait > time.Hour {
		t.Fatalf("next timer in %v, %v, %v", wait, some, err)
	}
	if got := states(t, db); got != "waiting quiet" {
		t.Fatalf("timers are: %s", got)
	}
	tx, timers, err := db.BeginTimers(ctx, 2*time.Hour, 10) // a clock that runs ahead
	must(t, err)
	tx.Rollback(ctx)
	if len(timers) != 1 {
		t.Fatalf("%d timers claimed ahead of time", len(timers))
	}
}

func TestM08_TimersGoByTheClockOfTheDatabase(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), pgtest.DSN(t)
	db, err := postgres.Open(ctx, postgres.Config{URL: dsn})
	must(t, err)
	id := deal(t, db, 0)
	exec(t, db, `CREATE SCHEMA fast`)
	exec(t, db, `CREATE FUNCTION fast.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT pg_catalog.now() + interval '5 minutes' $$`)
	exec(t, db, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = fast, pg_catalog, public', current_database()); END $$`)
	must(t, db.Close(ctx))
	db, err = postgres.Open(ctx, postgres.Config{URL: dsn})
	must(t, err)
	t.Cleanup(func() { db.Close(ctx) })
	soon := func(s *crm.TimerSet) { s.DueAt = time.Now().Add(4 * time.Minute) }
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(id, crm.TimerIdle, soon)}})
	if wait, _, err := db.NextTimer(ctx); err != nil || wait > -50*time.Second {
		t.Fatalf("next timer in %v, %v", wait, err)
	}
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if ahead := time.Until(tx.Now); len(timers) != 1 || ahead < 4*time.Minute {
			t.Errorf("%d timers claimed, now is %v ahead", len(timers), ahead)
		}
		return fire(tx, timers)
	})
}

func TestAClaimPassesByDealsThatAreBeingWorkedOn(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	busy, free := deal(t, db, 0), deal(t, db, 0)
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{due(busy, crm.TimerIdle), due(free, crm.TimerIdle)}})
	turn, err := db.Begin(ctx)
	must(t, err)
	defer turn.Rollback(ctx)
	_, err = turn.Deal(ctx, busy)
	must(t, err)
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if len(timers) != 1 || timers[0].Deal != free {
			t.Errorf("claimed %+v", timers)
		}
		// The turn stops its timer meanwhile, and waits for nobody.
		a := postgres.Automation{}
		a.StopTimers(postgres.TimerStop{Deal: busy, Reason: "moved"})
		a.StopTimers(postgres.TimerStop{Deal: free, Reason: "moved"})
		must(t, turn.WriteAutomation(ctx, &a))
		return fire(tx, timers)
	})
	must(t, turn.Commit(ctx))
	if got, want := states(t, db), "cancelled moved, fired"; got != want {
		t.Fatalf("timers are: %s; want: %s", got, want)
	}
}

func TestO05_OfTwoWhoTakeADealTheSecondSeesTheFirst(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	people := []crm.EmployeeID{employee(t, db, "Ann", "technician", ""), employee(t, db, "Bob", "technician", "")}
	id := deal(t, db, 0)
	won := make(chan bool, 2)
	for _, who := range people {
		go func() {
			tx, err := db.Begin(ctx)
			if err != nil {
				t.Error(err)
			}
			defer tx.Rollback(ctx)
			d, err := tx.Deal(ctx, id)
			if err != nil {
				t.Error(err)
			}
			if d.Deal.Owner == 0 {
				tx.Changes.DealMoves = append(tx.Changes.DealMoves, postgres.DealMove{ID: id, Owner: who})
			}
			if err := tx.Commit(ctx); err != nil {
				t.Error(err)
			}
			won <- d.Deal.Owner == 0
		}()
	}
	if first, second := <-won, <-won; first == second {
		t.Fatalf("taken: %v and %v", first, second)
	}
	if n := number(t, db, `SELECT sum(open_deals) FROM employees`); n != 1 {
		t.Fatalf("%d deals counted", n)
	}
}

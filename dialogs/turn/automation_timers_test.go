package turn_test

import (
	"context"
	"testing"
	"time"

	"govorun/crm/postgres"
)

// waits makes so many connections that stand for two days and a bit, the first of them longest, each with the timer of an idle rule.
func (h *house) waits(deals int) {
	h.t.Helper()
	now := time.Now().Add(h.shift)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id, entered_at)
		SELECT n, 'connection', 'new', 'open', 'd' || n, 3, $1::timestamptz + n * interval '1 second' FROM generate_series(1, $2) n`, now, deals)
	h.exec(`INSERT INTO timers (deal_id, kind, rule, stage, since, due_at) SELECT id, 'idle', 'stuck', 'new', entered_at, entered_at + interval '48 hours' FROM deals`)
	h.shift += 49 * time.Hour
}

// refuses makes the database refuse events like these, as a bug of ours would.
func (h *house) refuses(condition string) {
	h.t.Helper()
	h.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF ` + condition + ` THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()`)
}

func (h *house) fires() (n int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	n, err := h.runner.FireTimers(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// became counts timers of deals by what became of them.
func (h *house) became(status postgres.TimerStatus, reason string) int {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM timers WHERE deal_id IS NOT NULL AND status = $1 AND reason = $2`, status, reason)
}

func TestATimerThatFailsEachTimeIsPutAsideAndStopsNoOther(t *testing.T) {
	h := newProvider(t)
	h.waits(60)
	h.refuses("NEW.deal_id = 30")
	h.fires()
	if n := h.became(postgres.TimerFired, ""); n != 59 {
		t.Errorf("%d of 59 timers fired beside the one that fails", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE deal_id = 30 AND status = 'skipped' AND reason = 'failed'`); n != 1 {
		t.Error("the one that fails is not put aside")
	}
	if n := h.count(`SELECT count(*) FROM points`); n != 59 {
		t.Errorf("points were taken %d times for 59 timers", n)
	}
}

func TestTimersOfADealOrATaskThatIsGoneStopNoOther(t *testing.T) {
	h := newProvider(t)
	h.waits(5)
	h.exec(`UPDATE timers SET kind = 'task', data = '{"task": 77}' WHERE deal_id = 2`) // a task that was deleted
	h.exec(`ALTER TABLE timers DROP CONSTRAINT timers_deal_fkey`)                      // by hand, past all keys
	h.exec(`DELETE FROM deals WHERE id = 1`)
	h.refuses("NEW.deal_id = 3")
	h.fires()
	if n := h.became(postgres.TimerFired, ""); n != 2 {
		t.Errorf("%d of 2 sound timers fired", n)
	}
	if n := h.became(postgres.TimerSkipped, "gone"); n < 1 {
		t.Error("the timer of the deleted task does not say why it is silent")
	}
}

func TestD20_ATimerThatFiresBeforeALongerTimeOfANewKitIsKnownFiresOnceAtTheNewTime(t *testing.T) {
	h := newProvider(t)
	h.waits(2)
	h.startWith(changed(t, "for: 48h", "for: 72h"))
	h.fires() // before the program has settled
	if err := h.runner.SettleOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM points`); n != 0 {
		t.Errorf("%d fired at the old time", n)
	}
	h.later(25 * time.Hour)
	h.later(time.Hour)
	if n := h.count(`SELECT count(*) FROM points`); n != 2 {
		t.Errorf("%d fired at the new time, want 2", n)
	}
}

func TestATimerThatFailsIsPutAsideItselfAndNotOneWhoseDealIsBusy(t *testing.T) {
	h := newProvider(t)
	h.waits(3)
	h.refuses("NEW.deal_id = 2")
	tx, err := h.db.Pool.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(context.Background(), `SELECT FROM deals WHERE id = 1 FOR UPDATE`); err != nil { // somebody works on it
		t.Fatal(err)
	}
	h.fires()
	if err := tx.Rollback(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.fires()
	if n := h.count(`SELECT count(*) FROM timers WHERE deal_id IN (1, 3) AND status = 'fired'`); n != 2 {
		t.Errorf("%d of 2 sound timers fired", n)
	}
}

func TestADigestThatFailsTakesNoTimerOfADealWithIt(t *testing.T) {
	h := newProvider(t)
	h.waits(3)
	h.exec(`INSERT INTO timers (kind, rule, due_at) SELECT 'recall', 'digest.parked', max(due_at) + interval '1 second' FROM timers`)
	h.refuses("NEW.kind = 'digest_sent'")
	h.fires()
	if n := h.became(postgres.TimerFired, ""); n != 3 {
		t.Errorf("%d of 3 timers of deals fired", n)
	}
}

func TestR01_ADealWhoseReminderWasMergedGoesOnToItsCall(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, apart...))
	for _, street := range []string{"Lenin street 1", "Lenin street 2"} {
		h.order(olga, "+79161234567", "Moscow", street)
	}
	for _, street := range []string{"Lenin street 1", "Lenin street 2"} {
		h.takes(h.count(`SELECT id FROM deals WHERE title = $1`, street))
	}
	for range 12 {
		h.later(13 * time.Hour)
	}
	if n := h.count(`SELECT count(DISTINCT deal_id) FROM tasks WHERE title LIKE 'Call about%'`); n != 2 {
		t.Errorf("%d of 2 silent deals end in a call: the other one is parked", n)
	}
}

func TestM07_AConflictInATransactionOfTimersIsTriedAgainAndPutsNoneAside(t *testing.T) {
	h := newProvider(t)
	h.waits(40)
	h.exec(`CREATE SEQUENCE tries`) // it counts on through rollbacks
	h.exec(`CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		CASE nextval('tries') WHEN 1, 3 THEN RAISE EXCEPTION 'somebody was faster' USING ERRCODE = '40001';
			WHEN 2 THEN RAISE EXCEPTION 'each waits for the other' USING ERRCODE = '40P01'; ELSE RETURN NULL; END CASE; END $$;
		CREATE TRIGGER conflict AFTER INSERT ON points FOR EACH STATEMENT EXECUTE FUNCTION conflict()`)
	for range 4 { // a program looks every second
		if _, err := h.runner.FireTimers(context.Background()); err != nil && !postgres.Conflict(err) {
			t.Fatal(err)
		}
	}
	if n := h.became(postgres.TimerFired, ""); n != 40 {
		t.Errorf("%d of 40 timers fired", n)
	}
	if n := h.count(`SELECT count(*) FROM points`); n != 40 {
		t.Errorf("points were taken %d times for 40 timers", n)
	}
}

func TestM07_AConnectionThatIsLostInATransactionOfTimersLeavesThemForTheNext(t *testing.T) {
	h := newProvider(t)
	h.waits(40)
	tx, err := h.db.Pool.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(context.Background(), `LOCK TABLE points IN SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := h.runner.FireTimers(context.Background())
		ended <- err
	}()
	for h.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	h.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	if err := tx.Rollback(context.Background()); err != nil {
		t.Fatal(err)
	}
	<-ended // with whatever error: the next look finds them
	h.fires()
	if fired, points := h.became(postgres.TimerFired, ""), h.count(`SELECT count(*) FROM points`); fired != 40 || points != 40 {
		t.Errorf("%d timers fired and points were taken %d times, want 40", fired, points)
	}
}

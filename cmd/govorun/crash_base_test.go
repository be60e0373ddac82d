package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres/cluster"
	"govorun/crm/postgres/testroom"
)

// ownBase is a durable server of the test's own, which can be taken away.
type ownBase struct {
	t *testing.T
	o cluster.Options
	c *cluster.Cluster
}

func newBase(t *testing.T) *ownBase {
	t.Helper()
	b := &ownBase{t: t, o: cluster.Options{Dir: filepath.Join(baseFolder(t), "postgres"), Prepared: true}}
	b.start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		b.c.Stop(ctx)
	})
	return b
}

func (b *ownBase) start() {
	b.t.Helper()
	var err error
	if b.c, err = cluster.Start(waiting(b.t), b.o); err != nil {
		b.t.Fatal(err)
	}
}

func (b *ownBase) stop() {
	b.t.Helper()
	if err := b.c.Stop(waiting(b.t)); err != nil {
		b.t.Fatal(err)
	}
}

// kill ends the server as a power cut does.
func (b *ownBase) kill() {
	b.t.Helper()
	server, err := os.FindProcess(b.c.PID())
	if err == nil {
		err = server.Kill()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	<-b.c.Done()
	b.c.Stop(context.Background()) // frees the folder; it has ended already
}

func TestT06_WhileTheDatabaseIsAwayMessagesWaitAtTelegramAndAreThenAppliedInOrder(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	w := worldOn(t, base.c.DSN(cluster.Database))
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()

	base.stop()
	for n := 1; n <= 10; n++ {
		w.did(anna.Text(fmt.Sprintf("слово %d", n)))
	}
	until(t, "the program says that it is not ready", func() bool { code, _ := p.get("/readyz"); return code == http.StatusServiceUnavailable })
	time.Sleep(2 * time.Second) // long enough for several tries
	if n := w.sim.Pending(); n != 10 {
		t.Errorf("%d of 10 messages wait at Telegram: the poller advanced", n)
	}
	base.start()
	if err := w.sim.WaitDelivered(waiting(t)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.inOrder(101, 10)
	p.ready()
}

func TestT06_WhileTheDatabaseIsAwayTheWebhookAsksTelegramToComeBack(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	w := worldOn(t, base.c.DSN(cluster.Database)).webhook()
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()
	base.stop()
	resp := post(t, p, written(900_001, 900_001, 101, "слово 0"))
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	for n := 1; n <= 10; n++ {
		w.did(anna.Text(fmt.Sprintf("слово %d", n)))
	}
	base.start()
	if err := w.sim.WaitDelivered(waiting(t)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.inOrder(101, 10)
}

func TestCrash_ThePostgresServerIsKilledUnderLoadAndAllContinues(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	w := worldOn(t, base.c.DSN(cluster.Database))
	p := w.serve().ready()
	people := make([]*simulator.Person, 5)
	for i := range people {
		people[i] = w.person(int64(101+i), fmt.Sprintf("Человек %d", i))
		w.did(people[i].Start(""))
	}
	for n := 1; n <= 20; n++ {
		for _, person := range people {
			w.did(person.Text(fmt.Sprintf("слово %d", n)))
		}
		if n == 8 {
			base.kill()
		}
		time.Sleep(20 * time.Millisecond)
	}
	base.start()
	if err := w.sim.WaitDelivered(waiting(t)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	for _, person := range people {
		w.inOrder(person.ID, 20)
	}
	p.ready()
	zoya := w.person(201, "Зоя")
	w.did(zoya.Start(""))
	w.sees(zoya, "Здравствуйте")
}

func TestCrash_ThePrivatePostgresIsKilledUnderLoadAndTheProgramStartsItAgain(t *testing.T) {
	t.Parallel()
	data := baseFolder(t)
	w := worldFor(t, "")
	w.env = append(w.env, "GOVORUN_DATA="+data, "DATABASE_URL=")
	p := w.serve().ready()
	var err error
	if w.dsn, err = cluster.Address(filepath.Join(data, "postgres")); err != nil {
		t.Fatal(err)
	}
	w.settle()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")

	for round := range 2 {
		pid := startedServer.FindAllStringSubmatch(p.out.String(), -1)[round][1]
		number, _ := strconv.Atoi(pid)
		for n := 1; n <= 10; n++ {
			w.did(anna.Text(fmt.Sprintf("слово %d", round*10+n)))
			if server, err := os.FindProcess(number); n == 5 && (err != nil || server.Kill() != nil) {
				t.Fatalf("there is no server %s", pid)
			}
		}
		until(t, "the server is started again", func() bool { return len(startedServer.FindAllString(p.out.String(), -1)) == round+2 })
		if err := w.sim.WaitDelivered(waiting(t)); err != nil {
			t.Fatal(err)
		}
	}
	w.db.Pool.Reset()
	w.quiet()
	w.inOrder(101, 20)
	p.ready()
	p.kill() // and the program with it: the next one recovers
	w.serve().ready()
	w.db.Pool.Reset()
	zoya := w.person(201, "Зоя")
	w.did(zoya.Start(""))
	w.sees(zoya, "Здравствуйте")
	w.inOrder(101, 20)
}

var startedServer = regexp.MustCompile(`msg="postgres started".* pid=(\d+)`)

// baseFolder is a temporary folder through which the account of the database can get, also when the test runs as root.
func baseFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(testroom.Base(), "govorun-base-*")
	if err == nil {
		err = os.Chmod(dir, 0o711) // under root the server runs as somebody else
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := cluster.Remove(ctx, filepath.Join(dir, "postgres")); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return dir
}

// inOrder checks that somebody's texts "слово 1" to "слово n" are stored, each once and in this order.
func (w *world) inOrder(person int64, n int) {
	w.t.Helper()
	i := 0
	for _, text := range w.heard(person) {
		if i++; text != fmt.Sprintf("слово %d", i) {
			w.t.Errorf("message %d of person %d is %q", i, person, text)
			return
		}
	}
	if i != n {
		w.t.Errorf("%d of %d messages of person %d are stored", i, n, person)
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs/turn"
)

const (
	testToken  = "1000000001:a-token-that-must-never-be-seen"
	testSecret = "a-secret-that-must-never-be-seen"
)

// People of the tests. Technicians are of the crew of both machines.
const (
	ivan  = 2001 // technician
	olga  = 2002 // technician
	aigul = 3001 // manager
)

// world is a Telegram with people, a database with a small company, and what the program needs to know of both. A test starts
// one or more programs in it.
type world struct {
	t    *testing.T
	sim  *simulator.Server
	gate *gate  // between the program and the simulator
	dsn  string // of the database
	db   *postgres.DB
	sign *signer
	env  []string
	hook string // public address of the webhook; empty when the bot polls
	door *door  // what the public address leads to

	ahead atomic.Int64 // nanoseconds by which Telegram's clock has been moved on

	machines map[string]string // number to the payload of its sticker
}

// newWorld makes a world on a database of the test's own server, on which a program has run before.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := worldFor(t, pgtest.FilledDSN(t, "company", func(ctx context.Context, db *postgres.DB) error {
		kit, err := openKit("vending")
		if err != nil {
			return err
		}
		return errors.Join(turn.New(turn.Config{DB: db, Kit: kit}).Keep(ctx), company(ctx, db))
	}))
	w.open()
	return w
}

// worldOn makes a world on a given database.
func worldOn(t *testing.T, dsn string) *world {
	t.Helper()
	w := worldFor(t, dsn)
	w.settle()
	return w
}

// worldFor makes a world around a database that nobody has touched yet.
func worldFor(t *testing.T, dsn string) *world {
	t.Helper()
	w := &world{t: t, dsn: dsn, machines: map[string]string{}}
	w.gate = &gate{}
	var api string
	w.sim, api = simulate(t, simulator.Options{Token: testToken, WebhookPause: 20 * time.Millisecond, Control: true,
		Clock: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }}, w.gate)
	w.env = []string{"GOVORUN_TELEGRAM_TOKEN=" + testToken, "GOVORUN_TELEGRAM_API=" + api, "GOVORUN_DATA=" + t.TempDir(),
		"DATABASE_URL=" + dsn, "GOVORUN_LOG=debug", "GOVORUN_TELEGRAM_LIMITS=none"}
	return w
}

// simulate serves a Bot API server for a test, behind a gate when there is one, and gives its address.
func simulate(t *testing.T, o simulator.Options, g *gate) (sim *simulator.Server, address string) {
	t.Helper()
	sim = simulator.New(o)
	if g == nil {
		g = &gate{}
	}
	g.next = sim
	server := httptest.NewServer(g)
	t.Cleanup(func() { g.open(); sim.Close(); server.CloseClientConnections(); server.Close() })
	return sim, server.URL
}

// openStored opens a database for a test.
func openStored(t *testing.T, dsn string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(waiting(t), postgres.Config{URL: dsn, MaxConns: 4})
	well(t, err)
	t.Cleanup(func() { closeStore(db) })
	return db
}

// settle fills the database and opens it.
func (w *world) settle() {
	w.t.Helper()
	w.db = openStored(w.t, w.dsn)
	well(w.t, company(waiting(w.t), w.db))
	w.open()
}

// open opens the filled database.
func (w *world) open() {
	w.t.Helper()
	var err error
	ctx := waiting(w.t)
	if w.db == nil {
		w.db = openStored(w.t, w.dsn)
	}
	w.sign, err = newSigner(ctx, w.db)
	well(w.t, err)
	for _, code := range []string{"214", "215"} {
		a, err := w.db.AssetByCode(ctx, "machine", code)
		well(w.t, err)
		w.machines[code] = "m_" + w.sign.sign(a)
	}
}

// company is what stands in the database: two machines, their crew, a manager.
func company(ctx context.Context, db *postgres.DB) error {
	text := func(s string) *string { return &s }
	var assets []postgres.AssetRow
	for _, code := range []string{"214", "215"} {
		assets = append(assets, postgres.AssetRow{Kind: "machine", Code: code, Name: text("Кофейный автомат"), City: text("Москва"),
			Address: text("БЦ «Москва»"), Crew: text("Москва-1"), Fields: map[string]any{"currency": "RUB"}})
	}
	if _, err := db.ImportAssets(ctx, assets, postgres.ImportOptions{}); err != nil {
		return err
	}
	staff := []postgres.StaffRow{
		{Name: "Иван Петров", Role: "technician", City: "Москва", Crew: text("Москва-1"), Address: fmt.Sprint(ivan)},
		{Name: "Ольга Соколова", Role: "technician", City: "Москва", Crew: text("Москва-1"), Address: fmt.Sprint(olga)},
		{Name: "Айгуль Серикова", Role: "manager", City: "Москва", Address: fmt.Sprint(aigul)},
	}
	_, err := db.ImportStaff(ctx, "telegram", staff, postgres.ImportOptions{})
	return err
}

// webhook makes programs of this world listen by webhook. The public address is the test's own, so that a program may
// be replaced by another one behind it.
func (w *world) webhook() *world {
	w.door = &door{}
	server := httptest.NewServer(w.door)
	w.t.Cleanup(server.Close)
	w.hook = server.URL + "/telegram"
	w.env = append(w.env, "GOVORUN_TELEGRAM_WEBHOOK="+w.hook, "GOVORUN_TELEGRAM_SECRET="+testSecret)
	return w
}

// serve starts a program and, in webhook mode, leads the public address to it.
func (w *world) serve(args ...string) *program {
	w.t.Helper()
	p := serve(w.t, w.env, args...)
	if w.door != nil {
		w.door.leadTo(p.address)
	}
	return p
}

// person makes somebody who writes Russian.
func (w *world) person(id int64, name string) *simulator.Person {
	w.t.Helper()
	p, err := w.sim.AddUser(simulator.NewUser{ID: id, FirstName: name, LanguageCode: "ru"})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// did fails the test when a person could not do what they wanted.
func (w *world) did(done simulator.Done, err error) simulator.Done {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

// sees waits until somebody sees a message of the bot with these words.
func (w *world) sees(p *simulator.Person, words string) simulator.Message {
	w.t.Helper()
	m, err := w.sim.Wait(waiting(w.t), p.Chat, simulator.Contains(words))
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// toast waits for the answer to a press and gives its words.
func (w *world) toast(done simulator.Done, err error) string {
	w.t.Helper()
	press, err := w.sim.WaitPress(waiting(w.t), w.did(done, err).CallbackID)
	if err != nil {
		w.t.Fatal(err)
	}
	return press.Toast
}

// report makes somebody scan a sticker and say what is wrong.
func (w *world) report(p *simulator.Person, code string) {
	w.t.Helper()
	w.did(p.Start(w.machines[code]))
	w.sees(p, "Что случилось?")
	w.did(p.Press("💸 Взял деньги, не выдал"))
	w.sees(p, "Заявка уже у нас")
}

// hired makes an employee press Start.
func (w *world) hired(id int64, name string) *simulator.Person {
	w.t.Helper()
	p := w.person(id, name)
	w.did(p.Start(""))
	w.sees(p, "Здравствуйте")
	return p
}

// texts are the messages of the bot in a chat that have these words.
func (w *world) texts(chat int64, words string) (found []string) {
	bot := w.sim.Bot().ID
	for _, m := range w.sim.Messages(chat) {
		if m.From != nil && m.From.ID == bot && strings.Contains(m.Text, words) {
			found = append(found, m.Text)
		}
	}
	return found
}

// one reads a single value from the database.
func one[T any](w *world, sql string, args ...any) (v T) {
	w.t.Helper()
	if err := w.db.Pool.QueryRow(waiting(w.t), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// exec changes the database behind the program's back.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Pool.Exec(waiting(w.t), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// becomes waits for a count in the database.
func (w *world) becomes(n int, sql string, args ...any) {
	w.t.Helper()
	last := -1
	defer func() {
		if w.t.Failed() {
			w.t.Logf("%s gave %d at last", sql, last)
		}
	}()
	until(w.t, fmt.Sprintf("%q gives %d", sql, n), func() bool { last = one[int](w, sql, args...); return last == n })
}

// quiet waits until everything has been taken in and everything has been sent.
func (w *world) quiet() {
	w.t.Helper()
	if err := w.sim.WaitDelivered(waiting(w.t)); err != nil {
		w.t.Fatal(err)
	}
	w.becomes(0, `SELECT count(*) FROM messages WHERE status IN ('queued', 'waiting')`)
}

// post sends a body to a program as Telegram would, with these headers besides.
func post(t *testing.T, p *program, body string, header ...string) *http.Response {
	t.Helper()
	resp, err := tryPost(t.Context(), p.address, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func tryPost(ctx context.Context, address, body string, header ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/telegram", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}

// written is an update: a text message of a person in their private chat.
func written(update, message int, person int64, text string) string {
	return toJSON(map[string]any{"update_id": update, "message": map[string]any{"message_id": message, "date": time.Now().Unix(), "text": text,
		"chat": map[string]any{"id": person, "type": "private", "first_name": "Азамат"},
		"from": map[string]any{"id": person, "first_name": "Азамат", "language_code": "ru"}}})
}

func toJSON(v any) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		panic(err) // a test's own map
	}
	return b.String()
}

// greeted is a world whose program has answered its first customer and waits for more.
func greeted(t *testing.T) (w *world, p *program, anna *simulator.Person) {
	t.Helper()
	w = newWorld(t)
	p = w.serve().ready()
	anna = w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()
	return w, p, anna
}

package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/bots/simulator"
)

const token = "123456:test-token"

// clock is a clock that moves only when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is a simulator on loopback with Ann the driver and Bob the customer, both past Start, and Eve who never came.
type rig struct {
	t             *testing.T
	s             *simulator.Server
	url           string
	clock         *clock
	ann, bob, eve *simulator.Person
}

func newRig(t *testing.T, change ...func(*simulator.Options)) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}}
	o := simulator.Options{Token: token, Clock: r.clock.Now, Control: true, WebhookPause: 5 * time.Millisecond}
	for _, f := range change {
		f(&o)
	}
	r.s = simulator.New(o)
	web := httptest.NewServer(r.s)
	t.Cleanup(web.Close)
	t.Cleanup(r.s.Close)
	r.url = web.URL
	r.ann = r.s.MustUser(simulator.NewUser{FirstName: "Ann", Username: "ann_driver", LanguageCode: "ru"})
	r.bob = r.s.MustUser(simulator.NewUser{FirstName: "Bob", LanguageCode: "en"})
	r.eve = r.s.MustUser(simulator.NewUser{FirstName: "Eve"})
	r.must(r.ann.Start(""))
	r.must(r.bob.Start(""))
	r.updates() // the two Starts are of no interest
	return r
}

func (r *rig) must(d simulator.Done, err error) simulator.Done {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// answer is any answer of the Bot API.
type answer struct {
	OK         bool            `json:"ok"`
	Result     json.RawMessage `json:"result"`
	Code       int             `json:"error_code"`
	Text       string          `json:"description"`
	Parameters struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
	status int
}

type params map[string]any

// call posts JSON to a method of the bot.
func (r *rig) call(method string, p params) answer {
	r.t.Helper()
	a, err := r.try(method, p)
	if err != nil {
		r.t.Fatalf("%s: %v", method, err)
	}
	return a
}

func (r *rig) try(method string, p params) (answer, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return answer{}, err
	}
	res, err := http.Post(r.url+"/bot"+token+"/"+method, "application/json", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	return read(res)
}

func read(res *http.Response) (answer, error) {
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode}
	return a, json.Unmarshal(b, &a)
}

// upload posts a form with one file.
func (r *rig) upload(method string, p map[string]string, field, name string, data []byte) answer {
	r.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range p {
		_ = form.WriteField(key, value)
	}
	part, _ := form.CreateFormFile(field, name)
	_, _ = part.Write(data)
	_ = form.Close()
	res, err := http.Post(r.url+"/bot"+token+"/"+method, form.FormDataContentType(), &body)
	if err != nil {
		r.t.Fatal(err)
	}
	a, err := read(res)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// ok calls a method that must work and gives its result.
func (r *rig) ok(method string, p params) json.RawMessage {
	r.t.Helper()
	a := r.call(method, p)
	if !a.OK {
		r.t.Fatalf("%s: %d %s", method, a.Code, a.Text)
	}
	return a.Result
}

// send sends a text and gives the message.
func (r *rig) send(p params) simulator.Message {
	r.t.Helper()
	return decode[simulator.Message](r.t, r.ok("sendMessage", p))
}

// refused calls a method that must be refused with this code and these words.
func (r *rig) refused(code int, words, method string, p params) answer {
	r.t.Helper()
	a := r.call(method, p)
	if a.OK || a.Code != code || a.status != code || !strings.Contains(a.Text, words) {
		r.t.Fatalf("%s %v: got %d %d %q, want %d %q", method, p, a.status, a.Code, a.Text, code, words)
	}
	return a
}

func decode[T any](t *testing.T, raw json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// update is what tests look at in an update.
type update struct {
	ID       int64              `json:"update_id"`
	Message  *simulator.Message `json:"message"`
	Edited   *simulator.Message `json:"edited_message"`
	Post     *simulator.Message `json:"channel_post"`
	Callback *struct {
		ID      string            `json:"id"`
		From    simulator.User    `json:"from"`
		Message simulator.Message `json:"message"`
		Data    string            `json:"data"`
	} `json:"callback_query"`
	Member *struct {
		Chat simulator.Chat `json:"chat"`
		Old  struct {
			Status string `json:"status"`
		} `json:"old_chat_member"`
		New struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
	Reaction json.RawMessage `json:"message_reaction"`
}

// updates takes and confirms everything that waits.
func (r *rig) updates() []update {
	r.t.Helper()
	var all []update
	offset := int64(0)
	for {
		batch := decode[[]update](r.t, r.ok("getUpdates", params{"offset": offset}))
		if len(batch) == 0 {
			return all
		}
		all = append(all, batch...)
		offset = batch[len(batch)-1].ID + 1
	}
}

// soon is how long a test waits for what must happen.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func button(text, data string) params { return params{"text": text, "callback_data": data} }

func inline(rows ...[]params) params { return params{"inline_keyboard": rows} }

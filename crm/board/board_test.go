package board_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"govorun/crm/board"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// names answers in capitals, so that a test sees who named a thing.
type names struct{}

func (names) Pipeline(lang, pipeline string) string     { return lang + ":" + strings.ToUpper(pipeline) }
func (names) Stage(lang, pipeline, stage string) string { return lang + ":" + strings.ToUpper(stage) }
func (names) Role(lang, role string) string             { return lang + ":" + strings.ToUpper(role) }

// The story: Bob (chat 1001) presses a button under our message 17; the turn opens deal 1, answers with message 18 and takes a photo.
const story = `
	INSERT INTO contacts (id, name, phone) VALUES (1, 'Bob <b>', '+77071234567');
	INSERT INTO employees (id, name, role) VALUES (1, 'Ann', 'technician');
	INSERT INTO assets (id, kind, code, name, city, address) VALUES (1, 'machine', '214', 'Coffee', 'Москва', 'Lenina 1'), (2, 'machine', '2140', 'Snacks', 'Омск', 'Mira 2');
	INSERT INTO conversations (id, channel, chat, contact_id, session, due_at) VALUES (1, 'telegram', '1001', 1, '{"dialog":"report","state":"accepted"}', '2030-01-02 03:04:05Z');
	INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content, cause_id) VALUES
		(1, 1, 'in', 'person', 'm:16', 'text', 'received', '{"text":"hello"}', NULL),
		(2, 1, 'out', 'bot', '17', 'message', 'sent', '{"text":"What happened?"}', 1),
		(3, 1, 'in', 'person', 'p:99', 'press', 'received', '{"press":{"data":"n:money","message":"17"}}', NULL),
		(4, 1, 'out', 'bot', '18', 'message', 'sent', '{"text":"Received"}', 3),
		(5, 1, 'out', 'bot', NULL, 'edit', 'queued', '{"text":"done","target":2}', 3);
	INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM messages WHERE ref IS NOT NULL;
	INSERT INTO deals (id, pipeline, stage, status, title, contact_id, asset_id, owner_id, conversation_id, fields) VALUES (1, 'call_centre', 'unsorted', 'open', 'No coffee', 1, 1, 1, 1, '{"refund":150}');
	INSERT INTO events (at, kind, author, message_id, deal_id, data) VALUES (now(), 'deal_opened', 'person', 3, 1, '{"stage":"unsorted"}');
	INSERT INTO attachments (id, conversation_id, message_id, deal_id, kind, ref, file_name, mime, hash, status) VALUES
		(1, 1, 3, 1, 'photo', 'a', 'a.png', 'image/png', 'png', 'stored'), (2, 1, 3, 1, 'document', 'b', 'evil.jpg', 'image/jpeg', 'svg', 'stored'),
		(3, 1, 3, 1, 'photo', 'c', '', '', NULL, 'pending'), (4, 1, 3, 1, 'document', 'd', 'page.png', 'image/png', 'html', 'stored');`

var contents = map[string]string{
	"png": "\x89PNG\r\n\x1a\n0000", "svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "html": "<html><script>alert(1)</script>",
}

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

func open(t *testing.T) (http.Handler, *postgres.DB) {
	t.Helper()
	db := pgtest.New(t)
	for _, statement := range strings.Split(story, ";\n") {
		if _, err := db.Pool.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return board.New(board.Config{DB: db, Names: names{}, Log: slog.New(slog.DiscardHandler), Open: func(hash string) (io.ReadSeekCloser, error) {
		if text, ok := contents[hash]; ok {
			return content{bytes.NewReader([]byte(text))}, nil
		}
		return nil, fs.ErrNotExist
	}}), db
}

func ask(t *testing.T, h http.Handler, path string, into any) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if into != nil {
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("%s: %v in %s", path, err, w.Body)
		}
	}
	return w
}

func TestDealsAreListedWithTheNamesPeopleRead(t *testing.T) {
	h, _ := open(t)
	var deals []struct {
		ID                                   int
		Title, Contact, Machine, City, Owner string
		StageName                            string `json:"stage_name"`
		PipelineName                         string `json:"pipeline_name"`
		RoleName                             string `json:"owner_role_name"`
		Files                                int
	}
	ask(t, h, "/board/deals?lang=en", &deals)
	if len(deals) != 1 {
		t.Fatalf("%d deals, want 1", len(deals))
	}
	d := deals[0]
	if d.StageName != "en:UNSORTED" || d.PipelineName != "en:CALL_CENTRE" || d.RoleName != "en:TECHNICIAN" || d.Contact != "Bob <b>" || d.Machine != "214" || d.Owner != "Ann" || d.Files != 4 {
		t.Errorf("the deal is %+v", d)
	}
	ask(t, h, "/board/deals?before=1", &deals)
	if len(deals) != 0 {
		t.Errorf("below the first deal stand %+v", deals)
	}
}

func TestADealTellsItsStoryInOrder(t *testing.T) {
	h, _ := open(t)
	var deal struct {
		Deal     struct{ Fields map[string]any }
		Timeline []struct {
			Event   *struct{ Kind string }
			Message *struct {
				ID   int
				Kind string
			}
			Stage string
		}
		Files []struct{ Status string }
	}
	ask(t, h, "/board/deals/1?lang=ru", &deal)
	if deal.Deal.Fields["refund"] != 150.0 || len(deal.Files) != 4 {
		t.Errorf("the deal is %+v", deal)
	}
	last, opened := 0, false
	for _, l := range deal.Timeline {
		if l.Message != nil {
			if l.Message.ID < last || l.Message.Kind == "edit" {
				t.Errorf("message %+v after message %d", l.Message, last)
			}
			last = l.Message.ID
		}
		opened = opened || l.Event != nil && l.Event.Kind == "deal_opened" && l.Stage == "ru:UNSORTED"
	}
	if last != 4 || !opened {
		t.Errorf("the timeline is %+v", deal.Timeline)
	}
	if w := ask(t, h, "/board/deals/77", nil); w.Code != http.StatusNotFound {
		t.Errorf("a deal that is not there: %d", w.Code)
	}
	if w := ask(t, h, "/board/deals/x", nil); w.Code != http.StatusBadRequest {
		t.Errorf("a deal with a word for a number: %d", w.Code)
	}
}

func TestAMessageTellsWhatItDid(t *testing.T) {
	h, _ := open(t)
	type answer struct {
		Rows  []struct{ ID int }
		Turns []struct {
			Cause                          struct{ ID int }
			Messages, Events, Files, Deals []struct{ ID int }
		}
	}
	var theirs answer
	ask(t, h, "/board/message?channel=telegram&chat=1001&dir=in&ref=16", &theirs)
	if len(theirs.Rows) != 1 || len(theirs.Turns) != 1 || theirs.Turns[0].Cause.ID != 1 || len(theirs.Turns[0].Messages) != 1 || theirs.Turns[0].Messages[0].ID != 2 {
		t.Errorf("the person's message did %+v", theirs)
	}
	var ours answer // written by turn 1, changed and answered by the press, turn 3
	ask(t, h, "/board/message?channel=telegram&chat=1001&dir=out&ref=17", &ours)
	if len(ours.Rows) != 2 || len(ours.Turns) != 2 {
		t.Fatalf("our message did %+v", ours)
	}
	press := ours.Turns[1]
	if press.Cause.ID != 3 || len(press.Messages) != 2 || len(press.Events) != 1 || len(press.Files) != 4 || len(press.Deals) != 1 {
		t.Errorf("the press did %+v", press)
	}
	var nothing answer
	ask(t, h, "/board/message?channel=telegram&chat=1001&dir=in&ref=9'%20OR%20true", &nothing)
	if len(nothing.Rows) != 0 {
		t.Errorf("a hostile id found %+v", nothing)
	}
}

func TestAConversationShowsSessionTimerAndOutbox(t *testing.T) {
	h, db := open(t)
	var c struct {
		Session  struct{ Dialog, State string }
		DueAt    string `json:"due_at"`
		Messages []struct{ ID int }
	}
	ask(t, h, "/board/conversation?channel=telegram&chat=1001", &c)
	if c.Session.State != "accepted" || c.DueAt == "" || len(c.Messages) != 5 || c.Messages[0].ID != 5 {
		t.Errorf("the conversation is %+v", c)
	}
	due, err := db.Board().NextDue(context.Background())
	if err != nil || due == nil || due.Year() != 2030 {
		t.Errorf("the next timer is %v, %v", due, err)
	}
	if w := ask(t, h, "/board/conversation?channel=telegram&chat=5", nil); w.Code != http.StatusNotFound {
		t.Errorf("somebody who never wrote: %d", w.Code)
	}
}

func TestMachinesAreFoundByNumberCityAndAddress(t *testing.T) {
	_, db := open(t)
	for part, want := range map[string]string{"214": "214 2140", "омск": "2140", "Lenin": "214", "%": "", "": "214 2140"} {
		found, err := db.Board().Machines(context.Background(), "machine", part, 10)
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, m := range found {
			codes = append(codes, m.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("by %q: %q, want %q", part, got, want)
		}
	}
}

func TestX12_FilesOfStrangersAreShownAsPicturesOrSavedNeverRun(t *testing.T) {
	h, _ := open(t)
	for id, want := range map[string]string{"1": "image/png", "2": "application/octet-stream", "4": "application/octet-stream"} {
		w := ask(t, h, "/board/files/"+id, nil)
		head := w.Header()
		if w.Code != http.StatusOK || head.Get("Content-Type") != want {
			t.Errorf("file %s: %d %s", id, w.Code, head.Get("Content-Type"))
		}
		if head.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(head.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("file %s: %v", id, head)
		}
		if saved := strings.HasPrefix(head.Get("Content-Disposition"), "attachment"); saved != (id != "1") {
			t.Errorf("file %s is saved: %v", id, saved)
		}
	}
	for _, id := range []string{"3", "55"} {
		if w := ask(t, h, "/board/files/"+id, nil); w.Code != http.StatusNotFound {
			t.Errorf("file %s without bytes: %d", id, w.Code)
		}
	}
}

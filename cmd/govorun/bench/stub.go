package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"govorun/cmd/govorun/freeport"
)

// stub answers what a bot asks of the Bot API, at once and with success, and tells the simulated chats of their messages. It
// checks nothing: the simulator does, this one must cost little.
type stub struct {
	URL string

	server  *http.Server
	photo   []byte
	webhook atomic.Value // string
	rooms   [64]room
	ids     atomic.Int64

	sends, unexpected, files atomic.Int64

	limits *strictLimits                      // nil: everything is let through
	heard  func(chat int64, body []byte) bool // takes messages instead of chats that wait; nil: none
}

// room holds the chats that wait for messages; there are several so that chats don't queue for one lock.
type room struct {
	mu    sync.Mutex
	chats map[int64]*listener
}

// listener is a chat that waits for so many messages.
type listener struct {
	want int
	got  int
	done chan time.Time // takes one
}

// startStub listens on an address of loopback; port 0 is any free one.
func startStub(address string) (*stub, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("start the stub of the Bot API: %w", err)
	}
	s := &stub{URL: "http://" + l.Addr().String(), photo: smallPhoto()}
	for i := range s.rooms {
		s.rooms[i].chats = map[int64]*listener{}
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go s.server.Serve(l)
	return s, nil
}

// startStubFor listens on a free address and finds another one, for a bot that is to use it.
func startStubFor() (s *stub, bot string, err error) {
	if s, err = startStub("127.0.0.1:0"); err != nil {
		return nil, "", err
	}
	if bot, err = freeport.Address(); err != nil {
		s.close()
	}
	return s, bot, err
}

func (s *stub) close() { s.server.Close() }

func (s *stub) room(chat int64) *room { return &s.rooms[uint64(chat)%uint64(len(s.rooms))] }

// listen makes a chat wait for want messages; it ends with the last or with deaf.
func (s *stub) listen(chat int64, l *listener) {
	r := s.room(chat)
	r.mu.Lock()
	l.got = 0
	r.chats[chat] = l
	r.mu.Unlock()
}

// deaf ends the waiting of a chat and gives how many messages it got.
func (s *stub) deaf(chat int64, l *listener) int {
	r := s.room(chat)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.chats, chat)
	select {
	case <-l.done: // it came this moment
	default:
	}
	return l.got
}

// got is how many messages a waiting chat has had.
func (s *stub) got(chat int64, l *listener) int {
	r := s.room(chat)
	r.mu.Lock()
	defer r.mu.Unlock()
	return l.got
}

// deliver gives a message to the chat that waits for it.
func (s *stub) deliver(chat int64, at time.Time) {
	s.sends.Add(1)
	r := s.room(chat)
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.chats[chat]
	if l == nil {
		s.unexpected.Add(1)
		return
	}
	if l.got++; l.got == l.want {
		delete(r.chats, chat)
		l.done <- at
	}
}

// ServeHTTP answers one call.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	if strings.HasPrefix(r.URL.Path, "/file/") {
		_, _ = w.Write(s.anotherPhoto()) // who hung up does not want it
		return
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(r.Body); err != nil {
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch strings.ToLower(method) {
	case "sendmessage":
		s.send(w, r, body.Bytes(), at)
	case "editmessagetext", "editmessagereplymarkup":
		s.message(w, s.ids.Add(1), chatOf(r, body.Bytes()))
	case "getme":
		_, _ = io.WriteString(w, `{"ok":true,"result":{"id":4242,"is_bot":true,"first_name":"Bench","username":"bench_bot","can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}`)
	case "setwebhook":
		s.webhook.Store(param(r, body.Bytes(), "url"))
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
	case "getwebhookinfo":
		at, _ := s.webhook.Load().(string)
		fmt.Fprintf(w, `{"ok":true,"result":{"url":%q,"has_custom_certificate":false,"pending_update_count":0}}`, at)
	case "getfile":
		fmt.Fprintf(w, `{"ok":true,"result":{"file_id":"f","file_unique_id":"u","file_size":%d,"file_path":"photos/place.jpg"}}`, len(s.photo)+8)
	default:
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
	}
}

func (s *stub) send(w http.ResponseWriter, r *http.Request, body []byte, at time.Time) {
	chat := chatOf(r, body)
	if s.limits != nil {
		if wait := s.limits.take(chat, at); wait > 0 {
			after := int(wait/time.Second) + 1
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprintf(w, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %[1]d","parameters":{"retry_after":%[1]d}}`, after)
			return
		}
	}
	if s.heard == nil || !s.heard(chat, body) {
		s.deliver(chat, at)
	}
	s.message(w, s.ids.Add(1), chat)
}

func (s *stub) message(w http.ResponseWriter, id, chat int64) {
	b := make([]byte, 0, 160)
	b = append(b, `{"ok":true,"result":{"message_id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"date":1750000000,"chat":{"id":`...)
	b = strconv.AppendInt(b, chat, 10)
	b = append(b, `,"type":"private"},"text":"ok"}}`...)
	_, _ = w.Write(b)
}

// chatOf finds chat_id in a body, whatever form it has.
func chatOf(r *http.Request, body []byte) int64 {
	chat, _ := strconv.ParseInt(param(r, body, "chat_id"), 10, 64)
	return chat
}

// param finds a parameter in a body of JSON, a form, or a form in parts.
func param(r *http.Request, body []byte, name string) string {
	kind := r.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		values, _ := url.ParseQuery(string(body))
		return values.Get(name)
	}
	mark, end := `"`+name+`":`, `,"}`
	if strings.HasPrefix(kind, "multipart/") {
		mark, end = `name="`+name+`"`, "\r\n"
	}
	_, rest, found := bytes.Cut(body, []byte(mark))
	if !found {
		return ""
	}
	value := strings.TrimLeft(string(rest[:min(len(rest), 512)]), " \r\n\"")
	if stop := strings.IndexAny(value, end); stop >= 0 {
		value = value[:stop]
	}
	return value
}

// anotherPhoto is a photo like no other, since what is stored is stored once: eight bytes follow the end of the picture.
func (s *stub) anotherPhoto() []byte {
	return binary.BigEndian.AppendUint64(s.photo[:len(s.photo):len(s.photo)], uint64(s.files.Add(1)))
}

// smallPhoto is a JPEG of a few kilobytes.
func smallPhoto() []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i * 7)
	}
	picture.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		panic(fmt.Sprintf("encode a picture in memory: %v", err))
	}
	return b.Bytes()
}

// quiet waits until no call has come for a moment.
func (s *stub) quiet(ctx context.Context) {
	last := int64(-1)
	until(ctx, 5*time.Second, 200*time.Millisecond, func() bool {
		now := s.ids.Load()
		same := now == last
		last = now
		return same
	})
}

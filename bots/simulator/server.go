// Package simulator is a strict Telegram Bot API server that lives in memory, with people who write to the bot.
//
// A bot pointed at it (as its API address) can't tell it from the real one as far as this product goes: the same
// methods, the same refusals in the same words, the same limits. On the other side, tests and the `try` page act as
// people (Do, Person), read what those people see (View, Transcript, Wait) and break things on purpose (AddFault).
//
// The package knows the Bot API (9.4) and nothing of the product: standard library only, no imports of ours.
//
// Time: dates, lifetimes and flood windows follow Options.Clock, so a test may jump a day ahead. What belongs to the
// wire (long polls, slow answers, delayed updates, pauses between webhook attempts) takes real time.
package simulator

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say how a Server behaves; the zero value is a working server with a made-up token.
type Options struct {
	Token    string           // "123456:secret"; the number before the colon is the bot's user id
	Username string           // of the bot, without @; "govorun_bot" when empty
	Name     string           // first name of the bot; the user name when empty
	Clock    func() time.Time // dates and lifetimes; time.Now when nil
	Rand     *rand.Rand       // generated pictures, probabilities of faults; a fixed seed when nil, so that runs repeat

	// FirstID lets ids of messages, presses, files and updates begin above it: a bot that remembers an earlier server would
	// take equal ids for redeliveries.
	FirstID int64

	Control bool    // serve /sim/…: acting as people, reading, breaking; loopback hosts only
	Limits  *Limits // answer 429 to a bot that sends too fast; nil: never

	WebhookPause  time.Duration // before the second attempt of a delivery, doubling up to a minute; 1 s when zero
	KeepCalls     int           // API calls remembered; 10,000 when zero
	KeepMessages  int           // messages remembered in each chat; 2,000 when zero
	KeepFileBytes int64         // bytes of all files together, the oldest go first; 256 MiB when zero
}

// Server is the Bot API server and the world around it. All methods may be called from any goroutine.
type Server struct {
	opts  Options
	token string
	clock func() time.Time
	rand  *rand.Rand

	mu      sync.Mutex
	cond    *sync.Cond // told of every change, for Wait
	world              // guarded by mu; Reset puts a new one in place
	queue   queue
	hook    *webhook
	calls   callLog
	faults  faults
	events  events
	seq     int64 // grows with every change
	control http.Handler

	pictures map[[3]int][]sized // drawn so far, by width, height and variant
}

// world is everything that Reset forgets.
type world struct {
	bot       User
	profile   profile
	people    map[int64]*person
	chats     map[int64]*chat
	usernames map[string]int64
	files     fileStore
	presses   pressLog
	flood     flood
	loggedOut bool
	nextUser  int64
	nextGroup int64
	nextAlbum int64
}

// New gives a server with nobody in it. Serve it with net/http; Close it to stop webhook deliveries.
func New(o Options) *Server {
	o.Token = cmp.Or(o.Token, "1000000001:simulated-token-of-nobody")
	o.Username = cmp.Or(o.Username, "govorun_bot")
	o.Name = cmp.Or(o.Name, o.Username)
	o.WebhookPause = cmp.Or(o.WebhookPause, time.Second)
	o.KeepCalls = cmp.Or(o.KeepCalls, 10_000)
	o.KeepMessages = cmp.Or(o.KeepMessages, 2_000)
	o.KeepFileBytes = cmp.Or(o.KeepFileBytes, 256<<20)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(1, 2))
	}
	s := &Server{opts: o, token: o.Token, clock: o.Clock, rand: o.Rand}
	s.cond = sync.NewCond(&s.mu)
	s.calls.keep = o.KeepCalls
	s.queue.init(o.FirstID)
	s.world = s.newWorld()
	if o.Control {
		s.control = s.controlRoutes()
	}
	return s
}

func (s *Server) newWorld() world {
	id, _, _ := strings.Cut(s.opts.Token, ":")
	botID, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		botID = 1
	}
	return world{
		bot:       User{ID: botID, IsBot: true, FirstName: s.opts.Name, Username: s.opts.Username},
		profile:   newProfile(s.opts.Name),
		people:    map[int64]*person{},
		chats:     map[int64]*chat{},
		usernames: map[string]int64{},
		files:     newFileStore(s.opts.KeepFileBytes, s.opts.FirstID),
		presses:   newPressLog(s.opts.FirstID),
		// Ids beyond 32 bits, as Telegram gives them today: code that keeps them in an int32 shows at once.
		nextUser:  5_000_000_001,
		nextGroup: 2_000_000_001,
	}
}

// Close stops deliveries to a webhook and ends waiting polls and event streams. The memory stays readable.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopWebhook()
	s.queue.interrupt(nil)
	s.events.closeAll()
}

// Reset forgets people, chats, files, presses, updates, faults and calls; the token and the webhook's address stay.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world = s.newWorld()
	s.queue.clear()
	if s.hook != nil {
		s.hook.clear()
	}
	s.calls = callLog{keep: s.opts.KeepCalls}
	s.faults = faults{nextID: s.faults.nextID}
	s.changed("reset", 0, nil)
}

// SetToken makes another token the only good one, as revoking it does: the old one is answered 401.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// Bot gives the bot's own user, as getMe tells it.
func (s *Server) Bot() User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bot
}

// ServeHTTP answers /bot<token>/<method>, /file/bot<token>/<path> and, when Options.Control is set, /sim/….
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/bot"); ok {
		token, method, _ := strings.Cut(rest, "/")
		s.serveMethod(w, r, token, method)
		return
	}
	if rest, ok := strings.CutPrefix(path, "/file/bot"); ok {
		token, name, _ := strings.Cut(rest, "/")
		s.serveFile(w, token, name)
		return
	}
	if s.control != nil && strings.HasPrefix(path, "/sim/") {
		s.control.ServeHTTP(w, r)
		return
	}
	writeError(w, &apiError{Code: http.StatusNotFound, Text: "Not Found"})
}

// checkToken gives Telegram's answer to a wrong token: 404 for one that can't be a token, 401 for an unknown one.
func (s *Server) checkToken(token string) *apiError {
	s.mu.Lock()
	good := token == s.token
	s.mu.Unlock()
	if good {
		return nil
	}
	if id, _, ok := strings.Cut(token, ":"); !ok || id == "" {
		return &apiError{Code: http.StatusNotFound, Text: "Not Found"}
	}
	return &apiError{Code: http.StatusUnauthorized, Text: "Unauthorized"}
}

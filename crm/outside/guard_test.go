package outside

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"govorun/crm/postgres"
)

func TestX10_OnlyPublicAddressesAreReached(t *testing.T) {
	for _, forbidden := range []string{"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3",
		"224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
		"::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "2001::1"} {
		if Public(netip.MustParseAddr(forbidden)) {
			t.Errorf("%s counts as public", forbidden)
		}
	}
	for _, public := range []string{"8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"} {
		if !Public(netip.MustParseAddr(public)) {
			t.Errorf("%s doesn't count as public", public)
		}
	}
}

func TestX10_AnAddressInsideIsRefusedHoweverItIsWritten(t *testing.T) {
	inside := newReceiver(t, "127.0.0.1:0")
	port := inside.port(t)
	names := nameserver(t, func(string) string { return "127.0.0.1" })
	for _, address := range []string{"https://127.0.0.1:", "https://[::1]:", "https://[::ffff:127.0.0.1]:", "https://2130706433:", "https://0177.0.0.1:", "https://0x7f.0.0.1:",
		"https://127.1:", "https://localhost:", "https://innocent.example:", "https://169.254.169.254:", "https://[::ffff:10.0.0.1]:"} {
		store := &memory{calls: []postgres.HookCall{{ID: 1, Hook: "a", Data: json.RawMessage(`{}`), Attempts: 1}}}
		s := New(store, Config{Hooks: map[string]Hook{"a": {URL: address + port + "/x", Key: []byte("k")}}, Log: quiet(), Resolver: names, TLS: inside.trust()})
		if _, err := s.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if store.failed != "forbidden_address" && store.again != "unreachable" {
			t.Errorf("%s: failed %q, again %q", address, store.failed, store.again)
		}
	}
	if n := inside.heard.Load(); n != 0 {
		t.Errorf("%d requests came in", n)
	}
}

func TestX10_ANameThatLeadsElsewhereAtTheSecondLookIsRefusedThen(t *testing.T) {
	outside := newReceiver(t, "127.0.0.2:0")
	port := outside.port(t)
	inside, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	var at atomic.Value
	at.Store("127.0.0.2")
	names := nameserver(t, func(string) string { return at.Load().(string) })
	s := pretending(t, &memory{}, outside, names, "https://rebind.example:"+port+"/hook")
	if reason, _ := s.post(t.Context(), s.Hooks["a"], call()); reason != "" {
		t.Fatalf("the public address failed: %s", reason)
	}
	s.http.CloseIdleConnections()
	at.Store("127.0.0.1")
	if reason, again := s.post(t.Context(), s.Hooks["a"], call()); reason != "forbidden_address" || again {
		t.Errorf("reason %q, again %v", reason, again)
	}
}

func TestX10_ARedirectInsideIsNotFollowed(t *testing.T) {
	for _, to := range []string{"http://127.0.0.1/", "https://127.0.0.1/", "http://169.254.169.254/latest", "https://other.example/", "https://[::ffff:10.0.0.1]/"} {
		outside := newReceiver(t, "127.0.0.2:0")
		outside.answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
		names := nameserver(t, func(string) string { return "127.0.0.2" })
		s := pretending(t, &memory{}, outside, names, "https://redirect.example:"+outside.port(t)+"/hook")
		if reason, again := s.post(t.Context(), s.Hooks["a"], call()); reason != "redirected" && reason != "forbidden_address" || again {
			t.Errorf("%s: reason %q, again %v", to, reason, again)
		}
	}
}

func TestWhatIsToldIsSignedAndSaysWhichDealAndNothingElse(t *testing.T) {
	outside := newReceiver(t, "127.0.0.2:0")
	names := nameserver(t, func(string) string { return "127.0.0.2" })
	store := &memory{calls: []postgres.HookCall{{ID: 7, Hook: "a", Deal: 5512, Data: json.RawMessage(`{"phone": "+77071234567"}`), Attempts: 1, CreatedAt: time.Unix(100, 0)}}}
	s := pretending(t, store, outside, names, "https://books.example:"+outside.port(t)+"/hook")
	if _, err := s.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if store.sent != 7 {
		t.Fatalf("sent %d, failed %q, again %q", store.sent, store.failed, store.again)
	}
	outside.mu.Lock()
	defer outside.mu.Unlock()
	if want := `{"at":"1970-01-01T00:01:40Z","data":{"phone":"+77071234567"},"deal":5512,"hook":"a","id":7}`; outside.body != want {
		t.Errorf("body %s", outside.body)
	}
	if want := "t=1000,v1=" + Signature([]byte("key"), 1000, []byte(outside.body)); outside.signature != want {
		t.Errorf("signature %s, want %s", outside.signature, want)
	}
}

func TestACallThatIsNotTakenIsMadeAgainLaterAndGivenUpInTheEnd(t *testing.T) {
	outside := newReceiver(t, "127.0.0.2:0")
	outside.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	names := nameserver(t, func(string) string { return "127.0.0.2" })
	for attempts, want := range map[int]struct{ again, failed string }{1: {again: "status_502"}, tries: {failed: "status_502"}} {
		store := &memory{calls: []postgres.HookCall{{ID: 1, Hook: "a", Data: json.RawMessage(`{}`), Attempts: attempts}}}
		s := pretending(t, store, outside, names, "https://books.example:"+outside.port(t)+"/hook")
		if _, err := s.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if store.again != want.again || store.failed != want.failed {
			t.Errorf("try %d: again %q, failed %q", attempts, store.again, store.failed)
		}
	}
	if pause(1) != firstPause || pause(2) != 2*firstPause || pause(40) != longPause {
		t.Errorf("pauses %v, %v, %v", pause(1), pause(2), pause(40))
	}
}

// pretending is a sender for which 127.0.0.2 belongs to the internet.
func pretending(t *testing.T, store Store, to *receiver, names *net.Resolver, address string) *Sender {
	t.Helper()
	return New(store, Config{Hooks: map[string]Hook{"a": {URL: address, Key: []byte("key")}}, Log: quiet(), Resolver: names, TLS: to.trust(),
		Now:    func() time.Time { return time.Unix(1000, 0) },
		Public: func(a netip.Addr) bool { return a.Unmap() == netip.MustParseAddr("127.0.0.2") || Public(a) }})
}

func call() postgres.HookCall {
	return postgres.HookCall{ID: 1, Hook: "a", Data: json.RawMessage(`{}`)}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// memory keeps what became of calls.
type memory struct {
	calls         []postgres.HookCall
	sent          int64
	again, failed string
}

func (m *memory) ClaimHooks(context.Context, int) ([]postgres.HookCall, error) { return m.calls, nil }
func (m *memory) HookSent(_ context.Context, id int64) error                   { m.sent = id; return nil }
func (m *memory) HookFailed(_ context.Context, _ int64, reason string) error {
	m.failed = reason
	return nil
}
func (m *memory) HookAgain(_ context.Context, _ int64, _ time.Duration, reason string) error {
	m.again = reason
	return nil
}

// receiver is an address that is told things.
type receiver struct {
	server          *httptest.Server
	answer          http.HandlerFunc
	heard           atomic.Int32
	mu              sync.Mutex
	body, signature string
}

func newReceiver(t *testing.T, address string) *receiver {
	t.Helper()
	r := &receiver{}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.heard.Add(1)
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.body, r.signature = string(body), req.Header.Get("X-Govorun-Signature")
		r.mu.Unlock()
		if r.answer != nil {
			r.answer(w, req)
		}
	}))
	r.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	r.server.Listener.Close()
	r.server.Listener = listener
	r.server.StartTLS()
	t.Cleanup(r.server.Close)
	return r
}

// trust knows the receiver's certificate, whatever name it was reached by.
func (r *receiver) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(r.server.Certificate())
	return &tls.Config{RootCAs: pool, ServerName: "example.com"}
}

func (r *receiver) port(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(r.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// nameserver resolves every name to one address.
func nameserver(t *testing.T, address func(name string) string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		question := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			server.WriteTo(resolved(question[:n], address), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// resolved answers a question for an address of the old kind (RFC 1035); there are none of the new kind.
func resolved(question []byte, address func(string) string) []byte {
	var labels []string
	i := 12
	for question[i] != 0 {
		length := int(question[i])
		labels = append(labels, string(question[i+1:i+1+length]))
		i += 1 + length
	}
	end := i + 5
	answer := append([]byte{}, question[:end]...)
	binary.BigEndian.PutUint16(answer[2:], 0x8180)
	binary.BigEndian.PutUint16(answer[10:], 0) // no more than the question
	if binary.BigEndian.Uint16(question[i+1:]) != 1 {
		return answer
	}
	binary.BigEndian.PutUint16(answer[6:], 1)
	ip := netip.MustParseAddr(address(strings.Join(labels, "."))).As4()
	answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(answer, ip[:]...)
}

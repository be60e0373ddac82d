package main

import (
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

// printed is what a command prints; each line is handed to see.
type printed struct {
	mu  sync.Mutex
	all strings.Builder
	see func(line string)
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(string(b)) {
		p.see(strings.TrimSpace(line))
	}
	return p.all.Write(b)
}

// pairing runs pair beside a phone that uses the first code, and gives what was printed.
func pairing(t *testing.T, server *simulator.Server, device uint16, args ...string) (says string, code int) {
	t.Helper()
	phone := simulator.Account{JID: types.JID{User: "77010000001", Device: device, Server: types.DefaultUserServer},
		LID: types.JID{User: "100000000000001", Device: device, Server: types.HiddenUserServer}, Name: "Shop"}
	var once sync.Once
	out := &printed{see: func(line string) {
		once.Do(func() {
			go func() {
				if strings.HasPrefix(line, "https://") {
					_ = server.Pair(context.WithoutCancel(t.Context()), line, phone)
				} else {
					_ = server.PairCode(context.WithoutCancel(t.Context()), line, phone)
				}
			}()
		})
	}}
	code = run(t.Context(), append([]string{"pair", "--text"}, args...), stdio{strings.NewReader(""), out, out})
	return out.all.String(), code
}

func TestANumberIsLinkedFromTheCommandLineAndTheDoctorSeesIt(t *testing.T) {
	server, err := simulator.New()
	well(t, err)
	t.Cleanup(server.Close)
	root := server.RootKey()
	dsn := pgtest.DSN(t)
	for name, value := range map[string]string{"DATABASE_URL": dsn, "GOVORUN_DATA": openFolder(t), "GOVORUN_WHATSAPP_SERVER": server.Addr(), "GOVORUN_WHATSAPP_ROOT": hex.EncodeToString(root[:])} {
		t.Setenv(name, value)
	}
	says, code := pairing(t, server, 7)
	if code != exitOK || !strings.HasPrefix(says, "https://wa.me/settings/linked_devices#") || !strings.Contains(says, "Linked: +77010000001, as whatsapp.") || !strings.Contains(says, "Next: govorun serve") {
		t.Fatalf("exit code %d, it says:\n%s", code, says)
	}
	if says, code = pairing(t, server, 8); code != exitTrouble || !strings.Contains(says, "a number is linked under this name already") {
		t.Errorf("a second time: exit code %d, it says:\n%s", code, says)
	}
	// The library makes a new secret while codes come in; who types at that moment is refused, and told to try again.
	for range 3 {
		if says, code = pairing(t, server, 9, "--phone", "+77010000001", "--replace"); code == exitOK {
			break
		}
	}
	if code != exitOK || len(says) < 9 || says[4] != '-' {
		t.Errorf("with a code to type: exit code %d, it says:\n%s", code, says)
	}
	says, _ = examined(t, "--offline")
	for _, line := range []string{"warning whatsapp linked, and no govorun serve has connected it yet", "ok whatsapp its phone was seen 0 days ago; 14 days are left"} {
		if !strings.Contains(says, line) {
			t.Errorf("the doctor does not say %q but:\n%s", line, says)
		}
	}
}

func TestW15_TheDoctorSaysEachStateOfANumberWithItsFix(t *testing.T) {
	db := openStored(t, pgtest.DSN(t))
	now := time.Now()
	for state, want := range map[whatsapp.StateKind]string{
		whatsapp.Linked:    "ok whatsapp:second linked since",
		whatsapp.LoggedOut: "problem whatsapp:second logged_out since", whatsapp.Outdated: "Fix: WhatsApp refuses this version of the library: run `go get go.mau.fi/whatsmeow@latest",
		whatsapp.Banned: "warning whatsapp:second banned since", whatsapp.Replaced: "problem whatsapp:second replaced", whatsapp.PhoneUnseen: "Fix: the phone of the number was not online",
	} {
		a := crm.Account{Channel: "whatsapp:second", Phone: "+77010000001", Device: "77010000001:7@s.whatsapp.net", Salt: make([]byte, 32), Since: now, LinkedAt: now, SeenAt: now.Add(-12*24*time.Hour - time.Hour)}
		well(t, db.SaveAccount(t.Context(), a))
		well(t, db.SetChannelState(t.Context(), a.Channel, string(state), whatsapp.Sentence(a.Channel, state, "", now)))
		var out strings.Builder
		d := &doctor{settings: &settings{}, out: &out, now: time.Now}
		well(t, d.numbers(t.Context(), db))
		says := strings.Join(strings.Fields(out.String()), " ")
		if !strings.Contains(says, want) || !strings.Contains(says, "not seen for 12 days; in 2 days WhatsApp unlinks it") {
			t.Errorf("%s: the doctor says:\n%s", state, out.String())
		}
	}
}

func TestPeopleHearOfAChangeOfANumberOnceAndThatItIsBack(t *testing.T) {
	t.Parallel()
	var told whatsapp.StateKind
	var heard []whatsapp.StateKind
	for _, now := range []whatsapp.StateKind{whatsapp.Connecting, whatsapp.Linked, whatsapp.Connecting, whatsapp.Linked, whatsapp.Offline, whatsapp.Connecting, whatsapp.Offline, whatsapp.Linked,
		whatsapp.Connecting, whatsapp.Linked, whatsapp.LoggedOut, whatsapp.Stopped, whatsapp.LoggedOut} {
		if toldOf(told, now) {
			told = now
			heard = append(heard, now)
		}
	}
	if len(heard) != 3 || heard[0] != whatsapp.Offline || heard[1] != whatsapp.Linked || heard[2] != whatsapp.LoggedOut {
		t.Errorf("heard %v", heard)
	}
}

func TestANameThatCouldBeNoneOfANumberIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Second!", "два", "a:b", strings.Repeat("x", 33)} {
		err := (&pairCommand{Name: name}).Run(t.Context(), nil, stdio{}) // without a database
		if err == nil || !strings.Contains(err.Error(), "is no name of a number") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

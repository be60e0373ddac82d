package whatsapp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

// newerVersion is a web version after ours.
func newerVersion(by uint32) uint32 {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	return store.GetWAVersion()[2] + by
}

// cannot is why nothing can be sent right now.
func cannot(c *Channel) crm.SendError {
	_, err := c.linked()
	var why *crm.SendError
	if errors.As(err, &why) {
		return *why
	}
	return crm.SendError{}
}

func TestANumberThatIsLinkedLaterIsFoundAndConnected(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if why := cannot(New(o.config)); why.Policy != crm.Wait || why.Reason != "offline" {
		t.Errorf("before anybody has looked for a number: %+v", why)
	}
	c := o.run()
	for patience := time.Now().Add(sendPatience); c.State().Sentence == "" && time.Now().Before(patience); {
		time.Sleep(time.Millisecond)
	}
	if why := cannot(c); why.Policy != crm.BadSetup || why.Reason != "whatsapp_unlinked" {
		t.Errorf("unlinked: %+v", why)
	}
	a := o.link(7, false)
	o.until(Linked)
	if _, err := c.linked(); err != nil {
		t.Error(err)
	}
	well(t, c.Unlink(t.Context()))
	o.until(Unlinked)
	if o.server.Linked(device(a)) {
		t.Error("the phone shows the link still")
	}
}

func TestW03_AClientThatAcknowledgesTooEarlyIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*whatsmeow.Client){
		"SynchronousAck":             func(cli *whatsmeow.Client) { cli.SynchronousAck = false },
		"EnableDecryptedEventBuffer": func(cli *whatsmeow.Client) { cli.EnableDecryptedEventBuffer = false },
		"ManualHistorySyncDownload":  func(cli *whatsmeow.Client) { cli.ManualHistorySyncDownload = false },
	} {
		config := withDefaults(Config{})
		cli := config.bare(&store.Device{})
		if err := selfCheck(cli); err != nil {
			t.Fatal(err)
		}
		spoil(cli)
		if err := selfCheck(cli); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := newOffice(t)
	o.link(7, false)
	c := New(o.config)
	c.wire.spoil = func(cli *whatsmeow.Client) { cli.SynchronousAck = false }
	defer c.Close()
	if err := c.Run(t.Context(), o.inbox); err == nil || !strings.Contains(err.Error(), "SynchronousAck") {
		t.Errorf("it runs: %v", err)
	}
}

func TestW06_AnOutdatedProgramRefreshesOnceAndThenSaysWhatToDo(t *testing.T) {
	o := newOffice(t) // alone: the web version is one for the process
	o.link(7, false)
	o.server.Outdate(newerVersion(1))
	o.server.Revision(newerVersion(2)) // one refresh is enough
	o.run()
	if _, passed := o.until(Linked); slices.Contains(passed, Outdated) {
		t.Errorf("alerts on the way: %v", passed)
	}

	o = newOffice(t)
	o.link(7, false)
	o.server.Outdate(newerVersion(100)) // no page has such a version yet
	o.server.Revision(newerVersion(1))
	c := o.run()
	s, _ := o.until(Outdated)
	if !strings.Contains(s.Sentence, "`go get go.mau.fi/whatsmeow@latest && go build ./cmd/govorun`") {
		t.Errorf("it says %q", s.Sentence)
	}
	time.Sleep(10 * quick().last) // a storm would show now
	if n := c.Stats().Reconnects; n != 1 || len(o.states) != 0 {
		t.Errorf("%d reconnects, %d more alerts", n, len(o.states))
	}
	if why := cannot(c); why.Policy != crm.BadSetup {
		t.Errorf("sending: %+v", why)
	}
}

func TestW07_ALoggedOutNumberPausesAndANewLinkGoesOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	c := o.run()
	o.until(Linked)
	well(t, o.server.Unlink(device(a))) // on the phone
	if s, _ := o.until(LoggedOut); s.Detail != "401" || !strings.Contains(s.Sentence, "govorun pair") {
		t.Errorf("%+v", s)
	}
	if why := cannot(c); why.Policy != crm.BadSetup || why.Reason != "whatsapp_logged_out" {
		t.Errorf("sending: %+v", why)
	}
	again := o.link(8, false)
	if _, passed := o.until(Linked); slices.Contains(passed, LoggedOut) {
		t.Errorf("told twice: %v", passed)
	}
	if string(again.Salt) != string(a.Salt) || !again.Since.Equal(a.Since) {
		t.Error("the account began anew: what was sent before would be another message")
	}
	for _, reason := range []events.ConnectFailureReason{events.ConnectFailureMainDeviceGone, events.ConnectFailureUnknownLogout} {
		o.server.RefuseNextLogin(simulator.Refusal{Reason: reason})
		well(t, o.server.Drop(device(again)))
		if s, _ := o.until(LoggedOut); s.Detail != reason.NumberString() {
			t.Errorf("%+v, want %d", s, reason)
		}
		again = o.link(device(again).Device+1, false)
		o.until(Linked)
	}
}

func TestW08_WhoIsReplacedStepsBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	c := o.run()
	o.until(Linked)
	well(t, o.server.Replace(device(a)))
	o.until(Replaced)
	time.Sleep(5 * quick().last)
	if n := c.Stats().Reconnects; n != 0 || len(o.states) != 0 {
		t.Errorf("it came back %d times, %d more alerts", n, len(o.states))
	}
	if why := cannot(c); why.Policy != crm.BadSetup {
		t.Errorf("sending: %+v", why)
	}
	o.link(8, true) // a new link ends it
	o.until(Linked)
}

func TestW09_ABannedNumberSendsNothingUntilTheBanEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	o.server.RefuseNextLogin(simulator.Refusal{Reason: events.ConnectFailureTempBanned, Code: events.TempBanSentTooManySameMessage, Expire: 2 * time.Second})
	c := o.run()
	s, _ := o.until(Banned)
	if s.Detail != "104" || s.Until.IsZero() || !strings.Contains(s.Sentence, "same message") {
		t.Errorf("%+v", s)
	}
	if why := cannot(c); why.Policy != crm.Wait || !why.Global || why.Reason != "banned" || why.After < time.Second {
		t.Errorf("sending: %+v", why)
	}
	o.until(Linked)
	if time.Now().Before(s.Until) || !o.server.Linked(device(a)) {
		t.Error("it came back before the ban had ended")
	}
}

func TestW15_APhoneThatWasNotSeenForTwelveDaysIsToldOnceAndSeenAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	a.SeenAt = time.Now().Add(-unseenAfter)
	well(t, o.SaveAccount(t.Context(), a))
	c := o.run()
	if s, _ := o.until(PhoneUnseen); !strings.Contains(s.Sentence, "open WhatsApp on the phone") {
		t.Errorf("it says %q", s.Sentence)
	}
	if _, err := c.linked(); err != nil {
		t.Errorf("it is linked still: %v", err)
	}
	phone, err := o.server.Phone(device(a))
	well(t, err)
	o.server.NewPeer("Ann", annJID, annLID)
	_, err = phone.SendText(t.Context(), annJID, "typed on the phone")
	well(t, err)
	o.until(Linked)
	if kept, _ := o.Account(t.Context(), "whatsapp"); time.Since(kept.SeenAt) > time.Minute {
		t.Errorf("seen at %v", kept.SeenAt)
	}
}

func TestW25_AHundredFlapsInTenMinutesAreOneAlertAndThePausesGrow(t *testing.T) {
	t.Parallel()
	r := &running{Channel: New(Config{Random: func() float64 { return 0.5 }})}
	var told []StateKind
	r.states.report = func(s State) { told = append(told, s.Kind) }
	r.trouble.tempo = usualTempo()
	var pauses []time.Duration
	for range 100 { // it works for six seconds and is gone
		if !r.trouble.flapping() {
			r.state(Linked, "", time.Time{})
		}
		pause, again := r.judge(&events.Disconnected{}, 6*time.Second)
		if !again {
			t.Fatal("it gives up")
		}
		pauses = append(pauses, pause)
	}
	if n := count(told, Offline); n != 1 || told[len(told)-1] != Offline {
		t.Errorf("told %v", told)
	}
	if !slices.IsSorted(pauses) || pauses[0] != time.Second || pauses[5] != 32*time.Second || pauses[99] != 5*time.Minute {
		t.Errorf("pauses %v", pauses[:12])
	}
	if pause, _ := r.judge(&events.Disconnected{}, usualTempo().stable); pause != time.Second {
		t.Errorf("after a stable connection the pause is %v", pause)
	}
}

func count(kinds []StateKind, kind StateKind) (n int) {
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	return n
}

func TestALostConnectionIsMadeAnewAndNothingIsLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	c := o.run()
	o.until(Linked)
	ann := o.server.NewPeer("Ann", annJID, annLID)
	for i, cut := range []func() error{func() error { return o.server.Drop(device(a)) }, func() error { return o.server.Restart(device(a)) }} {
		well(t, cut())
		_, err := ann.SendText(t.Context(), device(a), "said while nobody heard")
		well(t, err)
		select {
		case <-o.inbox.in:
		case <-time.After(sendPatience):
			t.Fatalf("cut %d: the message did not come", i)
		}
	}
	if c.Stats().Reconnects < 2 {
		t.Error("it never connected anew")
	}
}

func TestAnEndedRunHearsNothingMoreAndTheConnectionStaysUntilClose(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	c := New(o.config)
	c.wire.tempo = quick()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, o.inbox) }()
	o.until(Linked)
	stop()
	well(t, <-ended)
	if _, err := c.linked(); err != nil {
		t.Errorf("nothing can be sent any more: %v", err)
	}
	ann := o.server.NewPeer("Ann", annJID, annLID)
	_, err := ann.SendText(t.Context(), device(a), "too late")
	well(t, err)
	c.Close()
	if len(o.inbox.in) != 0 || c.State().Kind != Stopped {
		t.Errorf("%d were heard, state %s", len(o.inbox.in), c.State().Kind)
	}
	o.run() // it comes again to whoever runs next
	select {
	case <-o.inbox.in:
	case <-time.After(sendPatience):
		t.Error("what came after the end is lost")
	}
}

func TestW09_ASecondLockIsToldAlthoughTheConnectionWasBadBefore(t *testing.T) {
	t.Parallel()
	r := &running{Channel: New(Config{}), tempo: usualTempo()}
	r.trouble = trouble{tempo: r.tempo, failures: failuresTold, flaps: failuresTold}
	if pause, again := r.judge(&events.TemporaryBan{Expire: time.Hour}, 0); pause != time.Hour || !again || r.trouble.told() || r.trouble.flapping() {
		t.Errorf("%s, %v, %+v", pause, again, r.trouble)
	}
}

package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func TestANumberIsLinkedByACodeThatItsPhoneScans(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var steps []LinkStep
	how := o.scan(ourPhone(7))
	scan := how.Tell
	how.Tell = func(s LinkStep) { steps = append(steps, s); scan(s) }
	a, err := Link(t.Context(), o.config, how)
	well(t, err)
	if a.Channel != "whatsapp" || a.Phone != "+"+shop.User || a.Device != shop.String() || len(a.Salt) != 32 || a.LinkedAt.IsZero() || a.Since.IsZero() {
		t.Errorf("%+v", a)
	}
	if kept, err := o.Account(t.Context(), "whatsapp"); err != nil || kept.Device != a.Device {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if len(steps) != 1 || !strings.HasPrefix(steps[0].QR, "https://wa.me/settings/linked_devices#") || time.Until(steps[0].Until) > firstCode {
		t.Errorf("shown %+v", steps)
	}
	if _, err := Link(t.Context(), o.config, how); problemOf(err) != LinkAlready {
		t.Errorf("a second link: %v", err)
	}
}

func TestANumberIsLinkedByACodeThatIsTypedOnItsPhone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	how := o.scan(ourPhone(7))
	how.Phone = "+" + shop.User
	var code string
	typed := how.Tell
	how.Tell = func(s LinkStep) { code = s.Code; typed(s) }
	a, err := Link(t.Context(), o.config, how)
	well(t, err)
	if a.Device != shop.String() || len(code) != 9 || code[4] != '-' {
		t.Errorf("code %q, %+v", code, a)
	}
}

func TestWhyANumberIsNotLinkedIsOneClearSentence(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	passkey, unsigned := ourPhone(7), ourPhone(7)
	passkey.Passkey, unsigned.BadSignature = true, true
	badPhone := o.scan(ourPhone(7))
	badPhone.Phone = "87010000001"
	gone := o.config
	gone.Server.Address = "127.0.0.1:1"
	for want, c := range map[LinkProblem]struct {
		config Config
		how    LinkConfig
	}{
		LinkPasskey:  {o.config, o.scan(passkey)},
		LinkRefused:  {o.config, o.scan(unsigned)},
		LinkBadPhone: {o.config, badPhone},
		LinkOffline:  {gone, o.scan(ourPhone(7))},
	} {
		_, err := Link(t.Context(), c.config, c.how)
		if problemOf(err) != want {
			t.Errorf("%s: %v, behind it %v", want, err, errors.Unwrap(err))
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), shop.User)) {
			t.Errorf("%s says %q", want, err)
		}
	}
	if _, err := o.Account(t.Context(), "whatsapp"); !errors.Is(err, crm.ErrNotFound) {
		t.Error("something was kept")
	}
}

func TestLinkingThatIsStoppedLinksNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, stop := context.WithCancel(t.Context())
	_, err := Link(ctx, o.config, LinkConfig{Tell: func(LinkStep) { stop() }})
	if !errors.Is(err, context.Canceled) || len(o.accounts) != 0 {
		t.Errorf("%v, %d accounts", err, len(o.accounts))
	}
}

func TestAnotherNumberTakesAPlaceOnlyWhenThatIsMeant(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.link(7, false)
	well(t, forgetDevice(t.Context(), openStore(o.config.Store, New(o.config).config.Log), first.Device)) // unlinked since
	other := simulator.Account{JID: types.JID{User: "77010000002", Device: 3, Server: types.DefaultUserServer}, LID: types.JID{User: "100000000000002", Device: 3, Server: types.HiddenUserServer}, Name: "Other"}
	if _, err := Link(t.Context(), o.config, o.scan(other)); problemOf(err) != LinkOtherNumber {
		t.Errorf("another number: %v", err)
	}
	how := o.scan(other)
	how.Replace = true
	a, err := Link(t.Context(), o.config, how)
	well(t, err)
	if a.Phone != "+77010000002" || !bytes.Equal(a.Salt, first.Salt) || !a.Since.After(first.Since) {
		t.Errorf("%+v", a)
	}
	second := o.config
	second.Name = Account("second")
	if _, err := Link(t.Context(), second, o.scan(other)); problemOf(err) != LinkElsewhere {
		t.Errorf("the same number under another name: %v", err)
	}
}

func TestANewLinkSweepsAwayWhatOneThatWasCutShortHasLeft(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.link(7, false)
	o.accounts = map[string]crm.Account{} // killed between the library's row and ours
	o.link(8, false)
	devices, err := openStore(o.config.Store, New(o.config).config.Log).GetAllDevices(t.Context())
	well(t, err)
	if len(devices) != 1 || devices[0].ID.Device != 8 {
		t.Errorf("%d links are kept", len(devices))
	}
}

func TestW06_LinkingAsAnOutdatedProgramTriesOnceAsANewerOne(t *testing.T) {
	o := newOffice(t) // alone: the web version is one for the process
	o.server.Outdate(newerVersion(1))
	o.server.Revision(newerVersion(2))
	o.link(7, false)
}

func TestTheFirstLoginTakesNothingAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	ann := o.server.NewPeer("Ann", annJID, annLID)
	sent := make(chan error, 1)
	go func() { // it goes out as soon as there are keys to close it with: during the first login
		_, err := ann.SendText(t.Context(), device(a), "before anybody serves")
		sent <- err
	}()
	well(t, Greet(t.Context(), o.config))
	well(t, <-sent)
	o.run()
	select {
	case in := <-o.inbox.in:
		if in.Text != "before anybody serves" {
			t.Errorf("%+v", in)
		}
	case <-time.After(sendPatience):
		t.Error("what came during the first login is lost")
	}
}

func problemOf(err error) LinkProblem {
	var problem *LinkError
	if errors.As(err, &problem) {
		return problem.Problem
	}
	return ""
}

package whatsapp

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

const (
	// unseenAfter is how long the phone of a number may be away before people are told: WhatsApp unlinks after fourteen days.
	unseenAfter = 12 * 24 * time.Hour
	// seenEvery is how exactly it is kept when the phone was there.
	seenEvery = time.Hour
	// silentPings is how many of the library's signs of life, half a minute apart, may go unanswered.
	silentPings = 2
	// goneWait bounds the waiting for the library to remove a link that has ended.
	goneWait = 5 * time.Second
	// nameWait is how long the phone has to tell the name of the number; without a name nobody sees that it is there.
	nameWait = 20 * time.Second
)

// ending is why a connection ended: an event of the library, or one of these.
type (
	unreachable struct{ err error } // it was not made
	mute        struct{}            // WhatsApp does not answer any more
	relinked    struct{}            // the account has another link now, or none
	closed      struct{}            // Close was called, or it was lost while the program ends
)

// stay connects and stays connected until the link ends, or the program.
func (r *running) stay(cli *whatsmeow.Client) {
	for tries := 0; ; tries++ {
		if tries > 0 {
			r.counts.reconnects.Add(1)
		}
		if !r.trouble.told() && !r.trouble.outdated {
			r.state(Connecting, "", time.Time{})
		}
		r.worked, r.greeted = time.Time{}, false
		why := r.connect(cli)
		cli.Disconnect()
		if !r.going() {
			return
		}
		var worked time.Duration
		if !r.worked.IsZero() {
			worked = max(1, r.config.Now().Sub(r.worked))
		}
		pause, again := r.judge(why, worked)
		r.config.Log.Info("whatsapp connection ended", "channel", r.config.Name, "why", fmt.Sprintf("%T", why), "detail", detailOf(why), "worked", worked.Round(time.Second), "pause", pause.Round(time.Millisecond))
		if !r.rest(pause) || !again {
			return
		}
	}
}

// judge decides what follows the end of a connection that has worked for so long: after which pause, and whether this link connects again.
func (r *running) judge(why any, worked time.Duration) (pause time.Duration, again bool) {
	now := r.config.Now()
	switch evt := why.(type) {
	case relinked:
		r.trouble.over()
		return 0, false
	case *events.StreamReplaced:
		r.state(Replaced, "", time.Time{})
		return forGood, false
	case *events.TemporaryBan:
		away := evt.Expire
		if away <= 0 {
			away = banUnknown
		}
		r.trouble.over() // WhatsApp answers; and a second lock is told like the first
		r.state(Banned, fmt.Sprint(int(evt.Code)), now.Add(away))
		return away, true
	case *events.ClientOutdated:
		if r.trouble.outdated {
			r.state(Outdated, "", time.Time{})
			return r.tempo.retreat, true
		}
		pause = r.trouble.lost(worked, r.config.Random())
		r.trouble.outdated = true
		return pause, true
	case *events.LoggedOut:
		r.awaitGone()
		r.state(LoggedOut, fmt.Sprint(int(evt.Reason)), time.Time{})
		return r.trouble.lost(worked, r.config.Random()), false
	}
	pause = r.trouble.lost(worked, r.config.Random())
	if r.trouble.told() {
		r.state(Offline, detailOf(why), time.Time{})
	} else {
		r.state(Connecting, "", time.Time{})
	}
	return pause, true
}

// awaitGone waits until the library has removed what it keeps of a link that ended, which it does after it has told so: whoever hears of it may
// link anew at once.
func (r *running) awaitGone() {
	ctx, cancel := context.WithTimeout(r.life, goneWait)
	defer cancel()
	for ctx.Err() == nil {
		if device, err := deviceOf(ctx, r.store, r.account.Device); err == nil && device == nil {
			return
		}
		if r.pause(10*time.Millisecond) != nil {
			return
		}
	}
}

// detailOf is the code in a refusal that has no name, or the kind of an error.
func detailOf(why any) string {
	switch evt := why.(type) {
	case *events.ConnectFailure:
		return fmt.Sprint(int(evt.Reason))
	case *events.StreamError:
		return evt.Code
	case unreachable:
		return kindOf(evt.err)
	}
	return ""
}

// forGood is a pause that only a new link ends, or a new start.
const forGood = time.Duration(1<<63 - 1)

// rest waits, unless meanwhile the account gets another link: then this one is over. False means not to go on with it.
func (r *running) rest(pause time.Duration) bool {
	until := time.NewTimer(pause)
	defer until.Stop()
	look := time.NewTicker(r.tempo.look)
	defer look.Stop()
	for {
		select {
		case <-until.C:
			return true
		case <-look.C:
			if r.replaced() {
				return false
			}
		case <-r.signals: // of the connection that has ended
		case <-r.work.Done():
			return false
		case <-r.until.Done():
			return false
		}
	}
}

// replaced tells whether the account has another link now, or none.
func (r *running) replaced() bool {
	account, err := r.config.Account(r.life, r.config.Name)
	return err == nil && account.Device != r.account.Device
}

// connect makes one connection and tells why it ended.
func (r *running) connect(cli *whatsmeow.Client) (why any) {
	r.drain()
	if err := r.dial(cli); err != nil {
		return unreachable{err}
	}
	look := time.NewTicker(r.tempo.look)
	defer look.Stop()
	answer := time.NewTimer(r.tempo.answer)
	defer answer.Stop()
	for {
		select {
		case evt := <-r.signals:
			switch evt := evt.(type) {
			case *events.Connected:
				r.worked = r.config.Now()
				r.settle(cli)
			case *events.PushNameSetting:
				r.present(cli)
			case phoneSeen:
				r.seen()
			case *events.KeepAliveTimeout:
				if evt.ErrorCount >= silentPings {
					return mute{}
				}
			case *events.Disconnected:
				if !cli.IsConnected() { // else it is of the connection before
					return evt
				}
			default:
				return evt
			}
		case <-answer.C:
			if !cli.IsLoggedIn() {
				return mute{}
			}
		case <-look.C:
			if r.replaced() {
				if cli.IsLoggedIn() {
					r.leave(cli)
				}
				return relinked{}
			}
			if !r.worked.IsZero() {
				r.settle(cli)
			}
		case <-r.until.Done():
			return closed{}
		}
		if r.work.Err() != nil && !cli.IsConnected() {
			return closed{}
		}
	}
}

// dial refreshes the web version and connects, unless Close comes first. WhatsApp's page being away is no reason not to.
func (r *running) dial(cli *whatsmeow.Client) error {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	if r.hangUp != nil {
		r.hangUp()
	}
	life, hangUp := context.WithCancel(r.life)
	r.hangUp = hangUp
	defer context.AfterFunc(r.until, hangUp)() // later the connection is closed in good order
	r.config.Server.trust()
	if now := r.config.Now(); r.trouble.outdated || now.Sub(r.refreshed) >= versionFresh {
		raised, err := freshVersion(life, r.config.Server.client())
		if err == nil {
			r.refreshed = now
		}
		r.config.Log.Debug("whatsapp version refreshed", "channel", r.config.Name, "raised", raised, "err", err)
	}
	return cli.ConnectContext(life)
}

// drain forgets what earlier connections told.
func (r *running) drain() {
	for {
		select {
		case <-r.signals:
		default:
			return
		}
	}
}

// settle looks at a connection that works. One that has come and gone is not called good before it is stable.
func (r *running) settle(cli *whatsmeow.Client) {
	now := r.config.Now()
	lasted := now.Sub(r.worked)
	r.trouble.outdated = false
	if lasted >= r.tempo.stable {
		r.trouble.over()
	}
	if cli.Store.PushName == "" && lasted >= nameWait {
		cli.Store.PushName = r.account.Phone // people who write to it know it anyway; the phone may tell a better name later
	}
	if !r.greeted {
		r.present(cli)
	}
	switch {
	case r.trouble.flapping():
	case now.Sub(r.account.SeenAt) >= unseenAfter:
		r.state(PhoneUnseen, "", time.Time{})
	default:
		r.state(Linked, "", time.Time{})
	}
}

// present shows that the number is there: without it nobody sees that a message was delivered. It takes a name, which the phone tells.
func (r *running) present(cli *whatsmeow.Client) {
	if cli.Store.PushName == "" {
		return
	}
	ctx, cancel := context.WithTimeout(r.life, waitOffline)
	defer cancel()
	r.greeted = cli.SendPresence(ctx, types.PresenceAvailable) == nil
}

// seen notes that the phone is there.
func (r *running) seen() {
	now := r.config.Now()
	if now.Sub(r.account.SeenAt) < seenEvery {
		return
	}
	ctx, cancel := context.WithTimeout(r.life, waitOffline)
	defer cancel()
	if err := r.config.AccountSeen(ctx, r.config.Name, now); err != nil {
		r.config.Log.Debug("phone not noted", "channel", r.config.Name, "err", kindOf(err))
		return
	}
	r.account.SeenAt = now
}

// leave ends the link of a number that another one has taken the place of.
func (r *running) leave(cli *whatsmeow.Client) {
	ctx, cancel := context.WithTimeout(r.life, waitOffline)
	defer cancel()
	if err := cli.Logout(ctx); err != nil {
		r.config.Log.Info("whatsapp not told that the link ends", "channel", r.config.Name, "err", kindOf(err))
	}
}

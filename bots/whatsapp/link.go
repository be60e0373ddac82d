package whatsapp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
	"govorun/crm"
)

// LinkConfig says how a number is to be linked.
type LinkConfig struct {
	// Phone, E.164, asks for a code to type on that phone; empty asks for QR codes to scan with it.
	Phone string
	// Replace lets another link take the place of the one that is or was under this name, of another number too.
	Replace bool
	// Tell is told each step, one at a time; it should return soon.
	Tell func(LinkStep)
}

// LinkStep is something to show to the person with the phone. A later step takes the place of the one before.
type LinkStep struct {
	QR    string    // the text of a QR code
	Code  string    // or a code to type, such as ABCD-EFGH
	Until time.Time // when it stops being good
}

const (
	// firstCode and nextCode are how long WhatsApp takes the first QR code and each of the following five.
	firstCode, nextCode = 60 * time.Second, 20 * time.Second
	// typedCode is how long a code to type is good: as long as all QR codes together.
	typedCode = firstCode + 5*nextCode
	// linkAnswer is how long WhatsApp may take to give a code, and to end the connection after a number was linked.
	linkAnswer = 20 * time.Second
	linkEnd    = 3 * time.Second
	// codeClient is as what we ask for a code to type: WhatsApp takes well-known browsers only.
	codeClient = "Chrome (Linux)"
)

// e164 is a number with the code of its country.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Link links a number to config.Name: it shows codes until one of them is scanned or typed, and gives the account it has kept. A channel that runs,
// here or in another process, finds it within two seconds. It needs Store and Memory of the Config. An error is a *LinkError, or that ctx ended.
func Link(ctx context.Context, config Config, link LinkConfig) (crm.Account, error) {
	l := &linking{Config: withDefaults(config), link: link}
	if link.Phone != "" && !e164.MatchString(link.Phone) {
		return crm.Account{}, &LinkError{Problem: LinkBadPhone}
	}
	l.store = openStore(l.Store, l.Log)
	if err := l.look(ctx); err != nil {
		return crm.Account{}, err
	}
	life, stop := context.WithCancel(ctx)
	defer stop()
	account, err := l.try(life)
	var problem *LinkError
	if errors.As(err, &problem) && problem.Problem == LinkOutdated && !l.refreshed { // once more, as a newer version
		l.refreshed = true
		account, err = l.try(life)
	}
	if ctx.Err() != nil && err != nil {
		return crm.Account{}, ctx.Err()
	}
	return account, err
}

// linking is one call of Link.
type linking struct {
	Config
	link      LinkConfig
	store     *sqlstore.Container
	old       crm.Account // of this name; without a channel when there is none
	shown     string      // the QR code
	refused   LinkProblem // why a phone that scanned was turned away
	refreshed bool        // the web version was, because ours was refused
}

// look finds out whether a number may be linked under this name, and removes what a link that was cut short has left.
func (l *linking) look(ctx context.Context) error {
	account, err := l.Account(ctx, l.Name)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return &LinkError{LinkStore, err}
	}
	l.old = account
	if account.Device != "" && !l.link.Replace {
		device, err := deviceOf(ctx, l.store, account.Device)
		if err != nil {
			return &LinkError{LinkStore, err}
		}
		if device != nil {
			return &LinkError{Problem: LinkAlready}
		}
	}
	if err := l.sweep(ctx); err != nil {
		return &LinkError{LinkStore, err}
	}
	return nil
}

// others gives the accounts of all names, when the memory can list them.
func (l *linking) others(ctx context.Context) ([]crm.Account, bool, error) {
	list, can := l.Memory.(interface {
		Accounts(context.Context) ([]crm.Account, error)
	})
	if !can {
		return nil, false, nil
	}
	all, err := list.Accounts(ctx)
	return all, err == nil, err
}

// sweep removes links that no account has.
func (l *linking) sweep(ctx context.Context) error {
	accounts, known, err := l.others(ctx)
	if err != nil || !known {
		return err
	}
	kept := map[string]bool{}
	for _, a := range accounts {
		kept[a.Device] = true
	}
	devices, err := l.store.GetAllDevices(ctx)
	if err != nil {
		return fmt.Errorf("list linked devices: %w", err)
	}
	for _, device := range devices {
		if id := device.ID.String(); !kept[id] {
			if err := forgetDevice(ctx, l.store, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// try makes one connection and shows its codes.
func (l *linking) try(ctx context.Context) (crm.Account, error) {
	cli := l.bare(l.store.NewDevice())
	cli.BackgroundEventCtx = ctx
	cli.PrePairCallback = func(jid types.JID, _, _ string) bool {
		l.refused = l.unwelcome(ctx, phoneOf(jid))
		return l.refused == ""
	}
	signals := make(chan any, signalsKept)
	cli.AddEventHandler(func(evt any) {
		select {
		case signals <- evt:
		case <-ctx.Done():
		}
	})
	if err := l.dial(ctx, cli); err != nil {
		return crm.Account{}, &LinkError{LinkOffline, bots.Reason(scrubbed(err))}
	}
	defer cli.Disconnect()
	return l.show(ctx, cli, signals)
}

func (l *linking) dial(ctx context.Context, cli *whatsmeow.Client) error {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	l.Server.trust()
	if _, err := freshVersion(ctx, l.Server.client()); err != nil {
		l.Log.Debug("whatsapp version not refreshed", "err", err)
	}
	return cli.ConnectContext(ctx)
}

// show shows one code after the other until something ends it.
func (l *linking) show(ctx context.Context, cli *whatsmeow.Client, signals <-chan any) (crm.Account, error) {
	var codes []string
	next := time.NewTimer(linkAnswer)
	defer next.Stop()
	for {
		select {
		case <-next.C:
			if len(codes) == 0 {
				return crm.Account{}, &LinkError{Problem: LinkExpired}
			}
			codes = l.code(codes, nextCode, next)
		case evt := <-signals:
			switch evt := evt.(type) {
			case *events.QR:
				if l.link.Phone == "" && len(evt.Codes) > 0 {
					codes = l.code(evt.Codes, firstCode, next)
				} else if err := l.typed(ctx, cli, next); err != nil {
					return crm.Account{}, err
				}
			case *events.RotateADVSecret: // what is shown is good for nothing any more
				if l.shown == "" {
					continue
				}
				codes = append([]string{l.shown}, codes...)
				for i := range codes {
					codes[i] = strings.Replace(codes[i], evt.OldSecret, evt.NewSecret, 1)
				}
				codes = l.code(codes, nextCode, next)
			case *events.PairSuccess:
				account, err := l.keep(ctx, evt.ID)
				l.leave(signals)
				return account, err
			default:
				if problem := l.problem(cli, evt); problem != nil {
					return crm.Account{}, problem
				}
			}
		case <-ctx.Done():
			return crm.Account{}, ctx.Err()
		}
	}
}

// code shows the first code and gives the others.
func (l *linking) code(codes []string, good time.Duration, next *time.Timer) []string {
	next.Reset(good)
	l.shown = codes[0]
	l.link.Tell(LinkStep{QR: l.shown, Until: l.Now().Add(good)})
	return codes[1:]
}

// typed asks for a code to type and shows it.
func (l *linking) typed(ctx context.Context, cli *whatsmeow.Client, next *time.Timer) error {
	code, err := cli.PairPhone(ctx, l.link.Phone, true, whatsmeow.PairClientChrome, codeClient)
	if err != nil {
		return &LinkError{LinkRefused, bots.Reason(scrubbed(err))}
	}
	next.Reset(typedCode)
	l.link.Tell(LinkStep{Code: code, Until: l.Now().Add(typedCode)})
	return nil
}

// problem is what an event says about why this ends; nil when it goes on.
func (l *linking) problem(cli *whatsmeow.Client, evt any) *LinkError {
	switch evt := evt.(type) {
	case *events.PairPasskeyRequest, *events.PairPasskeyConfirmation:
		return &LinkError{Problem: LinkPasskey}
	case *events.PairPasskeyError:
		return &LinkError{LinkPasskey, bots.Reason(scrubbed(evt.Error))}
	case *events.PairError:
		if l.refused != "" {
			return &LinkError{Problem: l.refused}
		}
		return &LinkError{LinkRefused, bots.Reason(scrubbed(evt.Error))}
	case *events.ClientOutdated:
		return &LinkError{Problem: LinkOutdated}
	case *events.ConnectFailure, *events.TemporaryBan, *events.LoggedOut, *events.StreamReplaced:
		return &LinkError{LinkRefused, bots.Reason(fmt.Sprintf("%T", evt))}
	case *events.Disconnected:
		if !cli.IsConnected() {
			return &LinkError{Problem: LinkExpired} // it ends the connection when the codes do
		}
	}
	return nil
}

// unwelcome tells why a number may not be linked under this name.
func (l *linking) unwelcome(ctx context.Context, phone string) LinkProblem {
	if l.old.Channel != "" && l.old.Phone != phone && !l.link.Replace {
		return LinkOtherNumber
	}
	accounts, _, err := l.others(ctx)
	if err != nil {
		return LinkStore
	}
	for _, a := range accounts {
		if a.Channel != l.Name && a.Phone == phone && a.Device != "" {
			return LinkElsewhere
		}
	}
	return ""
}

// phoneOf is the number of a phone's address, E.164.
func phoneOf(jid types.JID) string { return "+" + jid.User }

// keep writes the account. Its salt stays, so that what is sent once more after a new link is the same message; the age of another number is its own.
func (l *linking) keep(ctx context.Context, id types.JID) (crm.Account, error) {
	now := l.Now()
	account := crm.Account{Channel: l.Name, Phone: phoneOf(id), Device: id.String(), Salt: l.old.Salt, Since: now, LinkedAt: now, SeenAt: now}
	if l.old.Phone == account.Phone && !l.old.Since.IsZero() {
		account.Since = l.old.Since
	}
	if len(account.Salt) == 0 {
		account.Salt = make([]byte, 32)
		rand.Read(account.Salt)
	}
	if err := l.SaveAccount(ctx, account); err != nil {
		return crm.Account{}, &LinkError{LinkStore, err}
	}
	if l.old.Device != "" && l.old.Device != account.Device {
		if err := forgetDevice(ctx, l.store, l.old.Device); err != nil {
			l.Log.Warn("the link of before is still kept", "channel", l.Name, "err", kindOf(err))
		}
	}
	return account, nil
}

// leave waits until WhatsApp ends the connection, or asks for a new one: by then it has our answer.
func (l *linking) leave(signals <-chan any) {
	patience := time.NewTimer(linkEnd)
	defer patience.Stop()
	for {
		select {
		case <-patience.C:
			return
		case evt := <-signals:
			switch evt.(type) {
			case *events.ManualLoginReconnect, *events.Disconnected:
				return
			}
		}
	}
}

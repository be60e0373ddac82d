package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
)

// bare makes a client that does nothing by itself: when to connect again is decided here, by one rule for all reasons.
func (c *Config) bare(device *store.Device) *whatsmeow.Client {
	cli := whatsmeow.NewClient(device, libraryLog{c.Log, ""})
	cli.EnableAutoReconnect, cli.DisableLoginAutoReconnect = false, true
	cli.SynchronousAck, cli.EnableDecryptedEventBuffer = true, true
	cli.ManualHistorySyncDownload, cli.DisableManualHistorySyncReceipt = true, true
	cli.AutomaticMessageRerequestFromPhone = true
	web := c.Server.client()
	cli.SetWebsocketHTTPClient(web)
	cli.SetPreLoginHTTPClient(web)
	cli.SetMediaHTTPClient(web)
	return cli
}

// newClient makes the client of a linked device, with all that hears it.
func (r *running) newClient(device *store.Device) (*whatsmeow.Client, error) {
	r.guardStore(device)
	cli := r.config.bare(device)
	cli.BackgroundEventCtx = r.life
	cli.GetMessageForRetry = r.forRetry(r.life)
	if r.wire.spoil != nil {
		r.wire.spoil(cli)
	}
	if err := selfCheck(cli); err != nil {
		return nil, err
	}
	hear := r.handler(r.work, r.inbox)
	cli.AddEventHandlerWithSuccessStatus(func(evt any) bool {
		r.observe(cli, evt)
		r.gate.RLock()
		defer r.gate.RUnlock()
		return !r.gate.closed && hear(evt)
	})
	return cli, nil
}

// selfCheck refuses a client that would lose messages: one that acknowledges before they are stored, or can't open them a second time.
func selfCheck(cli *whatsmeow.Client) error {
	switch {
	case !cli.SynchronousAck:
		return errors.New("the WhatsApp library would acknowledge messages before they are stored (SynchronousAck is off): this program is not safe to run, build it anew from its own source")
	case !cli.EnableDecryptedEventBuffer:
		return errors.New("the WhatsApp library could not open a message a second time (EnableDecryptedEventBuffer is off): this program is not safe to run, build it anew from its own source")
	case !cli.ManualHistorySyncDownload || !cli.DisableManualHistorySyncReceipt:
		return errors.New("the WhatsApp library would remove old correspondence from the server before it is stored (ManualHistorySyncDownload is off): this program is not safe to run, build it anew from its own source")
	}
	return nil
}

// phoneSeen is told when the phone of the number was there.
type phoneSeen struct{}

// observe hands on what the connection tells about itself.
func (r *running) observe(cli *whatsmeow.Client, evt any) {
	switch evt := evt.(type) {
	case *events.Connected, *events.Disconnected, *events.ManualLoginReconnect, *events.LoggedOut, *events.StreamReplaced, *events.TemporaryBan,
		*events.ClientOutdated, *events.ConnectFailure, *events.StreamError, *events.KeepAliveTimeout, *events.PushNameSetting:
		select {
		case r.signals <- evt:
		case <-r.life.Done():
		}
	case *events.NotifyAccountReachoutTimelock:
		until := time.Time{}
		if evt.IsActive {
			until = evt.TimeEnforcementEnds.Time
		}
		r.config.Locked(until)
	default:
		if fromPhone(cli, evt) {
			select {
			case r.signals <- phoneSeen{}:
			default: // another sign of it will come
			}
		}
	}
}

// fromPhone tells whether an event came from the phone of the number itself: something typed or read there, its receipt for what we have
// sent, or its history. A phone that shows no sign of life for two weeks loses its links.
func fromPhone(cli *whatsmeow.Client, evt any) bool {
	switch evt := evt.(type) {
	case *events.Message:
		return evt.Info.IsFromMe && evt.Info.Sender.Device == 0
	case *events.Receipt:
		own := cli.Store.GetJID().User == evt.Sender.User || cli.Store.GetLID().User == evt.Sender.User
		return own && evt.Sender.Device == 0
	case *events.HistorySync:
		return true
	}
	return false
}

// forgetDevice removes what is kept of a link.
func forgetDevice(ctx context.Context, from *sqlstore.Container, id string) error {
	jid, err := types.ParseJID(id)
	if err != nil {
		return fmt.Errorf("read the id of a linked device: %w", bots.Reason(scrubbed(err)))
	}
	if err := from.DeleteDevice(ctx, &store.Device{ID: &jid}); err != nil {
		return fmt.Errorf("forget a linked device: %w", err)
	}
	return nil
}

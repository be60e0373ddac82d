// Package floor measures what the WhatsApp library itself takes for an answer, so that the speed of real turns can be set beside it: a linked
// number that answers every message at once with the same words. It keeps nothing but what the library keeps, and knows nothing of turns.
package floor

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"
)

// linkTime bounds the linking of the number.
const linkTime = 30 * time.Second

// answer is as long as the answers of a short dialog.
const answer = "Thank you. What is your phone number? You can write it in any way that people understand."

// Echo is a linked number that answers.
type Echo struct{ client *whatsmeow.Client }

// Start links a number whose keys are kept in tables of the library and begins to answer. Requests go through web; scan is given the text of the
// QR code, as a phone would read it. The library is set as in service: it acknowledges after the answer was begun, and keeps what it opened.
func Start(ctx context.Context, tables *sql.DB, web *http.Client, scan func(ctx context.Context, qr string) error) (*Echo, error) {
	ctx, cancel := context.WithTimeout(ctx, linkTime)
	defer cancel()
	client := whatsmeow.NewClient(sqlstore.NewWithDB(tables, "postgres", waLog.Noop).NewDevice(), waLog.Noop)
	client.SynchronousAck, client.EnableDecryptedEventBuffer = true, true
	client.SetWebsocketHTTPClient(web)
	client.SetPreLoginHTTPClient(web)
	client.SetMediaHTTPClient(web)
	codes, online := make(chan string, 1), make(chan struct{}, 1)
	client.AddEventHandler(func(evt any) {
		switch evt := evt.(type) {
		case *events.QR:
			offer(codes, evt.Codes[0])
		case *events.Connected:
			offer(online, struct{}{})
		case *events.Message:
			go reply(client, evt)
		}
	})
	e := &Echo{client}
	if err := e.link(ctx, codes, online, scan); err != nil {
		e.Close()
		return nil, fmt.Errorf("link a number for the floor: %w", err)
	}
	return e, nil
}

func (e *Echo) link(ctx context.Context, codes <-chan string, online <-chan struct{}, scan func(context.Context, string) error) error {
	if err := e.client.Connect(); err != nil {
		return err
	}
	select {
	case code := <-codes:
		if err := scan(ctx, code); err != nil {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-online:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reply answers one message. One that fails is a turn without an answer, which whoever wrote notices.
func reply(client *whatsmeow.Client, m *events.Message) {
	words := answer
	_, _ = client.SendMessage(context.Background(), m.Info.Chat, &waE2E.Message{Conversation: &words})
}

// Close ends the connection.
func (e *Echo) Close() { e.client.Disconnect() }

// offer hands over without waiting: who waits needs the first only.
func offer[T any](to chan T, what T) {
	select {
	case to <- what:
	default:
	}
}

package floor_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp"
	"govorun/bots/whatsapp/floor"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func TestEveryMessageIsAnsweredByTheLibraryAlone(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := simulator.New()
	must(t, err)
	defer s.Close()
	s.Trust()
	tables, err := pgtest.New(t).WhatsAppStore(ctx, whatsapp.Prepare)
	must(t, err)
	defer tables.Close()
	own := types.JID{User: "77020000001", Device: 7, Server: types.DefaultUserServer}
	echo, err := floor.Start(ctx, tables, &http.Client{Transport: simulator.Transport(s.Addr())}, func(ctx context.Context, qr string) error {
		return s.Pair(ctx, qr, simulator.Account{JID: own, Name: "Echo"})
	})
	must(t, err)
	defer echo.Close()
	ann := s.NewPeer("Ann", types.NewJID("77070000001", types.DefaultUserServer), types.EmptyJID)
	seen := map[string]bool{}
	for range 3 {
		_, err := ann.SendText(ctx, own, "hello")
		must(t, err)
		answer, err := ann.WaitBubble(ctx, own, func(b simulator.Bubble) bool { return !b.Mine && !seen[b.ID] && b.Text != "" })
		must(t, err)
		seen[answer.ID] = true
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package whatsapp

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"govorun/crm"
)

// sameTransaction is a buffer whose transactions do what they are given, and count those that never end.
type sameTransaction struct {
	store.EventBuffer
	open int
}

func (s *sameTransaction) DoDecryptionTxn(ctx context.Context, do func(context.Context) error) error {
	s.open++
	err := do(ctx)
	s.open--
	return err
}

// noSession keeps no session.
type noSession struct{ store.SessionStore }

func (noSession) GetSession(context.Context, string) ([]byte, error) { return nil, nil }

func TestAPanicOverWhatSomebodySentLeavesNeitherTheirChatNorTheDatabaseLocked(t *testing.T) {
	t.Parallel()
	chats, inner := &chatLocks{}, &sameTransaction{}
	sessions := &lockedSessions{noSession{}, chats}
	buffer := &guardedBuffer{EventBuffer: inner, config: Config{Store: libraryStore(t)}, chats: chats, stumble: func() {}}
	err := buffer.DoDecryptionTxn(t.Context(), func(ctx context.Context) error {
		if _, err := sessions.GetSession(ctx, "200_1:5"); err != nil {
			return err
		}
		panic("a message nobody has thought of")
	})
	if !errors.Is(err, errCrash) || errors.Is(err, context.Canceled) {
		t.Errorf("the library hears %v", err)
	}
	if len(chats.held) > 0 || inner.open > 0 {
		t.Errorf("locked: %d chats, %d transactions", len(chats.held), inner.open)
	}
}

// flakySecrets are secrets that can't be asked for as often as told.
type flakySecrets struct {
	store.MsgSecretStore
	fails atomic.Int32
}

func (f *flakySecrets) GetMessageSecret(ctx context.Context, chat, sender types.JID, id types.MessageID) ([]byte, types.JID, error) {
	if f.fails.Add(-1) >= 0 {
		return nil, types.EmptyJID, sql.ErrConnDone
	}
	return f.MsgSecretStore.GetMessageSecret(ctx, chat, sender, id)
}

func TestW02_AVoteThatCameWhileItsKeyCouldNotBeReadComesAgain(t *testing.T) {
	t.Parallel()
	flaky := &flakySecrets{}
	r := newHearRig(t, func(d *store.Device) { flaky.MsgSecretStore, d.MsgSecrets = d.MsgSecrets, flaky })
	r.say("привет")
	poll, err := r.cli.SendMessage(t.Context(), annJID, r.cli.BuildPollCreation("Что случилось?", []string{"Нет сдачи", "Нет кофе"}, 1))
	must(t, err)
	_, err = r.ann.Wait(t.Context(), poll.ID)
	must(t, err)
	flaky.fails.Store(1)
	id, err := r.ann.Vote(t.Context(), shop, poll.ID, "Нет кофе")
	must(t, err)
	if in := r.key("v:" + id); in.Kind != crm.InPress || len(in.Press.Votes) != 1 {
		t.Errorf("got %+v", in)
	}
}

func TestASecretUnderANameThatNoStoreTakesIsNotKnown(t *testing.T) {
	t.Parallel()
	flaky := &flakySecrets{}
	for _, id := range []string{"3A\x00", "\xff", strings.Repeat("A", 1000)} {
		flaky.fails.Store(1)
		if secret, _, err := (secretStore{flaky}).GetMessageSecret(t.Context(), annJID, annJID, id); err != nil || secret != nil {
			t.Errorf("%q: %v", id, err) // it would come again and again, and hold up all others
		}
	}
	if _, _, err := (secretStore{flaky}).GetMessageSecret(t.Context(), annJID, annJID, "3A"); !errors.Is(err, errNoAnswer) {
		t.Errorf("a store that is away: %v", err)
	}
}

// flakySessions can't be read as often as told.
type flakySessions struct {
	store.SessionStore
	fails atomic.Int32
}

func (f *flakySessions) GetSession(ctx context.Context, address string) ([]byte, error) {
	if f.fails.Add(-1) >= 0 {
		return nil, sql.ErrConnDone
	}
	return f.SessionStore.GetSession(ctx, address)
}

func TestW02_AMessageThatAStoreBackAtOnceCouldNotOpenComesAgainAndIsNotCalledUnreadable(t *testing.T) {
	t.Parallel()
	flaky := &flakySessions{}
	r := newHearRig(t, func(d *store.Device) { flaky.SessionStore, d.Sessions = d.Sessions, flaky })
	r.say("a session is there")
	flaky.fails.Store(1)
	r.say("while the server is started anew")
	r.settled()
	for _, in := range r.all() {
		if in.Kind != crm.InText || in.Note != "" {
			t.Errorf("stored %+v", in)
		}
	}
}

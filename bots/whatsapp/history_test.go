package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"google.golang.org/protobuf/proto"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func TestW16_FourThousandOldMessagesAreKeptAsThePastAndNothingOfThemReachesTheInbox(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.memory.fails = 1 // the database is away for the first part of it
	chat := simulator.OldChat{Chat: annJID, Name: "Ann"}
	begin := time.Now().Add(-90 * 24 * time.Hour).Truncate(time.Second)
	for n := range 4000 {
		chat.Messages = append(chat.Messages, simulator.OldMessage{ID: fmt.Sprintf("OLD%04d", n), Time: begin.Add(time.Duration(n) * time.Minute), FromMe: n%2 == 1,
			Message: &waE2E.Message{Conversation: proto.String(fmt.Sprint("старое ", n))}})
	}
	must(t, r.phone.SendHistory(t.Context(), waHistorySync.HistorySync_RECENT, chat))
	stop := time.After(hearPatience)
	for kept := 0; kept < 4000; {
		select {
		case kept = <-r.memory.kept:
		case <-stop:
			t.Fatalf("%d kept", kept)
		}
	}
	r.settled()
	r.memory.mu.Lock()
	defer r.memory.mu.Unlock()
	first, last := r.memory.past[0], r.memory.past[3999]
	if len(r.memory.past) != 4000 || first.Ref != "OLD0000" || first.Own || first.Chat != annChat.Chat || first.Alias != annJID.String() || first.Phone != "+77070000001" || !first.SentAt.Equal(begin) {
		t.Errorf("%d, the first %+v", len(r.memory.past), first)
	}
	if !last.Own || last.Text != "старое 3999" {
		t.Errorf("the last %+v", last)
	}
	if all := r.all(); len(all) > 0 {
		t.Errorf("in the inbox: %+v", all)
	}
}

func TestW16_WhatWasWrittenLongBeforeTheNumberWasLinkedIsThePastHoweverItComes(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.memory.linked = time.Now().Add(time.Hour)
	_, err := r.ann.SendText(t.Context(), shop, "ещё до вас")
	must(t, err)
	select {
	case <-r.memory.kept:
	case <-time.After(hearPatience):
		t.Fatal("it was not kept")
	}
	if past := r.memory.past; len(past) != 1 || past[0].Text != "ещё до вас" || past[0].Name != "Ann" || past[0].Own {
		t.Errorf("kept %+v", past)
	}
	if all := r.all(); len(all) > 0 {
		t.Errorf("in the inbox: %+v", all)
	}
}

func TestW16_AnOldMessageThatCanNotBeStoredIsGivenUpAndKeepsOutNoOther(t *testing.T) {
	t.Parallel()
	memory := &pickyMemory{}
	c := New(Config{Memory: memory})
	var past []crm.Past
	for _, ref := range strings.Split("abcdefghij", "") {
		past = append(past, crm.Past{Ref: ref})
	}
	well(t, c.keep(t.Context(), past))
	if got := strings.Join(memory.kept, ""); got != "abcdfghij" {
		t.Errorf("kept %q", got)
	}
	memory.away = true
	if c.keep(t.Context(), past) == nil {
		t.Error("given up because the store is away")
	}
}

// pickyMemory can't store one message.
type pickyMemory struct {
	Memory
	away bool
	kept []string
}

func (m *pickyMemory) KeepPast(_ context.Context, _ string, past []crm.Past) error {
	if m.away {
		return crm.ErrUnavailable
	}
	for _, p := range past {
		if p.Ref == "e" {
			return errors.New("it can't be stored")
		}
	}
	for _, p := range past {
		m.kept = append(m.kept, p.Ref)
	}
	return nil
}

package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func TestW01_AMessageOverWhichWePanicIsNotAcknowledgedAndIsStoredOnceAfterTheConnectionIsMadeAnew(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.inbox.before = func(call int, in crm.Inbound) error {
		if call == 1 {
			panic("a mistake of ours")
		}
		return nil
	}
	first, err := r.ann.SendText(t.Context(), shop, "первое")
	must(t, err)
	second, err := r.ann.SendText(t.Context(), shop, "второе")
	must(t, err)
	r.key("m:" + second)
	r.settled()
	all := r.all()
	if len(all) != 2 || all[0].Key != "m:"+first || all[1].Key != "m:"+second {
		t.Fatalf("stored %+v", all)
	}
	if r.Stats().Refused == 0 {
		t.Error("nothing was refused")
	}
}

func TestAMessageOverWhichWeAlwaysPanicBecomesAPlaceForOneAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.inbox.before = func(_ int, in crm.Inbound) error {
		if in.Text == "яд" {
			panic("a mistake of ours")
		}
		return nil
	}
	id, err := r.ann.SendText(t.Context(), shop, "яд")
	must(t, err)
	next, err := r.ann.SendText(t.Context(), shop, "дальше")
	must(t, err)
	r.key("m:" + next)
	if all := r.all(); len(all) != 2 || all[0].Kind != crm.InUnread || all[0].Key != "u:"+id {
		t.Errorf("stored %+v", all)
	}
	r.settled()
}

func TestNothingIsHeardAfterTheEndOfWork(t *testing.T) {
	t.Parallel()
	work, end := context.WithCancel(t.Context())
	c := New(Config{})
	hear := c.handler(work, &hearInbox{})
	end()
	if hear(&events.Message{}) {
		t.Error("a message is acknowledged that nobody stored")
	}
	if !hear(&events.Connected{}) {
		t.Error("an event without a message counts as a failure")
	}
}

func TestW20_AVoteIsHeardWithTheHashesOfWhatIsChosenNowAndTakenBackWithNone(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.say("привет")
	poll, err := r.cli.SendMessage(t.Context(), annJID, r.cli.BuildPollCreation("Что случилось?", []string{"Нет сдачи", "Нет кофе"}, 1))
	must(t, err)
	_, err = r.ann.Wait(t.Context(), poll.ID)
	must(t, err)
	for _, chosen := range [][]string{{"Нет сдачи"}, {"Нет кофе"}, nil} {
		id, err := r.ann.Vote(t.Context(), shop, poll.ID, chosen...)
		must(t, err)
		in := r.key("v:" + id)
		if in.Kind != crm.InPress || !in.Press.Poll || in.Press.Message != poll.ID || len(in.Press.Votes) != len(chosen) {
			t.Fatalf("got %+v, %+v", in, in.Press)
		}
		for n, label := range chosen {
			if sum := sha256.Sum256([]byte(label)); in.Press.Votes[n] != hex.EncodeToString(sum[:]) {
				t.Errorf("the vote for %s is %s", label, in.Press.Votes[n])
			}
		}
	}
}

func TestW19_EditsReactionsAndMessagesTakenBackNameWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	said := strings.TrimPrefix(r.say("автомат 214").Key, "m:")
	id, err := r.ann.Edit(t.Context(), shop, said, "автомат 215")
	must(t, err)
	if in := r.key("e:" + id); in.Edits != said || in.Text != "автомат 215" || in.Kind != crm.InEdit {
		t.Errorf("the edit is %+v", in)
	}
	id, err = r.ann.React(t.Context(), shop, said, "👍")
	must(t, err)
	if in := r.key("x:" + id); in.ReplyTo != said || in.Text != "👍" || in.Kind != crm.InReaction {
		t.Errorf("the reaction is %+v", in)
	}
	id, err = r.ann.Revoke(t.Context(), shop, said)
	must(t, err)
	if in := r.key("r:" + id); in.Edits != said || in.Kind != crm.InRevoke {
		t.Errorf("what was taken back is %+v", in)
	}
}

func TestW02_WhileTheDatabaseIsAwayNothingIsAcknowledgedAndThenEverythingIsStoredOnceInOrder(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.say("до")
	r.inbox.before = func(call int, in crm.Inbound) error {
		if call < 4 {
			return fmt.Errorf("accept: %w", crm.ErrUnavailable)
		}
		return nil
	}
	var ids []string
	for n := range 5 {
		id, err := r.ann.SendText(t.Context(), shop, fmt.Sprint(n))
		must(t, err)
		ids = append(ids, "m:"+id)
	}
	r.key(ids[4])
	r.settled()
	all := r.all()
	if len(all) != 6 {
		t.Fatalf("%d rows: %+v", len(all), all)
	}
	for n, id := range ids {
		if all[n+1].Key != id {
			t.Errorf("row %d is %s, want %s", n+1, all[n+1].Key, id)
		}
	}
}

// flakyBuffer fails so many times before and after a message is opened, as a database that goes away.
type flakyBuffer struct {
	store.EventBuffer
	before, after atomic.Int32
}

var errStoreGone = errors.New("server closed the connection")

func (b *flakyBuffer) GetBufferedEvent(ctx context.Context, hash [32]byte) (*store.BufferedEvent, error) {
	if b.before.Add(-1) >= 0 {
		return nil, errStoreGone
	}
	return b.EventBuffer.GetBufferedEvent(ctx, hash)
}

func (b *flakyBuffer) DoDecryptionTxn(ctx context.Context, open func(context.Context) error) error {
	return b.EventBuffer.DoDecryptionTxn(ctx, func(ctx context.Context) error {
		err := open(ctx)
		if err == nil && b.after.Add(-1) >= 0 {
			return errStoreGone
		}
		return err
	})
}

func TestW02_AMessageThatCameWhileTheLibrarysOwnTablesWereAwayIsNeitherLostNorCalledUnreadable(t *testing.T) {
	t.Parallel()
	flaky := &flakyBuffer{}
	r := newHearRig(t, func(d *store.Device) { flaky.EventBuffer, d.EventBuffer = d.EventBuffer, flaky })
	r.say("до")
	flaky.before.Store(1)
	r.say("пока её нет")
	flaky.after.Store(1)
	r.say("и не стало посреди письма")
	r.settled()
	for _, in := range r.all() {
		if in.Kind != crm.InText || in.Note != "" {
			t.Errorf("stored %+v", in)
		}
	}
}

func TestW13_AMessageThatComesUnderTheLIDAndUnderTheNumberIsOneRow(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.ann.UseLID(true)
	id, err := r.ann.SendText(t.Context(), shop, "привет")
	must(t, err)
	in := r.key("m:" + id)
	if in.Address != annChat || in.Alias != annJID.String() || in.From.Phone != "+77070000001" || in.From.ID != annChat.Chat || in.From.Name != "Ann" {
		t.Errorf("got %+v", in)
	}
	must(t, r.ann.Resend(t.Context(), shop, id, simulator.Resend{ByPhone: true}))
	r.say("второе")
	r.settled()
	if all := r.all(); len(all) != 2 || all[1].Address != annChat {
		t.Errorf("stored %+v", all)
	}
}

func TestW18_GroupsStatusesNewslettersAndBroadcastsAreNotHeardAndCounted(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	group, err := r.server.NewGroup("Дом", shop.ToNonAD(), annJID)
	must(t, err)
	_, err = r.ann.SendText(t.Context(), group.JID, "всем")
	must(t, err)
	_, err = r.ann.PostStatus(t.Context(), shop, "статус")
	must(t, err)
	_, err = r.ann.Broadcast(t.Context(), shop, "рассылка")
	must(t, err)
	_, err = r.server.SendNewsletter(shop, types.NewJID("120363000000000001", types.NewsletterServer), "новость")
	must(t, err)
	r.say("лично")
	r.settled()
	if all := r.all(); len(all) != 1 {
		t.Errorf("stored %+v", all)
	}
	if n := r.Stats().Ignored; n < 4 {
		t.Errorf("%d ignored", n)
	}
}

func TestW17_WhatTheCompanyTypesOnItsPhoneIsHeardAsItsOwnInThePersonsChat(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.say("ау")
	id, err := r.phone.SendText(t.Context(), annJID, "сейчас приедем")
	must(t, err)
	in := r.key("m:" + id)
	if in.Kind != crm.InOwn || in.Address != annChat || in.Text != "сейчас приедем" || in.From.ID != annChat.Chat {
		t.Errorf("got %+v", in)
	}
}

func TestW04_WhatComesReadableAfterAllBearsTheSameIdAndSaysSo(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.say("до")
	r.reply("слушаю") // from then on Ann's phone has a session that can break
	r.ann.Unreadable(3)
	id, err := r.ann.SendText(t.Context(), shop, "не открылось")
	must(t, err)
	in := r.key("m:" + id)
	if in.Note != noteAgain || in.Kind != crm.InText || in.Text != "не открылось" {
		t.Errorf("got %+v", in)
	}
	r.settled()
	places := 0
	for _, in := range r.all() {
		if in.Kind == crm.InUnread {
			places++
			if in.Key != "u:"+id || in.Address != annChat || in.Text != "" {
				t.Errorf("the place is %+v", in)
			}
		}
	}
	if places != 1 {
		t.Errorf("%d places", places)
	}
}

func TestW19_WhatOnlyPhonesShowIsHeardAsSuch(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	id, err := r.ann.SendUnavailable(shop, "view_once")
	must(t, err)
	if in := r.key("m:" + id); in.Kind != crm.InOther || in.Note != noteViewOnce {
		t.Errorf("got %+v", in)
	}
	id, err = r.ann.SendFile(t.Context(), shop, simulator.File{Kind: "image", Data: []byte("jpeg"), ViewOnce: true})
	must(t, err)
	if in := r.key("m:" + id); in.Kind != crm.InOther || in.Note != noteViewOnce || len(in.Media) > 0 {
		t.Errorf("got %+v", in)
	}
}

func TestPartsOfAnAlbumShareItsIdAndAnswersTellWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	ids, err := r.ann.SendAlbum(t.Context(), shop, "права", simulator.File{Kind: "image", Data: []byte("a")}, simulator.File{Kind: "image", Data: []byte("b")})
	must(t, err)
	first, second := r.key("m:"+ids[0]), r.key("m:"+ids[1])
	if first.Album == "" || first.Album != second.Album || first.Text != "права" || first.Media[0].Unique == second.Media[0].Unique {
		t.Errorf("got %+v and %+v", first, second)
	}
	id, err := r.ann.Reply(t.Context(), shop, ids[0], "это")
	must(t, err)
	if in := r.key("m:" + id); in.ReplyTo != ids[0] {
		t.Errorf("got %+v", in)
	}
}

func TestTicksTurnBlueOnlyAfterTheMessageIsStored(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	r.cli.Store.PushName = "Shop"
	must(t, r.cli.SendPresence(t.Context(), types.PresenceAvailable))
	in := r.say("прочли?")
	ctx, cancel := context.WithTimeout(t.Context(), hearPatience)
	defer cancel()
	if _, err := r.ann.WaitBubble(ctx, shop, func(b simulator.Bubble) bool { return "m:"+b.ID == in.Key && b.Status == "read" }); err != nil {
		t.Fatalf("%v; on the screen: %+v", err, r.ann.Screen(shop))
	}
}

func TestSendingAndReceivingAtFullSpeedBreaksNoEncryption(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	last := r.say("начали")
	const each = 30
	var both sync.WaitGroup
	ids := make([]string, each)
	both.Go(func() {
		for n := range each {
			unlock := r.chats.lock(annLID)
			sent, err := r.cli.SendMessage(t.Context(), annJID, &waE2E.Message{Conversation: proto.String(fmt.Sprint("нам ", n))})
			unlock()
			if err != nil {
				t.Error(err)
				return
			}
			ids[n] = sent.ID
		}
	})
	both.Go(func() {
		for n := range each {
			id, err := r.ann.SendText(t.Context(), shop, fmt.Sprint("вам ", n))
			if err != nil {
				t.Error(err)
				return
			}
			last.Key = "m:" + id
		}
	})
	both.Wait()
	r.key(last.Key)
	ctx, cancel := context.WithTimeout(t.Context(), hearPatience)
	defer cancel()
	for n, id := range ids {
		if got, err := r.ann.Wait(ctx, id); err != nil || got.Err != nil {
			t.Fatalf("message %d: %v, %v", n, err, got.Err)
		}
	}
	for _, in := range r.all() {
		if in.Kind != crm.InText || in.Note != "" {
			t.Errorf("unreadable: %+v", in)
		}
	}
}

func TestTheLockOfAContactIsOneForAllTheirDevicesAndForgottenWhenNobodyHasIt(t *testing.T) {
	var c chatLocks
	unlock := c.lock(types.JID{User: "200", Device: 3, Server: types.HiddenUserServer})
	got := make(chan bool)
	go func() {
		c.lockSession("200_1:5")()
		c.lockSession("200_129:99")() // of a company that Meta keeps devices for
		c.lockSession("200:0")()      // a number of the same digits is somebody else
		close(got)
	}()
	select {
	case <-got:
		t.Fatal("two have it")
	case <-time.After(20 * time.Millisecond):
	}
	unlock()
	<-got
	if len(c.held) > 0 {
		t.Errorf("kept: %v", c.held)
	}
	if strings.Contains(plain(types.JID{User: "7", Device: 9, Server: types.HostedServer}).String(), ":") {
		t.Error("a device in the address of a chat")
	}
}

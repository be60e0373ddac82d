package whatsapp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func options(labels ...string) (rows [][]crm.Button) {
	for i, label := range labels {
		rows = append(rows, []crm.Button{{Text: label, Data: fmt.Sprint("o", i)}})
	}
	return rows
}

func TestW20_APollThatWasSentTwiceTakesVotesAfterARestart(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	out := r.row(crm.Outbound{Text: "<b>Что случилось?</b>", Poll: true, Buttons: options("Не выдал", "Забрал деньги")})
	_, err := r.Send(t.Context(), out)
	must(t, err)
	r.restart()
	ref, err := r.Send(t.Context(), out)
	must(t, err)
	b := r.bubble(func(b simulator.Bubble) bool { return b.ID == ref && b.Copies == 2 })
	if b.Poll == nil || b.Text != "Что случилось?" || !slices.Equal(b.Poll.Options, []string{"Не выдал", "Забрал деньги"}) || b.Poll.Many {
		t.Fatalf("poll: %+v", b)
	}
	votes := make(chan *events.Message, 1)
	r.client.Load().AddEventHandler(func(evt any) {
		if m, is := evt.(*events.Message); is && m.Message.GetPollUpdateMessage() != nil {
			votes <- m
		}
	})
	_, err = r.ann.Vote(t.Context(), shop, ref, "Забрал деньги")
	must(t, err)
	select {
	case m := <-votes:
		vote, err := r.client.Load().DecryptPollVote(context.Background(), m)
		if err != nil || len(vote.GetSelectedOptions()) != 1 {
			t.Errorf("vote: %v %v", vote, err)
		}
	case <-time.After(sendPatience):
		t.Error("the vote did not come")
	}
}

func TestWhatFitsIntoNoPollIsATextWithNumbers(t *testing.T) {
	t.Parallel()
	many := make([]string, 13)
	for i := range many {
		many[i] = fmt.Sprint("option ", i)
	}
	channel := New(Config{})
	for name, c := range map[string]struct {
		text    string
		buttons [][]crm.Button
		want    string
	}{
		"one option":      {"Ok?", options("Да"), "Ok?\n\n1. Да"},
		"equal labels":    {"Ok?", options("Да", "Да "), "Ok?\n\n1. Да\n2. Да "},
		"a link":          {"Ok?", [][]crm.Button{{{Text: "Сайт", URL: "https://x.y"}, {Text: "Да", Data: "a"}, {Text: "*Нет*", Data: "b"}}}, "Ok?\n\nСайт: https://x.y\n1. Да\n2. ∗Нет∗"},
		"a long question": {strings.Repeat("а", 256), options("Да", "Нет"), strings.Repeat("а", 256) + "\n\n1. Да\n2. Нет"},
		"a long option":   {"Ok?", options("Да", strings.Repeat("б", 101)), "Ok?\n\n1. Да\n2. " + strings.Repeat("б", 101)},
		"too many":        {"Ok?", options(many...), ""},
	} {
		l := &letter{channel: channel, out: crm.Outbound{Kind: crm.OutMessage, Text: c.text, Poll: true, Buttons: c.buttons}}
		message, err := l.poll()(t.Context())
		if err != nil || message.Conversation == nil || c.want != "" && message.GetConversation() != c.want {
			t.Errorf("%s: %v %v", name, message, err)
		}
	}
}

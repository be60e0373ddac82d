package whatsapp

import (
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	waBinary "go.mau.fi/whatsmeow/binary"

	"govorun/crm"
)

func TestOnlyRobotsShowThatTheyTypeAndNeverForLong(t *testing.T) {
	t.Parallel()
	pace := Usual()
	for name, c := range map[string]struct {
		out    crm.Outbound
		random float64
		want   time.Duration
	}{
		"a robot":              {crm.Outbound{Kind: crm.OutMessage, Author: crm.ByBot, Text: "<b>" + strings.Repeat("я", 50) + "</b>"}, 0.5, time.Second},
		"with jitter":          {crm.Outbound{Kind: crm.OutMessage, Author: crm.ByBot, Text: strings.Repeat("я", 50)}, 0, 700 * time.Millisecond},
		"a long text":          {crm.Outbound{Kind: crm.OutMessage, Author: crm.BySystem, Text: strings.Repeat("я", 5000)}, 0.9, 3 * time.Second},
		"an employee":          {crm.Outbound{Kind: crm.OutMessage, Author: crm.ByEmployee, Text: "hello"}, 0.5, 0},
		"a photo":              {crm.Outbound{Kind: crm.OutMedia, Author: crm.ByBot, Text: "hello"}, 0.5, 0},
		"an edit of a message": {crm.Outbound{Kind: crm.OutEdit, Author: crm.ByBot, Text: "hello"}, 0.5, 0},
	} {
		if got := pace.of(c.out, c.random); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if (Pace{}).of(crm.Outbound{Kind: crm.OutMessage, Author: crm.ByBot, Text: "hello"}, 0.5) != 0 {
		t.Error("without a pace something waits")
	}
}

func TestTypingIsShownBeforeAMessageAndHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	r.config.Pace = Pace{PerCharacter: time.Hour, Longest: sendPatience}
	bob := r.server.NewPeer("Bob", types.NewJID("77070000002", types.DefaultUserServer), types.NewJID("200000000000002", types.HiddenUserServer))
	waits, sent := r.row(crm.Outbound{Text: "slow", Author: crm.ByBot}), make(chan error, 1)
	go func() { _, err := r.Send(t.Context(), waits); sent <- err }()
	chatstate := func(tag string, to types.JID) func(waBinary.Node) bool {
		return func(n waBinary.Node) bool {
			return n.Tag == "chatstate" && n.Attrs["to"] == to && len(n.GetChildrenByTag(tag)) == 1
		}
	}
	_, err := r.server.WaitStanza(t.Context(), chatstate("composing", annLID))
	must(t, err)
	quick := r.row(crm.Outbound{Text: "quick", Author: crm.ByEmployee})
	quick.Address.Chat = bob.LID.String()
	ref, err := r.Send(t.Context(), quick)
	must(t, err)
	_, err = bob.Wait(t.Context(), ref)
	must(t, err)
	if len(sent) > 0 || len(r.ann.Screen(shop)) > 0 {
		t.Error("the slow message did not wait")
	}

	r.config.Pace = Pace{PerCharacter: time.Millisecond, Longest: 10 * time.Millisecond}
	shown := r.row(crm.Outbound{Text: "fast", Author: crm.ByBot})
	shown.Address.Chat = bob.LID.String()
	_, err = r.Send(t.Context(), shown)
	must(t, err)
	_, err = r.server.WaitStanza(t.Context(), chatstate("paused", bob.LID))
	must(t, err)
}

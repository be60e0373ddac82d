package turn

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/slot"
)

// LinkWish is a number that an employee wants to link from a chat. Name is empty for the first one.
type LinkWish struct {
	Name    string
	Phone   string // E.164: they type a code on it; empty: they scan codes
	Replace bool   // in place of the number that is or was linked under this name
	// Tell is to be called with each step, one at a time.
	Tell func(context.Context, LinkTold)
}

// LinkTold is a step of linking: a code to scan (a PNG) or to type, that is good until then; or the end, with the number that is linked, or with the
// problem as a word of whatsapp.LinkProblem.
type LinkTold struct {
	Picture []byte
	Code    string
	Until   time.Time
	Phone   string
	Problem string
}

var (
	linkDigits = regexp.MustCompile(`^[+0-9()-]+$`)
	linkName   = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)
)

// pair begins to link a number of WhatsApp: codes come into this chat after the commit. Behind the command may stand the number, a name for a second
// one, and the word for taking the place of another.
func (g *group) pair(t *postgres.Turn) error {
	if g.Link == nil {
		return g.say(t, "link.not_here", nil)
	}
	var wish LinkWish
	var number strings.Builder // which may be written in groups of digits
	for _, word := range strings.Fields(strings.ToLower(t.In.Args)) {
		switch {
		case linkDigits.MatchString(word):
			number.WriteString(word)
		case slices.Contains(g.Kit.Texts.Words(g.lang(t), "link.replace_words"), word):
			wish.Replace = true
		case linkName.MatchString(word) && wish.Name == "":
			wish.Name = word
		default:
			return g.say(t, "link.unknown", map[string]any{"word": escaped(word)})
		}
	}
	if number.Len() > 0 {
		phone, wrong := slot.Parse(slot.Spec{Type: "phone"}, slot.Given{Text: number.String()})
		if wrong != nil {
			return g.say(t, "link.unknown", map[string]any{"word": escaped(number.String())})
		}
		wish.Phone = phone.Text
	}
	g.event(t, postgres.EventRow{Kind: "link_wanted", Data: crm.Fields{"name": wish.Name}})
	chat := linkChat{runner: g.Runner, talk: t.Talk.ID, address: t.Talk.Address, lang: g.lang(t)}
	wish.Tell = chat.tell
	g.links = append(g.links, wish)
	return g.say(t, "link.begun", nil)
}

// linkChat is where the steps of one linking are shown.
type linkChat struct {
	runner  *Runner
	talk    crm.ConversationID
	address crm.Address
	lang    string
	shown   crm.MessageID // the code of before, which is good no more
}

// tell shows a step in place of the one before.
func (c *linkChat) tell(ctx context.Context, step LinkTold) {
	err := c.runner.act(ctx, func(g *group, t *postgres.Turn) error {
		if c.shown != 0 {
			gone := crm.Outbound{Conversation: c.talk, Address: c.address, Kind: crm.OutDelete, Target: c.shown}
			if _, err := g.sendTo(t, gone); err != nil {
				return err
			}
		}
		id, err := g.sendTo(t, c.message(g, step))
		if c.shown = 0; step.Code != "" || len(step.Picture) > 0 {
			c.shown = id
		}
		return err
	})
	if err != nil {
		c.runner.Log.Warn("a step of linking is not shown", "conversation", c.talk, "err", err)
	}
}

func (c *linkChat) message(g *group, step LinkTold) crm.Outbound {
	out := crm.Outbound{Conversation: c.talk, Address: c.address, Kind: crm.OutMessage}
	until := step.Until.Add(g.Shift()).In(g.Kit.Zone).Format("15:04:05")
	switch {
	case len(step.Picture) > 0:
		out.Kind, out.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Photo, Bytes: step.Picture, Name: "whatsapp.png", MIME: "image/png"}}
		out.Text = g.text(c.lang, "link.scan", map[string]any{"time": until})
	case step.Code != "":
		out.Text = g.text(c.lang, "link.type", map[string]any{"code": escaped(step.Code), "time": until})
	case step.Phone != "":
		out.Text = g.text(c.lang, "link.done", map[string]any{"phone": escaped(step.Phone)})
	default:
		out.Text = g.text(c.lang, "link.problem_"+step.Problem, nil)
	}
	return out
}

// NumberState is how a number of WhatsApp is doing now; the words are of whatsapp.StateKind and State.Detail.
type NumberState struct {
	Channel string
	Kind    string
	Detail  string
	Until   time.Time
}

// TellNumber tells everybody who may link numbers how one is doing, each in their own chat. It is for changes: the caller calls once for each.
func (r *Runner) TellNumber(ctx context.Context, s NumberState) error {
	key := "number." + s.Kind
	if s.Kind == "logged_out" && (s.Detail == "403" || s.Detail == "406") {
		key += "_" + s.Detail
	}
	return r.act(ctx, func(g *group, t *postgres.Turn) error {
		until := s.Until.Add(g.Shift()).In(g.Kit.Zone).Format("02.01 15:04")
		return g.tellKeepers(t, s.Channel, key, map[string]any{"number": escaped(numberOf(s.Channel)), "time": until})
	})
}

// mayLink is the right that linking needs: whoever makes employees looks after numbers too.
const mayLink = crm.MayInvite

// numberOf names an account to people.
func numberOf(channel string) string {
	if _, name, named := strings.Cut(channel, ":"); named {
		return "WhatsApp " + name
	}
	return "WhatsApp"
}

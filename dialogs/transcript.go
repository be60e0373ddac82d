package dialogs

import (
	"fmt"
	"strings"
	"time"

	"govorun/crm"
)

// A transcript is a conversation written like a play. Play runs what the person does and writes anew what the bot answers:
//
//	# vending/report: a scan and two taps, Russian
//	@ asset 214 kind=machine name="Кофейный автомат" address="БЦ «Москва», 3 этаж"
//	> /start m_214
//	< Кофейный автомат № 214, БЦ «Москва», 3 этаж. Что случилось?
//	  [Не работает] [Другое]
//	> [Не работает]
//	= deal opened id=5512 pipeline=call_centre stage=unsorted asset=214
//
// The language is the last word of the title. Lines with "@" set the scene: "@ asset CODE key=value…" (link=… when the sticker
// carries another payload, own=… and open=… deals), "@ deals 5512" (the next number), "@ contact name=… phone=…", "@ now 2026-05-12T10:00",
// "@ channel numbered". What a person can do, besides typing: [button], [button] (again), [button] (old), (photo), (photo 320x240) caption,
// (album 3) caption, (file name.pdf), (contact +7…), (contact other +7…), (location 43.2 76.9), (sticker), (voice), (edit) new text, (wait 24h),
// (code) to stay silent, and (signal DIALOG deal=5512 machine=214). Answers: "<" a message, "~" a message put in place of the pressed
// one, "[…]" buttons, "{…}" keys of the phone's keyboard, "*" a toast, "=" an effect.

// Play runs a transcript against the kit and gives it back with the answers that the kit gives now. The error names a line that
// can't be played: an unknown device, a button that is not there.
func Play(kit *Kit, script string) (string, error) {
	p := newPlayer(kit)
	var out strings.Builder
	for number, line := range strings.Split(strings.TrimRight(script, "\n"), "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case mark == "<" || mark == "~" || mark == "*" || mark == "=" || strings.HasPrefix(line, "  "):
			continue // an answer of an earlier time
		case mark == ">":
			out.WriteString(line + "\n")
			answers, err := p.do(rest)
			if err != nil {
				return "", fmt.Errorf("line %d, %q: %w", number+1, line, err)
			}
			out.WriteString(answers)
			continue
		case mark == "#" && number == 0:
			p.title(rest)
		case mark == "@":
			if err := p.scene(rest); err != nil {
				return "", fmt.Errorf("line %d, %q: %w", number+1, line, err)
			}
		}
		out.WriteString(line + "\n")
	}
	return out.String(), nil
}

// player is the world around one conversation: its facts in memory and a clock that moves ten seconds between two messages.
type player struct {
	kit     *Kit
	session Session
	now     time.Time
	due     time.Time
	lang    string
	contact crm.Contact
	channel Capabilities
	assets  map[string]*Asset       // by code
	people  map[string]crm.Standing // by number
	links   map[string]string       // payload → code
	deals   map[crm.DealID]*crm.Deal
	last    crm.DealID
	nonces  int
	files   int
	shown   []crm.Button // every button ever shown, the newest last
	pressed string       // data of the last press
	keys    [][]crm.Key
	hidden  bool // effects are not printed
	visits  []crm.Booking
}

func newPlayer(kit *Kit) *player {
	return &player{
		kit: kit, now: time.Date(2026, time.May, 12, 10, 0, 0, 0, kit.zone()), lang: kit.Languages[0],
		contact: crm.Contact{ID: 7, Name: "Азамат"}, channel: Capabilities{Buttons: true, Contact: true},
		assets: map[string]*Asset{}, links: map[string]string{}, deals: map[crm.DealID]*crm.Deal{}, last: 5511,
	}
}

// languages are the names by which titles call them.
var languages = map[string]string{"Russian": "ru", "English": "en", "Kazakh": "kk"}

func (p *player) title(title string) {
	if i := strings.LastIndex(title, ","); i >= 0 {
		if lang := languages[strings.TrimSpace(title[i+1:])]; lang != "" {
			p.lang = p.kit.Texts.Match(lang)
		}
	}
}

// do lets the person do something and gives what comes back, as lines.
func (p *player) do(line string) (string, error) {
	p.now = p.now.Add(10 * time.Second)
	if after, ok := device(line, "wait"); ok {
		span, err := time.ParseDuration(after)
		if err != nil {
			return "", fmt.Errorf("how long? %w", err)
		}
		return p.wait(span), nil
	}
	inputs, err := p.inputs(line)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	held := ""
	for _, in := range inputs {
		said, effects, wait := p.step(in)
		out.WriteString(effects)
		if held = said; !wait {
			out.WriteString(said)
			held = ""
		}
	}
	out.WriteString(held)
	return out.String(), nil
}

// wait lets time pass and the session's timer fire.
func (p *player) wait(span time.Duration) string {
	var out strings.Builder
	end := p.now.Add(span)
	for range 100 {
		if p.due.IsZero() || p.due.After(end) {
			break
		}
		p.now = later(p.now, p.due)
		said, effects, _ := p.step(crm.Inbound{Kind: crm.InTimeout})
		if said != "" || effects != "" {
			out.WriteString("  (" + p.now.Format("2 Jan 15:04") + ")\n")
		}
		out.WriteString(effects + said)
	}
	p.now = later(p.now, end)
	return out.String()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// step runs one input as the turn would: facts first, once more when a unique deal is there already, then the effects.
func (p *player) step(in crm.Inbound) (said, effects string, hold bool) {
	in.Address.Channel, in.SentAt = "telegram", p.now
	if !p.channel.Buttons {
		in.Address.Channel = "whatsapp"
	}
	input := Input{Inbound: in, Facts: p.facts(in)}
	env := p.env()
	last := p.last
	result := p.stepKnowing(&input, env)
	if taken := p.same(result.Effects); len(taken) > 0 {
		p.last = last
		input.Facts.Taken = taken
		result = p.stepKnowing(&input, env)
	}
	p.session, p.due = result.Session, result.DueAt
	if result.Lang != "" {
		p.lang = result.Lang
	}
	Learn(input.Facts.Person, result.Effects)
	var list strings.Builder
	var follow []crm.DialogWanted
	for _, e := range result.Effects {
		p.apply(e)
		if line := effectLine(e); line != "" && !p.hidden {
			list.WriteString("= " + line + "\n")
		}
		if wanted, ok := e.(crm.DialogWanted); ok {
			follow = append(follow, wanted)
		}
	}
	if asked := result.Asked; asked != nil && !p.hidden {
		list.WriteString("= " + told("question asked", "lang", asked.Lang, "city", asked.City, "text", asked.Text) + "\n")
	}
	said = p.print(result)
	for _, w := range follow {
		more, effects, _ := p.step(crm.Inbound{Kind: crm.InSignal, Signal: &crm.Signal{ID: "play", Dialog: w.Dialog, Slots: w.Slots, Deal: w.Deal}})
		said += effects + more
	}
	return said, list.String(), result.Hold
}

func (p *player) env() Env {
	return Env{
		Now: p.now, Lang: p.lang, Contact: p.contact, Channel: p.channel,
		NewDeal:  func() crm.DealID { p.last++; return p.last },
		NewNonce: func() string { p.nonces++; return fmt.Sprintf("n%05d", p.nonces) },
		Knows:    p.kit.Knowledge != nil,
	}
}

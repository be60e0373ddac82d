package turn

import (
	"encoding/json"
	"errors"
	"html"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff/filter"
	"govorun/locales"
)

// A broadcast is one text to many people. Its author says whom, by a filter, and writes the text in each of their languages; sees it as they will see
// it, with the count; and lets it go. What is sent then goes behind everything else: see broadcast_feed.go.

const (
	// baseBroadcast is what filters of broadcasts are asked as: they find what /deals finds.
	baseBroadcast postgres.ListBase = "broadcast"
	// broadcastAll is the word for everybody whom the author sees, with or without a deal.
	broadcastAll = "all"
	// broadcastTexts and broadcastCaption are how many letters a text may have, alone and under a photo: one message each.
	broadcastTexts, broadcastCaption = 3500, 900
	// broadcastPatience is how long what its author writes counts as the text that was asked for; a reply counts longer.
	broadcastPatience = time.Hour
	// broadcastFresh is how long a broadcast may wait for its author: its people were gathered when it began.
	broadcastFresh = 24 * time.Hour
)

// broadcast begins a broadcast to the people of the deals that a filter finds. Those are gathered at once, but not in this turn.
func (g *group) broadcast(t *postgres.Turn) error {
	query := strings.TrimSpace(t.In.Args)
	if query == "" {
		return g.wrong(t, "broadcast.usage", nil, "broadcast "+g.text(g.lang(t), "list.word_today", nil), "broadcast "+broadcastAll)
	}
	b := crm.BroadcastRun{Employee: t.Employee.ID, Conversation: t.Talk.ID}
	if slices.Contains(g.broadcastWords("broadcast.all_words"), locales.Fold(query)) {
		return g.draftBroadcast(t, b, nil)
	}
	a, err := g.readList(t, postgres.List{Employee: t.Employee.ID, Conversation: t.Talk.ID, Base: baseBroadcast, Query: query})
	if err != nil || a.problem != nil {
		return errors.Join(err, g.problem(t, a.problem))
	}
	if _, err := json.Marshal(a.full); err != nil { // a number that is none
		return g.wrong(t, "staff.not_understood", nil, "help /find")
	}
	b.Said = filter.Say(a.full, a.world)
	return g.draftBroadcast(t, b, &a.full)
}

func (g *group) draftBroadcast(t *postgres.Turn, b crm.BroadcastRun, f *crm.Filter) error {
	id, err := g.tx.DraftBroadcast(g.ctx, b, f)
	if err == nil {
		g.event(t, postgres.EventRow{Kind: "broadcast_drafted", Data: crm.Fields{"broadcast": int64(id), "filter": b.Said}})
	}
	return err
}

// broadcastWords are the words of a text of the product in all languages of the kit.
func (g *group) broadcastWords(key string) (words []string) {
	for _, lang := range g.Kit.Languages {
		words = append(words, g.Kit.Texts.Words(lang, key)...)
	}
	return words
}

// broadcastCard is the mark of the messages about a broadcast, which may be replied to.
func broadcastCard(id crm.BroadcastID) string { return "broadcast:" + digits(id) }

func broadcastPressed(id crm.BroadcastID, action string) string {
	return "b:" + digits(id) + ":" + action
}

// broadcastTyped takes what an employee writes as the text of a broadcast that waits for it. It reports false when none does.
func (g *group) broadcastTyped(t *postgres.Turn) (bool, error) {
	if t.Talk.Group || t.In.Kind != crm.InText && t.In.Kind != crm.InMedia || !g.Kit.May(t.Employee.Role, crm.MayBroadcast) {
		return false, nil
	}
	b, err := g.tx.BroadcastAsked(g.ctx, t.Employee.ID, t.Talk.ID)
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if t.In.Album != "" && t.In.Album == b.Album {
		return true, nil // the first photo was taken
	}
	if b.Status != crm.BroadcastAsking {
		return false, nil
	}
	if t.In.ReplyTo != "" {
		card, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.ReplyTo)
		if err != nil || card != broadcastCard(b.ID) {
			return false, err
		}
	} else if g.tx.Now.Sub(b.AskedAt) > broadcastPatience {
		return false, nil
	}
	if slices.Contains(g.broadcastWords("grammar.cancel_words"), locales.Fold(t.In.Text)) {
		return true, g.dropBroadcast(t, b)
	}
	return true, g.broadcastText(t, b)
}

// broadcastText keeps a text for the language that was asked for, and goes on.
func (g *group) broadcastText(t *postgres.Turn, b crm.BroadcastRun) error {
	said := strings.TrimSpace(t.In.Text)
	text, most := crm.BroadcastText{Text: html.EscapeString(said), Channel: t.Talk.Address.Channel}, broadcastTexts
	if len(t.In.Media) > 0 {
		m := t.In.Media[0]
		if m.Kind != crm.Photo {
			return g.say(t, "broadcast.bad_kind", nil)
		}
		text.Photo, most = &crm.Upload{Kind: crm.Photo, Ref: m.Ref}, broadcastCaption
	} else if said == "" {
		return g.say(t, "broadcast.bad_kind", nil)
	}
	if n := len([]rune(said)); n > most {
		return g.say(t, "broadcast.too_long", map[string]any{"n": n, "most": most})
	}
	b.Album = t.In.Album
	return g.broadcastSaid(t, b, text)
}

// broadcastSaid keeps a text and asks for that of the next language, or shows what was made of them.
func (g *group) broadcastSaid(t *postgres.Turn, b crm.BroadcastRun, text crm.BroadcastText) error {
	if b.Texts == nil {
		b.Texts = map[string]crm.BroadcastText{}
	}
	b.Texts[untold(b)] = text
	if untold(b) != "" {
		if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
			return err
		}
		_, err := g.send(t, g.broadcastQuestion(b, g.lang(t)))
		return err
	}
	b.Status = crm.BroadcastReady
	if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
		return err
	}
	return g.previewBroadcast(t, b)
}

// untold is the first language of a broadcast for which there is no text yet, empty when there are all.
func untold(b crm.BroadcastRun) string {
	for _, lang := range b.Langs {
		if _, said := b.Texts[lang]; !said {
			return lang
		}
	}
	return ""
}

// broadcastQuestion asks its author for the text of the next language.
func (g *group) broadcastQuestion(b crm.BroadcastRun, lang string) crm.Outbound {
	next := untold(b)
	key := "broadcast.ask"
	args := map[string]any{"id": int(b.ID), "said": g.broadcastSaidOf(b, lang), "n": b.Receivers(), "not": g.broadcastNot(b, lang),
		"lang": g.text(next, "grammar.language_name", nil)}
	drop := crm.Button{Text: g.plainText(lang, "broadcast.drop"), Data: broadcastPressed(b.ID, "x")}
	out := crm.Outbound{Kind: crm.OutMessage, Card: broadcastCard(b.ID), Buttons: [][]crm.Button{{drop}}}
	switch {
	case len(b.Texts) > 0:
		key = "broadcast.ask_next"
		out.Buttons = [][]crm.Button{{{Text: g.plainText(lang, "broadcast.same"), Data: broadcastPressed(b.ID, "same")}}, {drop}}
	case len(b.Langs) > 1:
		key = "broadcast.ask_lang"
	}
	out.Text = g.text(lang, key, args)
	return out
}

// broadcastSaidOf says whom a broadcast is for.
func (g *group) broadcastSaidOf(b crm.BroadcastRun, lang string) string {
	if b.Said == "" {
		return g.text(lang, "broadcast.everybody", nil)
	}
	return html.EscapeString(b.Said)
}

// broadcastNot says who of those whom it was meant for do not get it, and why; empty when all do.
func (g *group) broadcastNot(b crm.BroadcastRun, lang string) string {
	var parts []string
	for _, why := range []crm.ReceiverStatus{crm.ReceiverOptedOut, crm.ReceiverBlocked, crm.ReceiverNoChat} {
		if n := b.Counts[why]; n > 0 {
			parts = append(parts, g.text(lang, "broadcast.not_"+string(why), map[string]any{"n": n}))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + g.text(lang, "broadcast.not", map[string]any{"list": strings.Join(parts, ", ")})
}

// broadcastMessage is what a person of a language of the kit gets. Off leads to the button by which they want no more of them.
func (g *group) broadcastMessage(b crm.BroadcastRun, lang, channel string) crm.Outbound {
	text, known := b.Texts[lang]
	if !known && len(b.Langs) > 0 {
		text = b.Texts[b.Langs[0]]
	}
	out := crm.Outbound{Kind: crm.OutMessage, Priority: crm.Broadcast, Author: crm.BySystem, Text: text.Text}
	if text.Photo != nil {
		photo := *text.Photo
		if channel != text.Channel {
			photo.Ref = "" // another channel doesn't know it
		} else {
			photo.Hash = ""
		}
		if photo.Ref != "" || photo.Hash != "" {
			out.Kind, out.Media = crm.OutMedia, []crm.Upload{photo}
		}
	}
	if g.Capabilities(channel).Buttons {
		out.Buttons = [][]crm.Button{{{Text: g.plainText(lang, "broadcast.off"), Data: "b:off:" + digits(b.ID)}}}
	} else {
		out.Text = strings.TrimSpace(out.Text + "\n\n" + g.text(lang, "broadcast.off_footer", nil))
	}
	return out
}

// previewBroadcast shows its author what people will see, in each language, and how many they are.
func (g *group) previewBroadcast(t *postgres.Turn, b crm.BroadcastRun) error {
	lang := g.lang(t)
	for _, spoken := range b.Langs {
		out := g.broadcastMessage(b, spoken, t.Talk.Address.Channel)
		out.Priority, out.Author = crm.Reply, crm.ByBot
		if _, err := g.send(t, out); err != nil {
			return err
		}
	}
	cities, err := g.tx.WaitingCities(g.ctx, b.ID)
	if err != nil {
		return err
	}
	quiet := 0
	for city, n := range cities {
		if asleep, _ := g.Kit.Quiet(g.now, city); asleep {
			quiet += n
		}
	}
	args := map[string]any{"id": int(b.ID), "n": b.Receivers(), "not": g.broadcastNot(b, lang), "minutes": broadcastMinutes(b.Pending()), "quiet": ""}
	if quiet > 0 {
		args["quiet"] = "\n" + g.text(lang, "broadcast.quiet", map[string]any{"n": quiet})
	}
	guarded, err := g.broadcastGuarded(b, lang)
	if err != nil {
		return err
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Card: broadcastCard(b.ID), Text: g.text(lang, "broadcast.preview", args) + guarded, Buttons: [][]crm.Button{
		{{Text: unescaped(g.text(lang, "broadcast.send", map[string]any{"n": b.Receivers()})), Data: broadcastPressed(b.ID, "go")}},
		{{Text: g.plainText(lang, "broadcast.rewrite"), Data: broadcastPressed(b.ID, "again")}, {Text: g.plainText(lang, "broadcast.drop"), Data: broadcastPressed(b.ID, "x")}}}})
	return err
}

// broadcastMinutes is how long so many messages take at the most that providers allow, in minutes and at least one.
func broadcastMinutes(n int) int { return max(1, (n/broadcastPerSecond+59)/60) }

func (g *group) dropBroadcast(t *postgres.Turn, b crm.BroadcastRun) error {
	b.Status = crm.BroadcastDropped
	if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
		return err
	}
	return g.say(t, "broadcast.dropped", map[string]any{"id": int(b.ID)})
}

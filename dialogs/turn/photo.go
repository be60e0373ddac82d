package turn

import (
	"errors"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

const (
	// justClosed is how long after its end a deal still counts as in hand: photos made without a network come late.
	justClosed = 24 * time.Hour
	// handsShown is how many deals a photo is asked about.
	handsShown = 6
	// filesName is what files are called that nobody asked for.
	filesName = "files"
)

// answersCard does what an employee sent in reply to a card: files are attached to its deal, a line is added to its timeline. It reports
// false for a reply to anything else.
func (g *group) answersCard(t *postgres.Turn) (bool, error) {
	id, err := g.repliedTo(t)
	if err != nil || id == 0 {
		return false, err
	}
	switch {
	case len(t.In.Media) > 0:
		return true, g.attachTo(t, id, t.In.Media)
	case t.In.Kind == crm.InText && !t.Talk.Group && strings.TrimSpace(t.In.Text) != "": // in a group people answer each other
		return true, g.comment(t, id)
	}
	return false, nil
}

// besidesQuestion tells whether a message goes to a card although a question is open in the chat: it answers the card of another deal.
func (g *group) besidesQuestion(t *postgres.Turn, s *dialogs.Session) bool {
	id, err := g.repliedTo(t)
	if err != nil {
		g.failed = err
	}
	return id != 0 && (s == nil || s.Deal != id)
}

// repliedTo is the deal whose card a message answers, zero when it answers none.
func (g *group) repliedTo(t *postgres.Turn) (crm.DealID, error) {
	if t.In.ReplyTo == "" {
		return 0, nil
	}
	mark, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.ReplyTo)
	id, _, _ := staff.ParseMark(mark)
	return id, err
}

// comment adds what an employee wrote in reply to a card to the timeline of its deal.
func (g *group) comment(t *postgres.Turn, id crm.DealID) error {
	if _, _, err := g.dealFor(t, id); errors.Is(err, crm.ErrNotFound) {
		return g.say(t, "staff.deal_not_found", nil)
	} else if err != nil {
		return err
	}
	if err := g.effects(t, crm.Commented{Deal: id, Text: strings.TrimSpace(t.In.Text)}); err != nil {
		return err
	}
	return g.say(t, "card.comment_added", map[string]any{"id": int(id)})
}

// filesLater finds the deal of files that were sent without a word: the one that a number below them names, the only one that is in hand,
// else whoever sent them is asked, once for an album.
func (g *group) filesLater(t *postgres.Turn) (bool, error) {
	if len(t.In.Media) == 0 || t.In.Kind != crm.InMedia {
		return false, nil
	}
	if t.In.Album != "" {
		if later, err := g.nextOfAlbum(t); later || err != nil {
			return true, err
		}
	}
	if n := captioned.FindStringSubmatch(t.In.Text); n != nil {
		id, _ := strconv.ParseInt(n[1], 10, 64)
		return true, g.attachTo(t, crm.DealID(id), t.In.Media)
	}
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return true, err
	}
	hands, err := g.tx.InHands(g.ctx, t.Employee.ID, g.tx.Now.Add(-justClosed), handsShown)
	if err != nil {
		return true, err
	}
	switch len(hands) {
	case 0:
		return false, nil
	case 1:
		return true, g.attachTo(t, hands[0].ID, t.In.Media)
	}
	return true, g.askWhose(t, hands)
}

var captioned = regexp.MustCompile(`^\s*(?:№|#)?\s*([0-9]{1,18})\s*$`)

// askWhose asks to which of several deals files belong. The buttons name the message, so the answer may come any time later.
func (g *group) askWhose(t *postgres.Turn, hands []postgres.InHand) error {
	lang := g.lang(t)
	lines := []string{g.text(lang, "card.files_whose", nil)}
	var rows [][]crm.Button
	for i, h := range hands {
		lines = append(lines, g.text(lang, "card.files_line", map[string]any{"id": int(h.ID), "title": html.EscapeString(g.Kit.Localized(h.Title, lang))}))
		p := staff.Press{Deal: h.ID, Card: "-", Action: dialogs.ActionFiles, Arg: strconv.FormatInt(int64(t.Message), 36)}
		if i%3 == 0 {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], crm.Button{Text: g.text(lang, "staff.show_deal", map[string]any{"id": int(h.ID)}), Data: p.Data()})
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n"), Buttons: rows})
	return err
}

// nextOfAlbum tells whether an earlier part of an album is there: its files go where those went, or wait with them for the answer.
func (g *group) nextOfAlbum(t *postgres.Turn) (bool, error) {
	if err := g.tx.Flush(g.ctx); err != nil { // another turn of this transaction may have brought it
		return false, err
	}
	first, id, err := g.tx.AlbumDeal(g.ctx, t.Talk.ID, t.Message, t.In.Album)
	if err != nil || first == 0 || id == 0 {
		return first != 0, err
	}
	return true, g.effects(t, crm.Attached{Deal: id, Name: filesName, Media: t.In.Media})
}

// attachTo attaches files of this message to a deal, which may be closed.
func (g *group) attachTo(t *postgres.Turn, id crm.DealID, files []crm.Media) error {
	d, _, err := g.dealFor(t, id)
	if errors.Is(err, crm.ErrNotFound) {
		return g.say(t, "staff.deal_not_found", nil)
	}
	if err != nil {
		return err
	}
	done := []crm.Effect{crm.Attached{Deal: id, Name: filesName, Media: files}}
	if words := strings.TrimSpace(t.In.Text); words != "" && !captioned.MatchString(words) {
		done = append(done, crm.Commented{Deal: id, Text: words})
	}
	first := crm.MessageID(0)
	if t.In.Album != "" { // of an album one part is answered
		if err := g.tx.Flush(g.ctx); err != nil {
			return err
		}
		if first, _, err = g.tx.AlbumDeal(g.ctx, t.Talk.ID, t.Message, t.In.Album); err != nil {
			return err
		}
	}
	if err := g.effects(t, done...); err != nil || first != 0 {
		return err
	}
	return g.say(t, "card.files_added", map[string]any{"id": int(id), "title": html.EscapeString(g.Kit.Localized(d.Title, g.lang(t)))})
}

// filesPress attaches files that were sent before to the deal that their sender chose.
func (g *group) filesPress(t *postgres.Turn, p staff.Press, d postgres.DealView) (toast string, args map[string]any, err error) {
	message, err := strconv.ParseInt(p.Arg, 36, 64)
	if err != nil || message <= 0 {
		return "grammar.stale", nil, nil
	}
	if err := g.tx.Flush(g.ctx); err != nil {
		return "", nil, err
	}
	files, has, err := g.tx.FilesOf(g.ctx, t.Talk.ID, crm.MessageID(message))
	if err != nil || len(files) == 0 {
		return "grammar.stale", nil, err
	}
	if has != 0 {
		return "grammar.already_done", nil, nil
	}
	if err := g.effects(t, crm.Attached{Deal: d.ID, Name: filesName, Media: files}); err != nil {
		return "", nil, err
	}
	lang := g.lang(t)
	said := g.text(lang, "card.files_added", map[string]any{"id": int(d.ID), "title": html.EscapeString(g.Kit.Localized(d.Title, lang))})
	return "staff.done", nil, g.replace(t, crm.Outbound{Kind: crm.OutMessage, Text: said})
}

// effects does what the author of the turn decided, with everything that follows.
func (g *group) effects(t *postgres.Turn, effects ...crm.Effect) error {
	done, err := g.follow(t, effects)
	if err != nil {
		return err
	}
	return g.applyAll(t, done, &Trace{})
}

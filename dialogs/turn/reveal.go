package turn

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// reveal shows what a card keeps masked to whoever pressed, in their own chat and nowhere else. The message holds tokens, which only the sender
// opens; each field and file is recorded as seen.
func (g *group) reveal(t *postgres.Turn, a *dialogs.CardAction, d postgres.DealView) (toast string, args map[string]any, err error) {
	people, err := g.tx.ReachEmployee(g.ctx, t.Employee.ID)
	if err != nil {
		return "", nil, err
	}
	if len(people) == 0 {
		return "reveal.no_chat", nil, nil
	}
	files, err := g.tx.FilesNamed(g.ctx, d.ID, a.Reveal)
	if err != nil {
		return "", nil, err
	}
	lines := g.secretLines(t, a.Reveal, d)
	if len(lines) == 0 && len(files) == 0 {
		return "reveal.nothing", nil, nil
	}
	lang := g.lang(t)
	out := crm.Outbound{Conversation: people[0].Conversation, Address: people[0].Address, Kind: crm.OutMessage, Reveal: true,
		Card: shownBeside(d.ID, postgres.ShownFields), Buttons: g.fileLinks(t, files)}
	out.Text = strings.Join(append([]string{g.text(lang, "reveal.head", map[string]any{"id": int(d.ID), "name": html.EscapeString(d.Contact.Name)})}, lines...), "\n")
	if len(out.Buttons) > 0 {
		out.Text += "\n" + g.text(lang, "reveal.links", nil)
	}
	if _, err := g.sendTo(t, out); err != nil {
		return "", nil, err
	}
	if g.FileLink == nil {
		if err := g.sendFiles(t, people[0], d.ID, files); err != nil {
			return "", nil, err
		}
	}
	if t.Talk.Group {
		return "staff.asked_in_chat", nil, nil
	}
	return "", nil, nil
}

// shownBeside marks a message that shows something of a deal beside its card: whoever forgets the deal's person finds it by that.
func shownBeside(id crm.DealID, what string) string {
	return postgres.ShownMark + strconv.FormatInt(int64(id), 10) + ":" + what
}

// secretLines are the fields that have a value, each recorded as seen.
func (g *group) secretLines(t *postgres.Turn, names []string, d postgres.DealView) (lines []string) {
	lang := g.lang(t)
	for _, name := range names {
		value, filled := d.Fields[name]
		if !filled {
			continue
		}
		if label, token, is := g.Kit.SecretInWords(name, value, lang); is {
			lines = append(lines, html.EscapeString(label)+": <code>"+html.EscapeString(token)+"</code>")
		} else if text, told := g.Kit.FieldInWords(name, value, lang, g.now); told {
			lines = append(lines, html.EscapeString(text))
		} else {
			continue
		}
		g.happened(t, rules.Done{}, postgres.EventRow{Kind: "secret_viewed", Deal: d.ID, Data: crm.Fields{"field": name}})
	}
	return lines
}

// fileLinks are buttons that open files in a browser; none when no address of ours is known to the outside. The view is recorded when it is used.
func (g *group) fileLinks(t *postgres.Turn, files []postgres.DealFile) (rows [][]crm.Button) {
	if g.FileLink == nil {
		return nil
	}
	for i, f := range files {
		if f.Hash == "" {
			continue
		}
		rows = append(rows, []crm.Button{{Text: fmt.Sprintf("📎 %s %d", f.Name, i+1), URL: g.FileLink(f.ID, t.Employee.ID)}})
	}
	return rows
}

// albumSize is how many photos an album takes at most.
const albumSize = 10

// sendFiles sends files into somebody's own chat, photos as albums, each recorded as seen.
func (g *group) sendFiles(t *postgres.Turn, to postgres.Reached, deal crm.DealID, files []postgres.DealFile) error {
	var photos, others []crm.Upload
	for _, f := range files {
		upload := crm.Upload{Kind: f.Kind, Hash: f.Hash, MIME: f.MIME}
		if f.Channel == to.Address.Channel { // the provider has it already
			upload = crm.Upload{Kind: f.Kind, Ref: f.Ref}
		}
		if upload.Ref == "" && upload.Hash == "" {
			continue
		}
		if f.Kind == crm.Photo {
			photos = append(photos, upload)
		} else {
			others = append(others, upload)
		}
		g.happened(t, rules.Done{}, postgres.EventRow{Kind: "file_viewed", Deal: deal, Data: crm.Fields{"file": f.ID, "name": f.Name}})
	}
	var parts [][]crm.Upload
	for len(photos) > 0 {
		n := min(albumSize, len(photos))
		parts, photos = append(parts, photos[:n]), photos[n:]
	}
	for _, other := range others {
		parts = append(parts, []crm.Upload{other})
	}
	for _, media := range parts {
		kind := crm.OutAlbum
		if len(media) == 1 {
			kind = crm.OutMedia
		}
		if _, err := g.sendTo(t, crm.Outbound{Conversation: to.Conversation, Address: to.Address, Kind: kind, Media: media, Card: shownBeside(deal, postgres.ShownFiles)}); err != nil {
			return err
		}
	}
	return nil
}

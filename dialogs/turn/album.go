package turn

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// albumMost is how many photos a provider sends as one album.
const albumMost = 10

// viewing is a chat in which somebody is about to see the card of a deal.
type viewing struct {
	who       crm.Employee
	chat      crm.ConversationID
	address   crm.Address
	thread    string
	lang      string
	notBefore time.Time
}

// album sends above a card the files of its deal that this chat has not been shown, and notes who sees them. The caller knows that they may
// see the deal. A group hears of no files: not all of its members may see them.
func (g *group) album(t *postgres.Turn, card string, id crm.DealID, to viewing) error {
	c := g.Kit.Cards[card]
	if c == nil || len(c.Album) == 0 {
		return nil
	}
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return err
	}
	files, err := g.tx.UnseenFiles(g.ctx, id, c.Album, to.chat, to.address.Channel)
	if err != nil || len(files) == 0 {
		return err
	}
	for _, part := range albums(files) {
		out := crm.Outbound{Conversation: to.chat, Address: to.address, Thread: to.thread, Kind: crm.OutMedia, Priority: crm.Notice, NotBefore: to.notBefore,
			Card: shownBeside(id, postgres.ShownFiles),
			Text: g.text(to.lang, "album.caption", map[string]any{"id": int(id), "names": html.EscapeString(g.fileNames(part, to.lang))})}
		if len(part) > 1 {
			out.Kind = crm.OutAlbum
		}
		for _, f := range part {
			u := crm.Upload{Kind: f.Kind, Ref: f.Ref, Name: f.FileName, MIME: f.MIME}
			if f.Ref == "" {
				u.Hash = f.Hash
			}
			out.Media = append(out.Media, u)
		}
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	g.event(t, postgres.EventRow{Kind: "files_viewed", Deal: id, Author: crm.BySystem, Employee: to.who.ID,
		Data: crm.Fields{"files": len(files), "names": g.fileNames(files, g.Kit.Languages[0])}})
	return nil
}

// albums parts files into messages: photos together, anything else by itself.
func albums(files []postgres.AlbumFile) (parts [][]postgres.AlbumFile) {
	var photos []postgres.AlbumFile
	for _, f := range files {
		if f.Kind == crm.Photo {
			photos = append(photos, f)
		}
	}
	parts = slices.Collect(slices.Chunk(photos, albumMost))
	for _, f := range files {
		if f.Kind != crm.Photo {
			parts = append(parts, []postgres.AlbumFile{f})
		}
	}
	return parts
}

// fileNames are the names of files as people call them, those of one name with their numbers: "licence 1, licence 2, selfie".
func (g *group) fileNames(files []postgres.AlbumFile, lang string) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
		if key := "fields." + f.Name; g.Kit.Texts.Has(lang, key) {
			names[i] = g.text(lang, key, nil)
		}
		if f.Total > 1 {
			names[i] += " " + strconv.Itoa(f.Place)
		}
	}
	return strings.Join(names, ", ")
}

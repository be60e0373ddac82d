package turn

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/documents"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// errNoStore is a document in a program that has no store of files.
var errNoStore = errors.New("there is no store for files")

// Keeper stores a file, at most limit bytes, and gives the hash of its content and its size.
type Keeper interface {
	Put(from io.Reader, limit int64) (hash string, size int64, err error)
}

// maxDocument is far more than a document of the longest text has, in bytes.
const maxDocument = 8 << 20

// sendDocument makes the file of a document and sends it to the contact of its deal, where it stays under its name. Secrets stand in it in plain, so
// nothing of it but its hash goes into the database.
func (g *group) sendDocument(t *postgres.Turn, e crm.DocumentWanted) error {
	d, err := g.tx.Deal(g.ctx, e.Deal)
	if err != nil {
		return err
	}
	if d.Talk == 0 {
		g.event(t, postgres.EventRow{Kind: "document_unsent", Deal: e.Deal, Data: crm.Fields{"name": e.Name}})
		return nil
	}
	hash, size, err := g.makeDocument(e)
	if err != nil {
		return err
	}
	file := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, html.UnescapeString(e.Title)) + ".pdf"
	g.tx.Changes.Documents = append(g.tx.Changes.Documents, postgres.DocumentRow{Conversation: d.Talk, Message: t.Message, Contact: d.Contact.ID, Deal: e.Deal,
		Name: e.Name, File: file, MIME: "application/pdf", Size: size, Hash: hash})
	g.tx.Changes.DealMoves = append(g.tx.Changes.DealMoves, postgres.DealMove{ID: e.Deal, Fields: crm.Fields{dialogs.SentField(e.Name): e.Version}})
	g.event(t, postgres.EventRow{Kind: "document_sent", Deal: e.Deal, Contact: d.Contact.ID, Data: crm.Fields{"name": e.Name, "version": e.Version, "digest": hash, "text": fmt.Sprintf("%s, v%d", e.Name, e.Version)}})
	_, err = g.sendTo(t, crm.Outbound{Conversation: d.Talk, Address: d.Address, Kind: crm.OutMedia, Priority: crm.Notice,
		Media: []crm.Upload{{Kind: crm.Document, Hash: hash, Name: file, MIME: "application/pdf"}}})
	return err
}

// agreed keeps that a contact agreed to something, by the message of this turn.
func (g *group) agreed(t *postgres.Turn, e crm.Agreed) {
	if e.Contact == 0 {
		e.Contact = t.Contact.ID
	}
	g.tx.Changes.Consents = append(g.tx.Changes.Consents, postgres.ConsentRow{Contact: e.Contact, Deal: e.Deal, Message: t.Message, Name: e.Name,
		Version: e.Version, Digest: e.Digest, At: g.now})
	g.event(t, postgres.EventRow{Kind: "agreed", Deal: e.Deal, Contact: e.Contact, Data: crm.Fields{"name": e.Name, "version": e.Version, "text": fmt.Sprintf("%s, v%d", e.Name, e.Version)}})
}

// makeDocument makes the file and stores it.
func (g *group) makeDocument(e crm.DocumentWanted) (hash string, size int64, err error) {
	if g.Files == nil {
		return "", 0, fmt.Errorf("send document %s of deal %d: %w", e.Name, e.Deal, errNoStore)
	}
	text := html.UnescapeString(e.Text)
	if g.Seal != nil {
		if text, err = g.Seal.Revealed(text, func(plain string) string { return plain }); err != nil {
			return "", 0, fmt.Errorf("open the secrets of document %s of deal %d: %w", e.Name, e.Deal, err)
		}
	}
	// The day is exact enough: a turn that is taken again makes the same bytes, and leaves no file that nobody knows of.
	day := time.Date(g.now.Year(), g.now.Month(), g.now.Day(), 0, 0, 0, 0, g.now.Location())
	file, err := documents.PDF(documents.Document{Title: html.UnescapeString(e.Title), Text: text,
		Footer: fmt.Sprintf("№ %d · v%d", e.Deal, e.Version), MadeAt: day})
	if err != nil {
		return "", 0, fmt.Errorf("send document %s of deal %d: %w", e.Name, e.Deal, err)
	}
	if hash, size, err = g.Files.Put(bytes.NewReader(file), maxDocument); err != nil {
		err = fmt.Errorf("store document %s of deal %d: %w", e.Name, e.Deal, err)
	}
	return hash, size, err
}

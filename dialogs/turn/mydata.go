package turn

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/seal"
)

// dataPage is the file that a person gets of what is kept of them. It needs nothing else and runs nothing.
var dataPage = template.Must(template.New("data").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>{{.Title}}</title>
<style>body{font:16px/1.5 sans-serif;max-width:44em;margin:1em auto;padding:0 1em}h2{font-size:1.1em;margin-top:2em}
dt{color:#666}dd{margin:0 0 .6em;overflow-wrap:anywhere}time{color:#666}</style></head><body>
<h1>{{.Title}}</h1><p><time>{{.At}}</time></p>
{{range .Sections}}<h2>{{.Title}}</h2><dl>{{range .Lines}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}</dl>
{{end}}</body></html>
`))

// dataCard marks the message with that file: dataAgain is how long the same person gets no other.
const (
	dataCard  = "mydata"
	dataAgain = 5 * time.Minute
)

type dataSection struct {
	Title string
	Lines []dataLine
}

type dataLine struct{ Name, Value string }

// tellKnown tells a person what is kept of them, with all of it in a file.
func (g *group) tellKnown(t *postgres.Turn) error {
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return err
	}
	told, err := g.tx.WasTold(g.ctx, t.Talk.ID, dataCard, dataAgain)
	if err != nil || told {
		return errors.Join(err, g.say(t, "mydata.again", nil))
	}
	held, err := g.tx.Kept(g.ctx, t.Contact.ID)
	if err != nil {
		return err
	}
	known, err := g.tx.OwnData(g.ctx, t.Contact.ID)
	if err != nil {
		return err
	}
	lang := g.lang(t)
	page, err := g.dataPage(lang, known)
	if err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "own_data_told"})
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMedia, Author: crm.ByBot, Card: dataCard,
		Text:  g.text(lang, "mydata.text", map[string]any{"deals": held.Deals, "messages": held.Messages, "files": held.Files}),
		Media: []crm.Upload{{Kind: crm.Document, Bytes: page, Name: "my-data-" + g.now.Format(time.DateOnly) + ".html", MIME: "text/html"}}})
	return err
}

// dataPage writes the file. What is sealed stays behind its mask: a file can be passed on.
func (g *group) dataPage(lang string, k postgres.OwnData) ([]byte, error) {
	word := func(key string) string { return unescaped(g.text(lang, "mydata."+key, nil)) }
	when := func(at time.Time) string { return at.In(g.Kit.Zone).Format("02.01.2006 15:04") }
	own := dataSection{Title: word("contact")}
	add := func(s *dataSection, name, value string) {
		if value != "" {
			s.Lines = append(s.Lines, dataLine{name, seal.Masked(value)})
		}
	}
	add(&own, word("name"), k.Contact.Name)
	add(&own, word("phone"), k.Contact.Phone)
	add(&own, word("language"), k.Contact.Lang)
	for _, a := range k.Addresses {
		add(&own, a.Channel, a.Chat)
	}
	for _, name := range slices.Sorted(maps.Keys(k.Contact.Fields)) {
		if value := k.Contact.Fields[name]; value != nil {
			add(&own, g.fieldName(lang, name), fmt.Sprint(value))
		}
	}
	sections := []dataSection{own}
	for _, d := range k.Deals {
		s := dataSection{Title: strings.TrimSpace(fmt.Sprintf("№ %d · %s · %s %s", d.ID, unescaped(g.pipelineName(d.Pipeline, lang)), unescaped(g.stageName(d.Pipeline, d.Stage, lang)), d.Title))}
		add(&s, word("made"), when(d.CreatedAt))
		for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
			if value := d.Fields[name]; value != nil {
				add(&s, g.fieldName(lang, name), fmt.Sprint(value))
			}
		}
		sections = append(sections, s)
	}
	files, talk, rest := dataSection{Title: word("files")}, dataSection{Title: word("messages")}, dataSection{Title: word("rest")}
	for _, r := range k.Rest {
		add(&rest, when(r.At), word("row_"+r.What)+": "+r.Text)
	}
	for _, f := range k.Files {
		add(&files, when(f.At), fileInWords(g.fieldName(lang, f.Name), string(f.Kind), f.Size))
	}
	for i := len(k.Messages) - 1; i >= 0; i-- {
		m := k.Messages[i]
		arrow := "←"
		if m.Sent {
			arrow = "→"
		}
		add(&talk, when(m.At)+" "+arrow, m.Text)
	}
	for _, s := range []dataSection{rest, files, talk} {
		if len(s.Lines) > 0 {
			sections = append(sections, s)
		}
	}
	var page bytes.Buffer
	err := dataPage.Execute(&page, map[string]any{"Lang": lang, "Title": word("title"), "At": when(g.now), "Sections": sections})
	return page.Bytes(), err
}

// fieldName is what the kit calls a field or the files of an answer, else their name.
func (g *group) fieldName(lang, name string) string {
	if key := "fields." + name; g.Kit.Texts.Has(lang, key) {
		return unescaped(g.text(lang, key, nil))
	}
	return name
}

// fileInWords tells of a file: to what it belongs, its kind and its size.
func fileInWords(name, kind string, size int64) string {
	about := fmt.Sprintf("%s · %d KB", kind, (size+1023)/1024)
	if name != "" {
		about = name + " · " + about
	}
	return about
}

package filter

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"govorun/crm"
	"govorun/locales"
)

// write writes a condition by its values, in the language of whoever asks.
func write(c crm.Condition, w World) string {
	b := w.Book
	minus := sign(c.Not)
	switch c.Key {
	case crm.ByAny:
		return minus + b.writeAny(w.Lang, anyWords(c.Words))
	case crm.ByStatus:
		return minus + b.writeStatus(w.Lang, c.Words)
	case crm.ByStage:
		if slices.Equal(c.Stages, b.fresh) {
			return minus + b.special(w.Lang, "new")
		}
		return minus + b.label(w.Lang, "stage") + ":" + b.writeStages(w.Lang, c.Stages)
	case crm.ByOwner:
		if len(c.IDs) == 1 && c.IDs[0] == int64(w.Me) {
			return minus + b.special(w.Lang, "mine")
		}
		if len(c.IDs) == 1 && c.IDs[0] == 0 {
			return minus + b.special(w.Lang, "free")
		}
		return minus + b.label(w.Lang, "owner") + ":" + w.writePeople(w.Employees, c.IDs, true)
	case crm.ByCrew:
		return minus + b.label(w.Lang, "crew") + ":" + w.writePeople(w.Crews, c.IDs, false)
	case crm.ByNumber:
		return minus + b.label(w.Lang, "number") + ":" + joinIDs(c.IDs)
	case crm.ByPipeline:
		return minus + b.label(w.Lang, "pipeline") + ":" + b.pipelines.writeAll(w.Lang, c.Words)
	case crm.ByCity:
		return minus + b.label(w.Lang, "city") + ":" + b.cities.writeAll(w.Lang, c.Words)
	case crm.ByField:
		return minus + b.label(w.Lang, "field:"+c.Field) + ":" + b.writeField(w, c)
	case crm.ByDay, crm.ByCreated, crm.ByEntered, crm.ByClosed, crm.ByDue, crm.ByVisit:
		return minus + b.label(w.Lang, string(c.Key)) + ":" + writeRange(w, c)
	}
	return minus + b.keyed(w.Lang, string(c.Key), c.Words)
}

func sign(not bool) string {
	if not {
		return "-"
	}
	return ""
}

// keyed writes texts behind a key.
func (b *Book) keyed(lang, name string, words []string) string {
	var all []string
	for _, w := range words {
		all = append(all, quoteText(w, false))
	}
	return b.label(lang, name) + ":" + strings.Join(all, ",")
}

func (b *Book) writeAny(lang string, words []string) string {
	plain := !slices.ContainsFunc(words, func(w string) bool { return quoteText(w, false) != w })
	numbers := !slices.ContainsFunc(words, func(w string) bool { return !number(w) })
	if plain && (len(words) == 1 || numbers) {
		return strings.Join(words, ",")
	}
	return b.keyed(lang, "any", words)
}

func (b *Book) writeStatus(lang string, words []string) string {
	for _, name := range specials {
		if all := statuses(name); all != nil && slices.Equal(all, words) {
			return b.special(lang, name)
		}
	}
	var all []string
	for _, w := range words {
		all = append(all, b.special(lang, w))
	}
	return b.label(lang, "status") + ":" + strings.Join(all, ",")
}

// writeStages writes each name that means some of the stages and none besides, until all are written.
func (b *Book) writeStages(lang string, places []crm.Stage) string {
	var all []string
	for i := 0; i < len(places); {
		things, n := b.group(lang, places[i:])
		name := b.stages.write(things, lang)
		if name == "" { // two pipelines call different stages the same
			name, n = places[i].Pipeline+" "+places[i].Stage, 1
		}
		all = append(all, quoteName(name))
		i += n
	}
	return strings.Join(all, ",")
}

// group finds how many of the first stages are all that one name means.
func (b *Book) group(lang string, places []crm.Stage) (things []int, n int) {
	for n = len(places); n > 0; n-- {
		things = nil
		for _, p := range places[:n] {
			things = append(things, slices.Index(b.places, p))
		}
		if things[0] >= 0 && b.stages.write(things, lang) != "" {
			return things, n
		}
	}
	return nil, 1
}

// writeAll writes things by their ids, several of one name together.
func (n *names) writeAll(lang string, ids []string) string {
	var all []string
	for i := 0; i < len(ids); {
		used, name := 1, ids[i]
		for k := len(ids); k > i; k-- {
			var things []int
			for _, id := range ids[i:k] {
				things = append(things, slices.Index(n.ids, id))
			}
			if !slices.Contains(things, -1) && n.write(things, lang) != "" {
				used, name = k-i, n.write(things, lang)
				break
			}
		}
		all = append(all, quoteName(name))
		i += used
	}
	return strings.Join(all, ",")
}

func (w World) writePeople(list []Named, ids []int64, me bool) string {
	var all []string
	for _, id := range ids {
		switch {
		case id == 0:
			all = append(all, w.Book.first(w.Lang, "nobody"))
		case me && id == int64(w.Me):
			all = append(all, w.Book.first(w.Lang, "me"))
		default:
			all = append(all, personText(list, id))
		}
	}
	return strings.Join(all, ",")
}

func joinIDs(ids []int64) string {
	var all []string
	for _, id := range ids {
		all = append(all, strconv.FormatInt(id, 10))
	}
	return strings.Join(all, ",")
}

func (b *Book) writeField(w World, c crm.Condition) string {
	f := b.fields[c.Field]
	switch {
	case c.Least != nil || c.Most != nil:
		return writeBounds(c.Least, c.Most)
	case !c.From.IsZero() || !c.To.IsZero():
		return writeRange(w, c)
	case f != nil && (f.Type == "choice" || f.Type == "many"):
		return f.options.writeAll(w.Lang, c.Words)
	case f != nil && f.Type == "city":
		return b.cities.writeAll(w.Lang, c.Words)
	}
	var all []string
	for _, word := range c.Words {
		all = append(all, quoteText(word, false))
	}
	return strings.Join(all, ",")
}

// writeRange writes the dates of a condition that nobody typed.
func writeRange(w World, c crm.Condition) string {
	at := func(t time.Time) string { return t.In(w.Now.Location()).Format("02.01.2006_15:04") }
	switch {
	case c.To.IsZero():
		return at(c.From) + ".."
	case c.From.IsZero():
		return "<" + at(c.To)
	}
	return at(c.From) + ".." + at(c.To)
}

func writeSort(f crm.Filter, w World) string {
	if f.Sort == "" {
		return ""
	}
	for _, o := range sorts {
		if o.sort == f.Sort {
			return sign(f.Desc) + w.Book.label(w.Lang, "sort") + ":" + w.Book.first(w.Lang, o.name)
		}
	}
	return ""
}

// label is how a key is written in a language. A field is called by the kit's word for it, else by its name.
func (b *Book) label(lang, name string) string {
	field, ok := strings.CutPrefix(name, "field:")
	if !ok {
		return b.first(lang, name)
	}
	if key := "find.field_" + field + "_words"; b.texts.Has(lang, key) {
		return b.first(lang, "field_"+field)
	}
	if b.keys[locales.Fold(field)] != name {
		return "field_" + field // the language has a key of that name
	}
	return field
}

// special is how a word that is a condition by itself is written.
func (b *Book) special(lang, name string) string { return quoteName(b.first(lang, name)) }

// quoteName writes a name as one value: spaces as underscores, or in quotes when it has other signs.
func quoteName(name string) string {
	name = clean(name)
	if name == "" || strings.ContainsFunc(name, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != ' ' && c != '-' && c != '_'
	}) || strings.HasPrefix(name, "-") {
		return `"` + name + `"`
	}
	return strings.ReplaceAll(name, " ", "_")
}

// quoteText writes a text as one value, in quotes when it has anything but letters, digits and a few signs, or always.
func quoteText(text string, always bool) string {
	text = clean(text)
	if always || text == "" || strings.ContainsFunc(text, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("+-./_@", c)
	}) || strings.HasPrefix(text, "-") {
		return `"` + text + `"`
	}
	return text
}

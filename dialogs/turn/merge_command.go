package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/slot"
)

// Two contacts that are one person, told so by an employee: /merge 5512 5530, or by their phones, and /unmerge 7.

// mergesShown is how many merges a list shows, each with the button that takes it back.
const mergesShown = 8

// mergeCommand shows two contacts before they are merged; without words it lists what was merged.
func (g *group) mergeCommand(t *postgres.Turn) error {
	words := mergeWords(t.In.Args)
	if len(words) == 0 {
		return g.listMerges(t)
	}
	ids := []crm.ContactID{}
	for _, word := range words {
		found, err := g.contactsOf(word)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return g.wrong(t, "people.merge_unknown", map[string]any{"word": escaped(word)}, "find "+word)
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 1 && len(words) > 1:
		return g.say(t, "people.merge_same", nil)
	case len(ids) != 2:
		return g.wrong(t, "people.merge_usage", nil, "merge")
	}
	out, err := g.askMerge(t, ids[0], ids[1])
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

// mergeWords are the numbers that a command names. The parts of a phone may stand apart: what has a plus goes on until the next plus.
func mergeWords(args string) (words []string) {
	for _, part := range strings.FieldsFunc(args, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\n' }) {
		last := len(words) - 1
		if last >= 0 && strings.HasPrefix(words[last], "+") && !strings.HasPrefix(part, "+") && len(onlyDigits(words[last])) < 11 {
			words[last] += part
			continue
		}
		words = append(words, strings.TrimLeft(part, "№#"))
	}
	return words
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// contactsOf finds who is meant by the number of a contact, a phone or a mailbox; nobody for anything else.
func (g *group) contactsOf(word string) ([]crm.ContactID, error) {
	if name, host, mail := strings.Cut(word, "@"); mail && name != "" && host != "" {
		return g.tx.ContactsWithMail(g.ctx, strings.ToLower(word))
	}
	digits := onlyDigits(word)
	if digits == "" || strings.Trim(word, "0123456789+-()") != "" {
		return nil, nil
	}
	if len(digits) >= 10 || strings.HasPrefix(word, "+") {
		value, wrong := slot.Parse(slot.Spec{Type: "phone", Regions: []string{"KZ", "RU"}}, slot.Given{Text: word})
		if wrong != nil {
			return nil, nil
		}
		return g.tx.ContactsWithPhone(g.ctx, value.Text)
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil, nil
	}
	sides, err := g.tx.Sides(g.ctx, crm.ContactID(id))
	if err != nil || len(sides) == 0 {
		return nil, err
	}
	return []crm.ContactID{sides[0].ID}, nil
}

// askMerge shows two contacts side by side, with the button that makes them one.
func (g *group) askMerge(t *postgres.Turn, a, b crm.ContactID) (crm.Outbound, error) {
	lang := g.lang(t)
	out := crm.Outbound{Kind: crm.OutMessage}
	sides, err := g.tx.Sides(g.ctx, a, b)
	if err != nil {
		return out, err
	}
	lines := []string{g.text(lang, "people.merge_sure", nil)}
	for _, s := range sides {
		if s.Into != 0 {
			out.Text = g.text(lang, "people.merge_taken", map[string]any{"id": int(s.ID), "into": int(s.Into)})
			return out, nil
		}
		lines = append(lines, g.sideLine(lang, s))
	}
	out.Text = strings.Join(lines, "\n")
	pair := digits(a) + ":" + digits(b)
	out.Buttons = [][]crm.Button{{{Text: g.plainText(lang, "people.merge_yes"), Data: "p:m:yes:" + pair}, {Text: g.plainText(lang, "people.no"), Data: "p:m:no:" + pair}}}
	return out, nil
}

// sideLine is a contact in one line: number, name, masked phone, channels, talks, deals.
func (g *group) sideLine(lang string, s postgres.Side) string {
	line := "<b>" + digits(s.ID) + "</b> " + g.called(s.Contact)
	if s.Phone != "" {
		line += " · " + maskedPhone(s.Phone)
	}
	if len(s.Channels) > 0 {
		line += " · " + escaped(strings.Join(s.Channels, ", "))
	}
	return line + " · " + g.text(lang, "people.merge_has", map[string]any{"talks": s.Talks, "deals": s.Deals, "open": s.Open})
}

// maskedPhone shows enough of a number to recognise it.
func maskedPhone(phone string) string {
	if len(phone) < 8 {
		return "••"
	}
	return phone[:2] + "•••" + phone[len(phone)-4:]
}

// listMerges lists what was merged last.
func (g *group) listMerges(t *postgres.Turn) error {
	merges, err := g.tx.Merges(g.ctx, mergesShown)
	if err != nil {
		return err
	}
	lang := g.lang(t)
	lines := []string{g.text(lang, "people.merge_usage", nil)}
	out := crm.Outbound{Kind: crm.OutMessage}
	for _, m := range merges {
		lines = append(lines, g.text(lang, "people.merge_line", map[string]any{"merge": int(m.ID), "kept": int(m.Kept), "gone": int(m.Gone),
			"why": g.text(lang, "people.merge_by_"+string(m.Cause), nil), "at": m.At.In(g.Kit.Zone).Format("02.01 15:04")}))
		out.Buttons = append(out.Buttons, []crm.Button{{Text: "↩️ " + strconv.FormatInt(m.ID, 10), Data: "p:m:part:" + strconv.FormatInt(m.ID, 10)}})
	}
	out.Text = strings.Join(lines, "\n")
	_, err = g.send(t, out)
	return err
}

// unmergeCommand asks whether a merge is to be taken back.
func (g *group) unmergeCommand(t *postgres.Turn) error {
	id, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(t.In.Args), "№# "), 10, 64)
	if err != nil || id <= 0 {
		return g.wrong(t, "people.unmerge_usage", nil, "merge")
	}
	out, err := g.askPart(t, id)
	if errors.Is(err, crm.ErrNotFound) {
		return g.wrong(t, "people.unmerge_unknown", map[string]any{"merge": id}, "merge")
	}
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

// askPart is the question whether a merge is to be taken back.
func (g *group) askPart(t *postgres.Turn, id int64) (crm.Outbound, error) {
	lang := g.lang(t)
	m, err := g.tx.MergeByID(g.ctx, id)
	if err != nil {
		return crm.Outbound{}, err
	}
	args := map[string]any{"merge": int(id), "kept": int(m.Kept), "gone": int(m.Gone)}
	if !m.UndoneAt.IsZero() {
		return crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "people.unmerge_before", args)}, nil
	}
	number := strconv.FormatInt(id, 10)
	return crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "people.unmerge_sure", args), Buttons: [][]crm.Button{{
		{Text: g.plainText(lang, "people.unmerge_yes"), Data: "p:m:parted:" + number}, {Text: g.plainText(lang, "people.no"), Data: "p:m:no:" + number}}}}, nil
}

// mergePress: yes:A:B merges, part:N asks whether to take a merge back, parted:N does, no leaves all as it is.
func (g *group) mergePress(t *postgres.Turn, parts []string) (string, error) {
	lang := g.lang(t)
	tell := func(key string, args map[string]any) (string, error) {
		return "", g.replace(t, crm.Outbound{Text: g.text(lang, key, args)})
	}
	switch parts[0] {
	case "no":
		return tell("people.merge_kept", nil)
	case "part":
		out, err := g.askPart(t, numberAt(parts, 1))
		if err == nil {
			_, err = g.send(t, out)
		}
		return "", err
	case "yes":
		m, err := g.tx.Merge(g.ctx, crm.ContactID(numberAt(parts, 1)), crm.ContactID(numberAt(parts, 2)))
		switch {
		case errors.Is(err, crm.ErrTaken):
			return tell("people.merge_late", nil)
		case errors.Is(err, crm.ErrRefused):
			return tell("people.merge_staff", nil)
		case err != nil:
			return "", err
		}
		g.event(t, postgres.EventRow{Kind: "merged_by_hand", Contact: m.Kept, Data: crm.Fields{"merge": m.ID, "gone": m.Gone}})
		return tell("people.merge_done", map[string]any{"merge": int(m.ID), "kept": int(m.Kept), "gone": int(m.Gone), "talks": m.Talks, "deals": m.Deals})
	case "parted":
		m, err := g.tx.Unmerge(g.ctx, numberAt(parts, 1))
		if errors.Is(err, crm.ErrTaken) {
			return html.UnescapeString(g.text(lang, "grammar.already_done", nil)), nil
		}
		if err != nil {
			return "", err
		}
		g.event(t, postgres.EventRow{Kind: "unmerged_by_hand", Contact: m.Kept, Data: crm.Fields{"merge": m.ID, "gone": m.Gone}})
		return tell("people.unmerge_done", map[string]any{"kept": int(m.Kept), "gone": int(m.Gone)})
	}
	return g.text(lang, "grammar.stale", nil), nil
}

package filter

import (
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/locales"
)

// people reads employees or crews: "me", "nobody", names in any case of the grammar, or #7 for number seven.
func (r *reader) people(s *segment, k *key) *Problem {
	c := crm.Condition{Key: k.by}
	list := r.Employees
	if k.reads == asCrew {
		list = r.Crews
	}
	p := r.values(s, func(tokens []token) (int, *Problem) {
		id, used, p := r.person(s, k, list, tokens)
		if p == nil && !slices.Contains(c.IDs, id) {
			c.IDs = append(c.IDs, id)
		}
		return used, p
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

func (r *reader) person(s *segment, k *key, list []Named, tokens []token) (int64, int, *Problem) {
	for n := min(longestName, len(tokens)); n > 0; n-- {
		text := textOf(tokens[:n])
		switch {
		case k.reads == asOwner && (r.Book.is("me", text) || r.Book.words[locales.Fold(text)] == "mine"):
			return int64(r.Me), n, nil
		case r.Book.is("nobody", text) || r.Book.words[locales.Fold(text)] == "free":
			return 0, n, nil
		}
		if digits, ok := strings.CutPrefix(text, "#"); ok && number(digits) {
			if id, err := strconv.ParseInt(digits, 10, 64); err == nil && id > 0 {
				return id, n, nil
			}
		}
		found := who(list, text)
		switch {
		case len(found) == 1:
			return found[0].ID, n, nil
		case len(found) > 1:
			p := r.problem("find.ambiguous", "key", s.label, "value", text, "names", strings.Join(namesOf(found, maxChoices), ", "))
			var each []string
			for _, one := range found {
				each = append(each, personText(list, one.ID))
			}
			return 0, 0, r.instead(p, tokens[:n], each)
		}
	}
	if near := similar(list, fold(tokens[0].text)); len(near) > 0 {
		p := r.problem("find.value_near", "key", s.label, "value", tokens[0].text, "near", strings.Join(namesOf(near, maxChoices), ", "))
		var each []string
		for _, one := range near {
			each = append(each, personText(list, one.ID))
		}
		return 0, 0, r.instead(p, tokens[:1], each)
	}
	return 0, 0, r.unknown(s, tokens[:1], namesOf(list, shownNames))
}

// who finds those whom a text names: the whole name first, then every word the beginning of a name or a name with another ending.
func who(list []Named, text string) []Named {
	folded := fold(text)
	if folded == "" {
		return nil
	}
	whole := slices.DeleteFunc(slices.Clone(list), func(n Named) bool { return fold(n.Name) != folded })
	if len(whole) > 0 {
		return whole
	}
	words := strings.Fields(folded)
	for _, fits := range []func(name, typed string) bool{strings.HasPrefix, inflected} {
		found := slices.DeleteFunc(slices.Clone(list), func(n Named) bool {
			names := strings.Fields(fold(n.Name))
			return slices.ContainsFunc(words, func(w string) bool {
				return !slices.ContainsFunc(names, func(name string) bool { return fits(name, w) })
			})
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// inflected tells whether a word is a name with another ending: "Ивану", "Марии", "Асқарға".
func inflected(name, typed string) bool {
	same := 0
	for same < len(name) && same < len(typed) && name[same] == typed[same] {
		same++
	}
	return same >= 3 && len(name)-same <= 2 && len(typed)-same <= 3
}

// similar finds those with a name that is a few slips away.
func similar(list []Named, folded string) []Named {
	return slices.DeleteFunc(slices.Clone(list), func(n Named) bool {
		return len(nearest(folded, strings.Fields(fold(n.Name)), slips(len(folded)))) == 0
	})
}

func namesOf(list []Named, most int) []string {
	var all []string
	for _, n := range list {
		all = append(all, n.Name)
	}
	if len(all) > most {
		all = append(all[:most:most], "…")
	}
	return all
}

// personText is how one of a list is written: by the name when nobody else has it, else as #7.
func personText(list []Named, id int64) string {
	for _, n := range list {
		if n.ID == id && len(who(list, n.Name)) == 1 && fold(n.Name) != "" {
			return quoteName(n.Name)
		}
	}
	return "#" + strconv.FormatInt(id, 10)
}

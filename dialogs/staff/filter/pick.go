package filter

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/locales"
)

// longestName is how many words a name has at most, and shownNames how many are listed as known.
const (
	longestName = 6
	shownNames  = 8
)

// named reads a condition whose values are names of one kind.
func (r *reader) named(s *segment, n *names, c crm.Condition) *Problem {
	p := r.values(s, func(tokens []token) (int, *Problem) {
		things, used, p := r.pick(s, n, tokens)
		for _, i := range things {
			if !slices.Contains(c.Words, n.ids[i]) {
				c.Words = append(c.Words, n.ids[i])
			}
		}
		return used, p
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

// pick finds the things that the first of the tokens name: exactly, by an unmistakable beginning, or else a Problem that names what is near.
func (r *reader) pick(s *segment, n *names, tokens []token) ([]int, int, *Problem) {
	longest := min(longestName, len(tokens))
	for k := longest; k > 0; k-- {
		if things := n.find(textOf(tokens[:k])); len(things) > 0 {
			return things, k, nil
		}
	}
	for k := longest; k > 0; k-- {
		things := n.begin(textOf(tokens[:k]))
		texts := n.list(things, r.Lang, maxChoices)
		switch {
		case len(texts) == 1:
			return things, k, nil
		case len(texts) > 1:
			return nil, 0, r.ambiguous(s, tokens[:k], texts)
		}
	}
	for k := longest; k > 0; k-- {
		if near := n.list(n.near(textOf(tokens[:k])), r.Lang, maxChoices); len(near) > 0 {
			return nil, 0, r.near(s, tokens[:k], near)
		}
	}
	known := n.list(n.all(), r.Lang, shownNames)
	if s.key == "status" {
		known = append([]string{r.Book.first(r.Lang, "open"), r.Book.first(r.Lang, "won"), r.Book.first(r.Lang, "lost"), r.Book.first(r.Lang, "all")}, known...)
	}
	return nil, 0, r.unknown(s, tokens[:1], known)
}

func (r *reader) ambiguous(s *segment, tokens []token, texts []string) *Problem {
	p := r.problem("find.ambiguous", "key", s.label, "value", textOf(tokens), "names", strings.Join(texts, ", "))
	return r.instead(p, tokens, quoteAll(texts))
}

func (r *reader) near(s *segment, tokens []token, texts []string) *Problem {
	p := r.problem("find.value_near", "key", s.label, "value", textOf(tokens), "near", strings.Join(texts, ", "))
	return r.instead(p, tokens, quoteAll(texts))
}

// unknown lists what is known.
func (r *reader) unknown(s *segment, tokens []token, known []string) *Problem {
	if len(known) == 0 {
		return r.problem("find.nothing_known", "key", s.label, "example", r.example("any"))
	}
	return r.problem("find.unknown_value", "key", s.label, "value", textOf(tokens), "known", strings.Join(known, ", "))
}

func quoteAll(texts []string) []string {
	var all []string
	for _, text := range texts {
		if text != "…" {
			all = append(all, quoteName(text))
		}
	}
	return all
}

// stage reads stages and statuses, which people don't tell apart. Of a word that is both, the key decides.
func (r *reader) stage(s *segment) *Problem {
	var states, places crm.Condition
	states.Key, places.Key = crm.ByStatus, crm.ByStage
	p := r.values(s, func(tokens []token) (int, *Problem) {
		used, found, fresh, p := r.stageOrStatus(s, tokens)
		if p != nil {
			return 0, p
		}
		for _, place := range fresh {
			if !slices.Contains(places.Stages, place) {
				places.Stages = append(places.Stages, place)
			}
		}
		for _, status := range found {
			if !slices.Contains(states.Words, status) {
				states.Words = append(states.Words, status)
			}
		}
		if len(states.Words) > 0 && len(places.Stages) > 0 {
			return 0, r.problem("find.mixed", "key", s.label, "value", textOf(tokens[:used]))
		}
		return used, nil
	})
	if p != nil {
		return p
	}
	c := places
	if len(states.Words) > 0 {
		c = states
		slices.SortFunc(c.Words, func(a, b string) int { return slices.Index(statuses("all"), a) - slices.Index(statuses("all"), b) })
	}
	c.Not = s.not
	r.add(c, "")
	return nil
}

// stageOrStatus reads one value: either the statuses or the stages that it means.
func (r *reader) stageOrStatus(s *segment, tokens []token) (used int, found []string, places []crm.Stage, p *Problem) {
	for k := min(longestName, len(tokens)); k > 0; k-- {
		text := textOf(tokens[:k])
		things := r.Book.stages.find(text)
		special := r.Book.words[locales.Fold(text)]
		if s.key == "stage" && len(things) > 0 {
			special = ""
		}
		switch {
		case special == "new":
			return k, nil, r.Book.fresh, nil
		case statuses(special) != nil:
			return k, statuses(special), nil, nil
		case len(things) > 0:
			return k, nil, r.placesOf(things), nil
		}
	}
	things, used, p := r.pick(s, &r.Book.stages, tokens)
	return used, nil, r.placesOf(things), p
}

func (r *reader) placesOf(things []int) []crm.Stage {
	var places []crm.Stage
	for _, i := range things {
		places = append(places, r.Book.places[i])
	}
	return places
}

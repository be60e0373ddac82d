package turn

import (
	"html"
	"maps"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/locales"
)

// lexicon is what the words behind /invite and /bind may name: roles in every language, cities, crews and places of work.
type lexicon struct {
	roles  []string
	cities []string
	crews  []crm.Crew
	places []postgres.Slot
	words  map[string]meaning // by the folded word
}

// meaning is what a word stands for.
type meaning struct {
	role string
	city string
	crew crm.CrewID
	slot postgres.SlotID
	word string // as it is written
}

func (g *group) lexicon() (*lexicon, error) {
	l := &lexicon{roles: slices.Sorted(maps.Keys(g.Kit.Roles)), words: map[string]meaning{}}
	var err error
	if l.cities, err = g.tx.CitiesOfWork(g.ctx); err != nil {
		return nil, err
	}
	for city := range g.Kit.Cities {
		if !slices.Contains(l.cities, city) {
			l.cities = append(l.cities, city)
		}
	}
	slices.Sort(l.cities)
	if l.crews, err = g.tx.Crews(g.ctx); err != nil {
		return nil, err
	}
	if l.places, err = g.tx.Slots(g.ctx); err != nil {
		return nil, err
	}
	for _, s := range l.places {
		l.add(s.Name, meaning{slot: s.ID})
	}
	for _, c := range l.crews {
		l.add(c.Name, meaning{crew: c.ID})
	}
	for _, city := range l.cities {
		l.add(city, meaning{city: city})
		known := g.Kit.Cities[city]
		for _, spelling := range slices.Concat(slices.Collect(maps.Values(known.Names)), known.Also) {
			l.add(spelling, meaning{city: city})
		}
	}
	for _, role := range l.roles {
		l.add(role, meaning{role: role})
		for _, lang := range g.Kit.Languages {
			l.add(unescaped(g.text(lang, g.Kit.Roles[role], nil)), meaning{role: role})
		}
	}
	return l, nil
}

func (l *lexicon) add(word string, m meaning) {
	m.word = word
	if key := locales.Fold(word); key != "" {
		l.words[key] = m // of equal words roles come last, and stay
	}
}

// longestName is how many words a role, a city or a crew may have.
const longestName = 5

// read finds role, city, crew and place of work among the words of an invitation; what is none of them is the name of the invited. When no role is
// among them but something like one, or like a city, like is the command's words with that mended.
func (l *lexicon) read(args string) (v postgres.Invite, like string) {
	tokens := strings.Fields(strings.NewReplacer("\"", " ", "«", " ", "»", " ", "“", " ", "”", " ", ",", " ").Replace(args))
	var rest []string
	for i := 0; i < len(tokens); {
		n := l.take(tokens[i:], &v)
		if n == 0 {
			rest, n = append(rest, tokens[i]), 1
		}
		i += n
	}
	if v.Role == "" && len(rest) > 0 {
		if m, i := l.near(rest, func(m meaning) bool { return m.role != "" }); i >= 0 {
			return v, strings.Join(mended(tokens, rest[i], m.word), " ")
		}
	}
	if v.City == nil && len(rest) > 0 {
		if m, i := l.near(rest, func(m meaning) bool { return m.city != "" }); i >= 0 {
			return v, strings.Join(mended(tokens, rest[i], m.word), " ")
		}
	}
	v.Name = strings.Join(rest, " ")
	if runes := []rune(v.Name); len(runes) > 100 {
		v.Name = string(runes[:100])
	}
	l.complete(&v)
	return v, ""
}

// take reads the longest name that the tokens begin with, and gives how many they were.
func (l *lexicon) take(tokens []string, v *postgres.Invite) int {
	for n := min(longestName, len(tokens)); n > 0; n-- {
		m, known := l.words[locales.Fold(strings.Join(tokens[:n], " "))]
		if !known {
			continue
		}
		switch {
		case m.slot != 0 && v.Slot == 0:
			v.Slot = m.slot
		case m.crew != 0 && v.Crew == 0:
			v.Crew, v.CrewAsked = m.crew, true
		case m.city != "" && v.City == nil:
			v.City = &m.city
		case m.role != "" && v.Role == "":
			v.Role = m.role
		default:
			continue
		}
		return n
	}
	return 0
}

// complete takes what a crew or a place of work already says.
func (l *lexicon) complete(v *postgres.Invite) {
	for _, c := range l.crews {
		if c.ID == v.Crew {
			v.CrewName = c.Name
			if v.City == nil && c.City != "" {
				v.City = &c.City
			}
		}
	}
	for _, s := range l.places {
		if s.ID == v.Slot {
			v.SlotName, v.Role, v.City, v.Crew, v.CrewName, v.CrewAsked = s.Name, s.Role, &s.City, s.Crew, s.CrewName, true
		}
	}
}

// near finds the word of a kind that is most like one of those typed: a third of its letters may be wrong.
func (l *lexicon) near(typed []string, kind func(meaning) bool) (found meaning, at int) {
	best, at := 4, -1
	for _, key := range slices.Sorted(maps.Keys(l.words)) {
		m := l.words[key]
		if !kind(m) {
			continue
		}
		for i, word := range typed {
			if d := locales.Slips(locales.Fold(word), key, best); d < best && d <= len([]rune(key))/3 {
				best, found, at = d, m, i
			}
		}
	}
	return found, at
}

// mended is a list of words with one replaced.
func mended(tokens []string, wrong, right string) []string {
	out := slices.Clone(tokens)
	if i := slices.Index(out, wrong); i >= 0 {
		out[i] = right
	}
	return out
}

// crewsOf are the crews of a city, or all when there is none.
func (l *lexicon) crewsOf(city *string) (list []crm.Crew) {
	for _, c := range l.crews {
		if city == nil || *city == "" || c.City == *city {
			list = append(list, c)
		}
	}
	return list
}

func unescaped(text string) string { return html.UnescapeString(text) }

package filter

import (
	"slices"
	"strings"
	"unicode/utf8"

	"govorun/crm"
	"govorun/dialogs/dates"
	"govorun/locales"
)

// longestPhrase is how many bare words may mean something together.
const longestPhrase = 9

// bare reads words without a key: words that are conditions by themselves, days, names of cities, stages and crews, numbers, and else what
// is looked for everywhere.
func (r *reader) bare(tokens []token) *Problem {
	for i := 0; i < len(tokens); {
		t := tokens[i]
		not := t.not
		switch t.kind {
		case comma, colon:
			i++
			continue
		case quoted:
			i += r.exactly(tokens[i:], not)
			continue
		}
		if n := r.phrase(tokens[i:]); n > 0 {
			if p := r.take(tokens[i:i+n], not); p != nil {
				return p
			}
			i += n
			continue
		}
		if i+1 < len(tokens) && r.Book.is("not", t.text) { // "не новые"; but "не работает" is looked for, without the "не"
			if r.phrase(tokens[i+1:]) > 0 {
				tokens = slices.Clone(tokens)
				tokens[i+1].not = !tokens[i+1].not
			}
			i++
			continue
		}
		if n := r.unmarked(tokens[i:], not); n > 0 {
			i += n
			continue
		}
		n, p := r.single(tokens[i:], not)
		if p != nil {
			return p
		}
		i += n
	}
	return nil
}

// exactly takes what stands in quotes, with what follows behind commas. It is looked for where a free word is, but never means anything else.
func (r *reader) exactly(tokens []token, not bool) int {
	c := crm.Condition{Key: crm.ByAny, Not: not}
	var written []string
	n := 0
	for {
		if text := strings.TrimFunc(tokens[n].text, isNoise); text != "" && !slices.Contains(c.Words, text) {
			c.Words, written = append(c.Words, variants(crm.ByAny, text)...), append(written, quoteText(text, true))
		}
		n++
		if n+1 >= len(tokens) || tokens[n].kind != comma || tokens[n+1].kind != quoted || tokens[n+1].not || len(written) == maxValues {
			break
		}
		n++
	}
	if len(written) > 0 {
		r.add(c, sign(not)+strings.Join(written, ","))
	}
	return n
}

// phrase tells how many of the tokens mean something together, not counting free words and numbers.
func (r *reader) phrase(tokens []token) int {
	longest := 0
	for longest < min(longestPhrase, len(tokens)) && tokens[longest].kind == word && (longest == 0 || !tokens[longest].not) {
		longest++
	}
	for n := longest; n > 0; n-- {
		if c, _, _ := r.meaning(tokens[:n]); c != "" {
			return n
		}
	}
	return 0
}

// meaning tells what words mean: the name of a special, "ignore", "city", "crew", "stage", "pipeline", "date", "mistake" or "phone"; empty
// when nothing.
func (r *reader) meaning(tokens []token) (string, dates.Span, dates.Mistake) {
	text := textOf(tokens)
	folded := fold(text)
	special := r.Book.words[locales.Fold(text)]
	switch {
	case special != "":
		return special, dates.Span{}, 0
	case len(r.tokens) > len(tokens) && r.Book.is("ignore", text):
		return "ignore", dates.Span{}, 0
	case number(strings.ReplaceAll(folded, " ", "")):
		if len(tokens) > 1 && wholeNumber(text) {
			return "phone", dates.Span{}, 0
		}
		if !strings.ContainsAny(text, ".:/") {
			return "", dates.Span{}, 0
		}
	case len(r.Book.cities.find(text)) > 0:
		return "city", dates.Span{}, 0
	case len(r.Book.stages.find(text)) > 0:
		return "stage", dates.Span{}, 0
	case len(r.Book.pipelines.find(text)) > 0:
		return "pipeline", dates.Span{}, 0
	case slices.ContainsFunc(r.Crews, func(n Named) bool { return fold(n.Name) == folded && folded != "" }):
		return "crew", dates.Span{}, 0
	case len(tokens) > 1 && wholeNumber(text):
		return "phone", dates.Span{}, 0
	}
	if utf8.RuneCountInString(text) < 2 {
		return "", dates.Span{}, 0
	}
	span, m := r.Book.calendar.Span(text)
	if m == 0 {
		_, m = span.Range(r.Now, dates.Ahead)
	}
	switch m {
	case 0:
		return "date", span, 0
	case dates.NoSuchDay, dates.WrongWeekday, dates.Backwards:
		return "mistake", span, m
	}
	return "", span, m
}

// wholeNumber tells whether a text is a phone number in several pieces.
func wholeNumber(text string) bool {
	pieces := strings.Fields(locales.Digits(text))
	if slices.ContainsFunc(pieces, func(p string) bool { return !phoneLike.MatchString(p) && strings.Trim(p, "()") == "" }) {
		return false
	}
	joined := strings.Join(pieces, "")
	if !phoneLike.MatchString(joined) || !strings.HasPrefix(joined, "+") && !strings.HasPrefix(joined, "8") && !strings.HasPrefix(joined, "7") {
		return false
	}
	number, ok := phoneOf(joined)
	return ok && strings.HasPrefix(number, "+") && len(locales.OnlyDigits(joined)) > wholePhone
}

// take makes a condition of words that mean something together.
func (r *reader) take(tokens []token, not bool) *Problem {
	what, span, m := r.meaning(tokens)
	text := textOf(tokens)
	defer r.merge(len(r.filter.Conditions))
	switch what {
	case "ignore":
		r.idle = true
	case "new":
		r.add(crm.Condition{Key: crm.ByStage, Not: not, Stages: r.Book.fresh}, "")
	case "overdue":
		r.add(crm.Condition{Key: crm.ByDue, Not: not, To: r.Now}, sign(not)+r.Book.first(r.Lang, "overdue"))
	case "free":
		r.add(crm.Condition{Key: crm.ByOwner, Not: not, IDs: []int64{0}}, "")
	case "mine":
		r.add(crm.Condition{Key: crm.ByOwner, Not: not, IDs: []int64{int64(r.Me)}}, "")
	case "city":
		r.add(crm.Condition{Key: crm.ByCity, Not: not, Words: idsOf(&r.Book.cities, text)}, "")
	case "stage":
		r.add(crm.Condition{Key: crm.ByStage, Not: not, Stages: r.placesOf(r.Book.stages.find(text))}, "")
	case "pipeline":
		r.add(crm.Condition{Key: crm.ByPipeline, Not: not, Words: idsOf(&r.Book.pipelines, text)}, "")
	case "crew":
		c := crm.Condition{Key: crm.ByCrew, Not: not}
		for _, n := range r.Crews {
			if fold(n.Name) == fold(text) {
				c.IDs = append(c.IDs, n.ID)
			}
		}
		r.add(c, "")
	case "phone":
		number, _ := phoneOf(text)
		r.add(crm.Condition{Key: crm.ByPhone, Not: not, Words: []string{number}}, "")
	case "date":
		return r.bareDate(span, text, not)
	case "mistake":
		return r.dateProblem(&segment{key: "day", label: r.Book.label(r.Lang, "day")}, m, text)
	default:
		r.add(crm.Condition{Key: crm.ByStatus, Not: not, Words: statuses(what)}, "")
	}
	return nil
}

func idsOf(n *names, text string) []string {
	var ids []string
	for _, i := range n.find(text) {
		ids = append(ids, n.ids[i])
	}
	return ids
}

// bareDate is a day of anything; since then, or lately, is about what was created, until then about what is due.
func (r *reader) bareDate(span dates.Span, text string, not bool) *Problem {
	past, m := span.Range(r.Now, dates.Past)
	s := &segment{not: not}
	name := "day"
	if m == 0 && past.To.IsZero() {
		name = "created"
	} else if past.From.IsZero() {
		name = "due"
	}
	s.key, s.label = name, r.Book.label(r.Lang, name)
	k := keyOf(name)
	span, found, m := r.when(text, k.by, senseOf(k.by))
	if m != 0 {
		return r.dateProblem(s, m, text)
	}
	r.add(crm.Condition{Key: k.by, Not: not, From: found.From, To: found.To}, sign(not)+r.writeDates(s, k, span))
	return nil
}

// single takes a free word or a number: of a deal, of an asset, of a phone.
func (r *reader) single(tokens []token, not bool) (int, *Problem) {
	n, text := 1, tokens[0].text
	if strings.Trim(text, "№#") == "" && len(tokens) > 1 && tokens[1].kind == word && number(locales.Digits(tokens[1].text)) {
		n, text = 2, text+tokens[1].text
	}
	plain := locales.Digits(text)
	digits := locales.OnlyDigits(text)
	switch {
	case strings.HasPrefix(plain, "#") && number(plain[1:]) && len(digits) <= longestID:
		s := &segment{key: "number", label: r.Book.label(r.Lang, "number"), not: not, tokens: []token{{kind: word, text: plain[1:], from: tokens[0].from, to: tokens[n-1].to}}}
		return n, r.number(s)
	case phoneLike.MatchString(plain) && (strings.HasPrefix(plain, "+") && len(digits) >= leastDigits || len(digits) >= wholePhone && len(digits) <= mostDigits):
		if number, ok := phoneOf(plain); ok {
			r.add(crm.Condition{Key: crm.ByPhone, Not: not, Words: []string{number}}, "")
			return n, nil
		}
	}
	w := strings.TrimFunc(text, isNoise)
	if w == "" {
		return n, nil
	}
	if p := r.slip(tokens[:n], w); p != nil {
		return 0, p
	}
	c := crm.Condition{Key: crm.ByAny, Not: not, Words: variants(crm.ByAny, w)}
	for number(w) && n+1 < len(tokens) && tokens[n].kind == comma && number(tokens[n+1].text) && len(c.Words) < maxValues {
		c.Words = append(c.Words, tokens[n+1].text)
		n += 2
	}
	r.add(c, "")
	return n, nil
}

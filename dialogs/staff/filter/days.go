package filter

import (
	"strings"
	"time"

	"govorun/crm"
	"govorun/dialogs/dates"
)

// longestSpan is how many words a stretch of time has at most: "с 1 мая 2026 года по 10 мая 2026 года".
const longestSpan = 9

// nearby is how far ahead a day without a year may lie before the one that has gone by is meant, when either may be.
const nearby = 60 * 24 * time.Hour

// senses tell which Friday is meant: what was created lies behind, what is due ahead.
func senseOf(k crm.FilterKey) dates.Sense {
	switch k {
	case crm.ByDue, crm.ByVisit, crm.ByDay:
		return dates.Ahead
	}
	return dates.Past
}

// dates reads a condition about time.
func (r *reader) dates(s *segment, k *key) *Problem {
	span, found, p := r.span(s, k.by, senseOf(k.by))
	if p != nil {
		return p
	}
	c := crm.Condition{Key: k.by, Not: s.not, From: found.From, To: found.To}
	switch {
	case k.name == "since" && c.From.IsZero(), k.name == "until" && c.To.IsZero() && c.From.IsZero():
		return r.problem("find.date_wrong", "key", s.label, "value", textOf(s.tokens[:s.used]), "example", r.example(s.key))
	case k.name == "since":
		c.To = time.Time{}
	case k.name == "until":
		if c.To.IsZero() {
			c.To = c.From // "until:3d"
		}
		c.From = time.Time{}
	}
	r.add(c, sign(s.not)+r.writeDates(s, k, span))
	return nil
}

// writeDates writes a stretch of time behind its key; a day needs none.
func (r *reader) writeDates(s *segment, k *key, span dates.Span) string {
	if k.by == crm.ByDay {
		return r.writeSpan(span)
	}
	return s.label + ":" + r.writeSpan(span)
}

func (r *reader) fieldDates(s *segment, f *field) *Problem {
	sense := dates.Past
	if f.Future {
		sense = dates.Ahead
	}
	span, found, p := r.span(s, crm.ByField, sense)
	if p == nil {
		r.add(crm.Condition{Key: crm.ByField, Field: f.Name, Not: s.not, From: found.From, To: found.To}, sign(s.not)+s.label+":"+r.writeSpan(span))
	}
	return p
}

// writeSpan writes a stretch of time as one value.
func (r *reader) writeSpan(span dates.Span) string {
	return strings.ReplaceAll(r.Book.calendar.Write(r.Lang, span), " ", "_")
}

// span reads the longest stretch of time that the tokens begin with.
func (r *reader) span(s *segment, k crm.FilterKey, sense dates.Sense) (dates.Span, dates.Range, *Problem) {
	tokens := s.tokens
	if len(tokens) > 0 && tokens[0].not {
		s.not = !s.not
	}
	mistake, wrong := dates.Mistake(0), ""
	for n := min(longestSpan, len(tokens)); n > 0; n-- {
		if tokens[n-1].kind == comma {
			continue
		}
		text := dateText(tokens[:n])
		span, found, m := r.when(text, k, sense)
		if m == 0 {
			s.used = n
			if n < len(tokens) && tokens[n].kind == comma && n+1 < len(tokens) {
				switch _, m := r.Book.calendar.Span(tokens[n+1].text); {
				case mistake != 0 && mistake != dates.NoSuchTime:
					return span, found, r.dateProblem(s, mistake, wrong)
				case m == 0:
					return span, found, r.problem("find.mixed", "key", s.label, "value", tokens[n+1].text)
				}
			}
			return span, found, nil
		}
		if m != dates.Unreadable && (mistake == 0 || mistake == dates.NoSuchTime) {
			mistake, wrong = m, text
		}
	}
	if len(tokens) == 0 || tokens[0].kind == comma && len(tokens) == 1 {
		return dates.Span{}, dates.Range{}, r.problem("find.no_value", "key", s.label, "example", r.example(s.key))
	}
	if wrong == "" {
		wrong = textOf(tokens[:min(3, len(tokens))])
	}
	return dates.Span{}, dates.Range{}, r.dateProblem(s, mistake, wrong)
}

// dateText joins tokens to a date; commas part nothing in it.
func dateText(tokens []token) string {
	var all []token
	for _, t := range tokens {
		if t.kind != comma && t.kind != colon {
			all = append(all, t)
		}
	}
	return textOf(all)
}

// when reads a stretch of time for a key.
func (r *reader) when(text string, k crm.FilterKey, sense dates.Sense) (dates.Span, dates.Range, dates.Mistake) {
	span, m := r.Book.calendar.Span(text)
	if m != 0 {
		return span, dates.Range{}, m
	}
	found, m := span.Range(r.Now, sense)
	if k == crm.ByDay && m == 0 && found.From.After(r.Now.Add(nearby)) {
		if earlier, m := span.Range(r.Now, dates.Past); m == 0 && earlier.From.Before(found.From) {
			return span, earlier, 0
		}
	}
	return span, found, m
}

func (r *reader) dateProblem(s *segment, m dates.Mistake, text string) *Problem {
	key := map[dates.Mistake]string{dates.NoSuchDay: "find.date_missing", dates.WrongWeekday: "find.date_weekday", dates.NoSuchTime: "find.time_wrong",
		dates.Backwards: "find.date_backwards"}[m]
	if key == "" {
		key = "find.date_wrong"
	}
	return r.problem(key, "key", s.label, "value", text, "example", r.example(s.key))
}

// age reads how long ago: “3d”, “2 недели”; a date will do as well.
func (r *reader) age(s *segment, k *key) *Problem {
	c := crm.Condition{Key: k.by}
	var from, to time.Time
	written := ""
	for n := min(longestSpan, len(s.tokens)); n > 0 && written == ""; n-- {
		text := dateText(s.tokens[:n])
		if age, ok := r.Book.calendar.Age(strings.ReplaceAll(text, "_", " ")); ok {
			from = age.Before(r.Now)
			to, s.used, written = from, n, r.Book.calendar.WriteAge(r.Lang, age)
		} else if span, found, m := r.when(text, k.by, dates.Past); m == 0 && !found.From.IsZero() && !found.To.IsZero() {
			from, to, s.used, written = found.To, found.From, n, r.writeSpan(span)
		}
	}
	switch {
	case len(s.tokens) == 0:
		return r.problem("find.no_value", "key", s.label, "example", r.example(s.key))
	case written == "":
		return r.problem("find.age_wrong", "key", s.label, "value", textOf(s.tokens[:min(2, len(s.tokens))]), "example", r.example(s.key))
	}
	if s.tokens[0].not {
		s.not = !s.not
	}
	c.Not = s.not
	if k.name == "newer" {
		c.From = from
	} else {
		c.To = to
	}
	r.add(c, sign(s.not)+s.label+":"+written)
	return nil
}

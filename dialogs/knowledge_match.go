package dialogs

import (
	"math"
	"slices"
	"time"

	"govorun/locales"
)

// How well a text must fit a question, of 1. What doesn't look like a question must fit better: it may be a wrong answer to the step.
const (
	fitsQuestion = 0.6
	fitsText     = 0.72
	ownLanguage  = 0.1  // by how much the language of the talk is preferred
	nearer       = 0.05 // by how much a question that says the same in full goes before others
	ownCity      = 0.02 // by how much the answer for a city is preferred to that for all
	firmly       = 0.6  // how alike the words must be of which at least one must fit
	leastAlike   = 0.45 // how many trigrams words share that are taken for the same
	endingAlike  = 0.92 // what words are worth that differ in their endings only
)

// Found is the answer to a question. ID is empty when there is none; Example then, when set, is how to ask with the city on which it depends.
type Found struct {
	ID, Lang string
	Answer   string
	Shut     string // instead, out of hours
	City     string // the one that the question is about, as far as known
	Example  string
}

// wanted is a question as it is compared.
type wanted struct {
	words  []string
	lang   string
	city   string
	asks   bool // it is a question for sure, or looks like one
	inText bool // the city stands in the text
}

// Say is the answer, or what is said instead while the business is closed.
func (f Found) Say(kit *Kit, now time.Time) string {
	if f.Shut != "" && !kit.Open(now, f.City) {
		return f.Shut
	}
	return f.Answer
}

// Find chooses the answer to a text that is a question for sure.
func (k *Kit) Find(known *Known, text, lang, city string) Found {
	return k.find(known, wanted{words: k.WordsAsked(text), lang: lang, city: city, asks: true})
}

// find chooses the answer among the questions that may mean the same. The city of the text goes before that of whoever asks.
func (k *Kit) find(known *Known, w wanted) Found {
	if known == nil || known.Base == nil {
		return Found{City: w.city}
	}
	among := known.Base.index.near(k.sought(w.words))
	city, spelt := known.Base.cityIn(w.words)
	if city != "" {
		w.city, w.inText, w.words = city, true, without(slices.Clone(w.words), spelt)
	}
	least := fitsText
	if w.asks {
		least = fitsQuestion
	}
	c := comparison{Knowledge: known.Base, words: w.words, alike: map[[2]string]float64{}, abouts: map[*KnownAnswer]float64{}}
	var best, anywhere *KnownQuestion
	bestFit, anywhereFit := 0.0, 0.0
	for _, i := range among {
		q := &known.Base.Questions[i]
		here := len(q.Cities) == 0 || slices.Contains(q.Cities, w.city)
		if !here && w.city != "" {
			continue
		}
		words := q.Words
		if w.inText && q.city == w.city {
			words = without(slices.Clone(words), q.spelt)
		}
		if !w.asks && len(c.words) == 1 && !slices.Contains(words, c.words[0]) {
			continue // “I want to work” is not “when do you work?”
		}
		fit := c.fit(words)
		if w.asks {
			fit = max(fit, c.about(q.KnownAnswer)+nearer*fit) // of two that are asked so shortly the nearer one
		}
		if fit < least {
			continue
		}
		if q.Lang == w.lang {
			fit += ownLanguage
		}
		if here && len(q.Cities) > 0 {
			fit += ownCity
		}
		switch {
		case here && fit > bestFit:
			best, bestFit = q, fit
		case !here && fit > anywhereFit:
			anywhere, anywhereFit = q, fit
		}
	}
	switch {
	case best != nil && bestFit >= anywhereFit:
		return Found{ID: best.ID, Lang: best.Lang, Answer: best.Answer, Shut: best.Shut, City: w.city}
	case anywhere != nil:
		return Found{Example: anywhere.Text + " " + k.CityIn(w.lang, anywhere.Cities[0])}
	}
	return Found{City: w.city}
}

// comparison compares the words of a text with many questions, each pair of words once.
type comparison struct {
	*Knowledge
	words  []string
	alike  map[[2]string]float64
	abouts map[*KnownAnswer]float64
}

func (c comparison) same(asked, known string) float64 {
	pair := [2]string{asked, known}
	like, done := c.alike[pair]
	if !done {
		like = sameWord(asked, known)
		c.alike[pair] = like
	}
	return like
}

// fit is how well the text fits the words of a question, of 1: how much of the question it says, and how much of it the question says.
func (c comparison) fit(question []string) float64 {
	firm, whole, all := false, 0.0, 0.0
	for _, word := range question {
		best := 0.0
		for _, asked := range c.words {
			best = max(best, c.same(asked, word))
		}
		weight := c.weight(word)
		firm = firm || best >= firmly && weight > askingWeight
		whole, all = whole+weight*best, all+weight
	}
	if !firm {
		return 0
	}
	said, of := 0.0, 0.0
	for _, asked := range c.words {
		best, by := 0.0, asked
		for _, word := range question {
			if like := c.same(asked, word); like > best {
				best, by = like, word
			}
		}
		weight := min(c.weight(asked), c.weight(by)) // a slip makes no word rarer
		said, of = said+weight*best, of+weight
	}
	return whole / all * (saysAll + (1-saysAll)*said/of)
}

// about is how well a short question fits an answer, of 1: “when payouts?” says little of any question in full, but nothing that the questions of
// this answer together don't say, and a word that is in few others.
func (c comparison) about(a *KnownAnswer) float64 {
	if fit, done := c.abouts[a]; done {
		return fit
	}
	said, of, telling := 0.0, 0.0, 0.0
	for _, asked := range c.words {
		best, by := 0.0, asked
		for _, word := range a.words {
			if like := c.same(asked, word); like > best {
				best, by = like, word
			}
		}
		weight := min(c.weight(asked), c.weight(by))
		if best >= firmly && weight > askingWeight {
			telling = max(telling, weight)
		}
		said, of = said+weight*best, of+weight
	}
	fit := 0.0
	if telling > 0 && said >= mostSaid*of {
		fit = said / of * (0.35 + 0.45*telling)
	}
	c.abouts[a] = fit
	return fit
}

// mostSaid is how much of a short question must be about the answer.
const mostSaid = 0.75

// saysAll is what a text is worth that says a whole question, among much else.
const saysAll = 0.55

// sameWord is how much alike two folded words are, of 1: the same, with another ending, or with slips of the keyboard; 0 for different ones.
func sameWord(a, b string) float64 {
	if a == b {
		return 1
	}
	if a == "" || b == "" || len(a) > 4*len(b) || len(b) > 4*len(a) {
		return 0
	}
	x, y := []rune(a), []rune(b)
	long, short := max(len(x), len(y)), min(len(x), len(y))
	if short < 4 {
		return 0
	}
	same := 0
	for same < short && x[same] == y[same] {
		same++
	}
	switch {
	case same >= 4 && 10*same >= 6*long:
		return endingAlike
	case same >= 5 && short-same <= 2 && long-same <= 8: // Kazakh endings stand in a row
		return 0.85
	}
	if most := slipsIn(long); most > 0 {
		if n := locales.Slips(a, b, most); n <= most {
			return 1 - float64(n)/float64(long)
		}
	}
	if like := sharedTrigrams(x, y); like >= leastAlike {
		return like
	}
	return 0
}

// slipsIn is how many slips are forgiven in a word.
func slipsIn(letters int) int {
	switch {
	case letters >= 9:
		return 3
	case letters >= 6:
		return 2
	}
	return 1
}

// sharedTrigrams is the part of their trigrams that two words share.
func sharedTrigrams(x, y []rune) float64 {
	a, b := trigramsOf(x), trigramsOf(y)
	shared := 0
	for _, t := range a {
		if slices.Contains(b, t) {
			shared++
		}
	}
	return float64(shared) / math.Max(1, float64(len(a)+len(b)-shared))
}

func trigramsOf(word []rune) [][3]rune {
	padded := append(append([]rune{' ', ' '}, word...), ' ')
	list := make([][3]rune, 0, len(word)+1)
	for i := 0; i+3 <= len(padded); i++ {
		if t := [3]rune(padded[i : i+3]); !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

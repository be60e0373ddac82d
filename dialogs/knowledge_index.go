package dialogs

import (
	"cmp"
	"slices"
	"strings"
)

// knowledgeIndex finds the questions that a text may mean among thousands, without comparing it with each: by words that are the same, that
// begin alike, that have the same consonants, or that share trigrams.
type knowledgeIndex struct {
	words  []KnownWord
	at     map[string]int   // of each word
	starts map[string][]int // by their first letters
	bones  map[string][]int // by their consonants
	parts  map[[3]rune][]int
	sizes  []int // how many trigrams each word has
}

const (
	startLetters = 4   // words that begin with so many letters alike may be forms of one
	shareLeast   = 0.3 // of their trigrams: those that share less are not compared
	nearWords    = 12  // how many words of the base one word of a text may mean
	nearSpread   = 1500
	nearest      = 40 // questions
)

func newKnowledgeIndex(words []KnownWord) *knowledgeIndex {
	x := &knowledgeIndex{words: words, at: make(map[string]int, len(words)), starts: map[string][]int{}, bones: map[string][]int{},
		parts: map[[3]rune][]int{}, sizes: make([]int, len(words))}
	for i, w := range words {
		x.at[w.Word] = i
		if start := startOf(w.Word); start != "" {
			x.starts[start] = append(x.starts[start], i)
		}
		x.bones[bonesOf(w.Word)] = append(x.bones[bonesOf(w.Word)], i)
		trigrams := trigramsOf([]rune(w.Word))
		x.sizes[i] = len(trigrams)
		for _, t := range trigrams {
			x.parts[t] = append(x.parts[t], i)
		}
	}
	return x
}

// nearWord is a word of the base that a word of a text may mean: worth is how much is gained when it does.
type nearWord struct {
	word, asked int
	worth       float64
}

// near gives the questions that may mean the same as folded words, as indexes, the likeliest first. A question is worth the sum of its words, each
// once for every word of the text. Words that stand in very many questions are left out when better ones were enough.
func (x *knowledgeIndex) near(asked []string) []int {
	var found []nearWord
	for n, word := range asked {
		found = append(found, x.alike(word, n)...)
	}
	slices.SortStableFunc(found, func(a, b nearWord) int { return cmp.Compare(b.worth, a.worth) })
	type said struct{ question, asked int }
	seen, worth, spread := map[said]bool{}, map[int]float64{}, 0
	for i, f := range found {
		in := x.words[f.word].In
		if spread += len(in); i > 0 && spread > nearSpread {
			break
		}
		for _, q := range in {
			if at := (said{q, f.asked}); !seen[at] { // the best word comes first
				seen[at] = true
				worth[q] += f.worth
			}
		}
	}
	questions := make([]int, 0, len(worth))
	for q := range worth {
		questions = append(questions, q)
	}
	slices.SortFunc(questions, func(a, b int) int { return cmp.Or(cmp.Compare(worth[b], worth[a]), a-b) })
	return questions[:min(len(questions), nearest)]
}

// alike gives the words of the base that a word may mean, the likeliest first.
func (x *knowledgeIndex) alike(word string, asked int) []nearWord {
	likely := map[int]bool{}
	if i, known := x.at[word]; known {
		likely[i] = true
	}
	for _, i := range slices.Concat(x.starts[startOf(word)], x.bones[bonesOf(word)]) {
		likely[i] = true
	}
	trigrams := trigramsOf([]rune(word))
	shared := map[int]int{}
	for _, t := range trigrams {
		for _, i := range x.parts[t] {
			shared[i]++
		}
	}
	for i, n := range shared {
		if float64(n) >= shareLeast*float64(len(trigrams)+x.sizes[i]-n) {
			likely[i] = true
		}
	}
	near := make([]nearWord, 0, len(likely))
	for i := range likely {
		if like := sameWord(word, x.words[i].Word); like > 0 {
			near = append(near, nearWord{i, asked, x.words[i].Weight * like})
		}
	}
	slices.SortFunc(near, func(a, b nearWord) int { return cmp.Or(cmp.Compare(b.worth, a.worth), a.word-b.word) })
	return near[:min(len(near), nearWords)]
}

// startOf gives the first letters of a word, none of a short one.
func startOf(word string) string {
	n := 0
	for at := range word {
		if n++; n > startLetters {
			return word[:at]
		}
	}
	if n < startLetters {
		return ""
	}
	return word
}

// bonesOf is what is left of a word without its vowels and double letters: most slips are in these, and short words share too few trigrams.
func bonesOf(word string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range word {
		if r != last && !strings.ContainsRune("аеиоуыэюяйaeiouy", r) {
			b.WriteRune(r)
			last = r
		}
	}
	if b.Len() == 0 {
		return word
	}
	return b.String()
}

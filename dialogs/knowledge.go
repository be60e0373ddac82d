package dialogs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
)

// Knowledge is what the business can answer at any time: the files knowledge/<language>/*.yaml of its kit. It never changes after Load.
type Knowledge struct {
	Version   string // a hash of all that follows
	Answers   []KnownAnswer
	Questions []KnownQuestion // of all answers, in their order
	weights   map[string]float64
	index     *knowledgeIndex
	cities    []citySpelling
}

// KnownAnswer is one answer in one language. Shut, when set, is said instead out of hours. Without Cities it holds in every city.
type KnownAnswer struct {
	ID, Lang     string
	Questions    []string
	Answer, Shut string
	Cities       []string
	words        []string // of all its questions
	at           place
}

// KnownQuestion is one way to ask for an answer. Words are its folded words, without those that say nothing.
type KnownQuestion struct {
	*KnownAnswer
	Text  string
	Words []string
	city  string   // that it names
	spelt []string // the words that do
}

// KnownWord is a word of questions: how much it says, from 0 to 1, and in which questions it stands, as indexes of Questions.
type KnownWord struct {
	Word   string
	Weight float64
	In     []int
}

// Known is what must be known besides the text to answer it.
type Known struct {
	Base *Knowledge
	// City is that of whoever asks, when the step doesn't know it.
	City string
	// Full means that this person has asked so much lately that nothing more is passed on.
	Full bool
}

// Words are all words of the questions, sorted.
func (k *Knowledge) Words() []KnownWord {
	in := map[string][]int{}
	for i, q := range k.Questions {
		for _, word := range q.Words {
			in[word] = append(in[word], i)
		}
	}
	words := make([]KnownWord, 0, len(in))
	for _, word := range sortedKeys(in) {
		words = append(words, KnownWord{Word: word, Weight: k.weight(word), In: in[word]})
	}
	return words
}

// NewKnowledge makes the base of a kit from answers, nil of none.
func (kit *Kit) NewKnowledge(answers []KnownAnswer) *Knowledge {
	if len(answers) == 0 {
		return nil
	}
	k := &Knowledge{Answers: answers, weights: map[string]float64{}, cities: spellCities(kit.means)}
	written, _ := json.Marshal(answers) // texts always can be written
	sum := sha256.Sum256(written)
	k.Version = hex.EncodeToString(sum[:])[:versionLength]
	said := map[string]map[string]bool{} // word → ids of answers
	for i := range k.Answers {
		a := &k.Answers[i]
		for _, text := range a.Questions {
			q := KnownQuestion{KnownAnswer: a, Text: text, Words: slices.DeleteFunc(knownWords(text), func(w string) bool { return kit.said.small[w] })}
			q.city, q.spelt = k.cityIn(q.Words)
			k.Questions = append(k.Questions, q)
			for _, word := range q.Words {
				if !slices.Contains(a.words, word) {
					a.words = append(a.words, word)
				}
				if said[word] == nil {
					said[word] = map[string]bool{}
				}
				said[word][a.ID] = true
			}
		}
	}
	for word, ids := range said {
		k.weights[word] = 1 / (1 + rareness*math.Log(float64(len(ids))))
	}
	for word := range kit.said.asking {
		k.weights[word] = askingWeight
	}
	k.index = newKnowledgeIndex(k.Words())
	return k
}

const (
	rareness     = 0.3 // how fast a word loses weight with the number of answers in which it stands
	askingWeight = 0.2 // of “when”, “how much”: they tell answers apart, but say little
)

// weight is how much a word says; one that no question has says as much as a rare one.
func (k *Knowledge) weight(word string) float64 {
	if w, known := k.weights[word]; known {
		return w
	}
	return 1
}

func without(words, small []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(small, w) })
}

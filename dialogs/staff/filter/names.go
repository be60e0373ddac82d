package filter

import (
	"slices"
	"strings"
)

// names are things that can be named: stages, cities, options. One name may mean several, and each has names in several languages.
type names struct {
	languages []string // of the kit, the default first: who speaks another one sees that
	index     map[string][]int
	ids       []string
	texts     []map[string]string // language → text
}

// add takes a thing with its texts and what else it is called.
func (n *names) add(id string, texts map[string]string, also ...string) {
	if n.index == nil {
		n.index = map[string][]int{}
	}
	i := len(n.ids)
	n.ids, n.texts = append(n.ids, id), append(n.texts, texts)
	n.call(i, id)
	for _, text := range texts {
		n.call(i, text)
	}
	for _, text := range also {
		n.call(i, text)
	}
}

func (n *names) call(i int, name string) {
	if key := fold(name); key != "" && !slices.Contains(n.index[key], i) {
		n.index[key] = append(n.index[key], i)
	}
}

// find returns everything that bears the name.
func (n *names) find(name string) []int { return n.index[fold(name)] }

// text is the name of a thing in a language, or in the first that has one; its id when it has no texts.
func (n *names) text(i int, lang string) string {
	for _, l := range append([]string{lang}, n.languages...) {
		if text := n.texts[i][l]; text != "" {
			return text
		}
	}
	return n.ids[i]
}

// write finds a name that means just these things, best in the language asked for; empty when there is none.
func (n *names) write(things []int, lang string) string {
	for _, i := range things {
		tries := []string{n.text(i, lang)}
		for _, l := range sortedKeys(n.texts[i]) {
			tries = append(tries, n.texts[i][l])
		}
		for _, try := range append(tries, n.ids[i]) {
			if slices.Equal(n.find(try), things) {
				return try
			}
		}
	}
	return ""
}

// begin returns the things with a name that begins so, when it is long enough to mean something.
func (n *names) begin(name string) []int {
	key := fold(name)
	if len(key) < 3 {
		return nil
	}
	var found []int
	for k, things := range n.index {
		if strings.HasPrefix(k, key) {
			found = append(found, things...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// near returns the things with a name that is a few slips away.
func (n *names) near(name string) []int {
	key := fold(name)
	var found []int
	for _, k := range nearest(key, sortedKeys(n.index), slips(len(key))) {
		found = append(found, n.index[k]...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// list names things in a language, each name once, at most so many.
func (n *names) list(things []int, lang string, most int) []string {
	var all []string
	for _, i := range things {
		if text := n.text(i, lang); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if len(all) > most {
		all = append(all[:most:most], "…")
	}
	return all
}

// all are the numbers of all things.
func (n *names) all() []int {
	all := make([]int, len(n.ids))
	for i := range all {
		all[i] = i
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

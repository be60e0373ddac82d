package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// reader is somebody with a phone, and all that they have read on it. What stands on both phones is looked at after each thing that one of the
// two did, when all of it was answered: which of two edits came too late to be seen does not count.
type reader struct {
	phone
	t     *testing.T
	other *reader
	stood map[string]string // by bubble
	seen  int               // toasts
	steps [][]string        // the paragraphs that each thing brought that one of the two did
}

// readers are two people who look at their phones at the same time.
func readers(t *testing.T, a, b phone) (*reader, *reader) {
	x, y := &reader{phone: a, t: t, stood: map[string]string{}}, &reader{phone: b, t: t, stood: map[string]string{}}
	x.other, y.other = y, x
	return x, y
}

func (r *reader) scan(payload string)  { r.does(func() { r.phone.scan(payload) }) }
func (r *reader) say(text string)      { r.does(func() { r.phone.say(text) }) }
func (r *reader) photos(n int)         { r.does(func() { r.phone.photos(n) }) }
func (r *reader) choose(option string) { r.does(func() { r.phone.choose(option) }) }

func (r *reader) does(do func()) {
	r.t.Helper()
	for _, who := range []*reader{r, r.other} {
		who.steps = append(who.steps, nil)
	}
	do()
	r.read()
	r.other.read()
}

// read notes what is new on the phone: a toast stands above what it brought, as it does where there are none.
func (r *reader) read() {
	toasts := r.toasts()
	for _, text := range toasts[r.seen:] {
		r.note(text)
	}
	r.seen = len(toasts)
	for _, b := range r.screen() {
		if plain := strings.Join(plainLines(b.text), "\n"); r.stood[b.id] != plain {
			r.stood[b.id] = plain
			r.note(b.text)
		}
	}
}

func (r *reader) note(text string) {
	step := &r.steps[len(r.steps)-1]
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if lines := plainLines(paragraph); len(lines) > 0 {
			*step = append(*step, strings.Join(lines, "\n"))
		}
	}
}

// lines are all that was read, in its order. Where what one presses changes in place, and is sent anew elsewhere, only the order of the steps is
// the same: then the paragraphs of each are sorted.
func (r *reader) lines(sorted bool) (all []string) {
	for _, step := range r.steps {
		if step = slices.Clone(step); sorted {
			slices.Sort(step)
		}
		all = append(all, strings.Split(strings.Join(append([]string{"*"}, step...), "\n"), "\n")...)
	}
	return all
}

// sees waits until a message with these words stands on the phone.
func (r *reader) sees(words string) {
	r.t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		if slices.ContainsFunc(r.screen(), func(b bubble) bool { return strings.Contains(b.text, words) }) {
			r.read()
			return
		}
	}
	r.t.Fatalf("nobody says %q; what was read:\n%s", words, strings.Join(r.lines(false), "\n"))
}

// moments are times, which no two runs share.
var moments = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T[0-9:.]+(Z|[+-][0-9:]+)?|\d{2}\.\d{2} \d{2}:\d{2}|\b\d{2}:\d{2}\b`)

// Lines that are there because a channel has buttons, or has none.
var (
	choosing = regexp.MustCompile(`^(\*|<b>)\d+(\*|</b>) |^Ответьте цифрой|^✓ |^Чтобы пропустить|^📄 \d|: https://`)
	numbered = regexp.MustCompile(`(?m)^(\*|<b>)\d+(\*|</b>) `)
	markup   = regexp.MustCompile(`</?[a-z][^>]*>|[*_~]`)
	escaped  = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// plainLines are the lines of a text without markup, times, and how one chooses.
func plainLines(text string) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if choosing.MatchString(line) {
			continue
		}
		line = strings.TrimSpace(escaped.Replace(markup.ReplaceAllString(line, "")))
		if line != "" && line != "Хорошо." { // that takes the phone's own keyboard away
			lines = append(lines, moments.ReplaceAllString(line, "TIME"))
		}
	}
	return lines
}

// numberOf finds the number of an option in the newest message that has it. Quote is that message when others with numbers stand below: then the
// number has to answer it.
func numberOf(t *testing.T, screen []bubble, option string) (number, quote string) {
	t.Helper()
	below := false
	line := regexp.MustCompile(`(?:\*|<b>)(\d+)(?:\*|</b>) ` + regexp.QuoteMeta(option))
	for _, b := range slices.Backward(screen) {
		if found := line.FindStringSubmatch(b.text); found != nil {
			if below {
				quote = b.id
			}
			return found[1], quote
		}
		below = below || numbered.MatchString(b.text)
	}
	t.Fatalf("nobody offers %q: %q", option, screen[max(0, len(screen)-3):])
	return "", ""
}

// compare shows two lists beside each other from where they part.
func compare(t *testing.T, what string, want, got []string) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		if i < len(want) && i < len(got) && want[i] == got[i] {
			continue
		}
		from := max(0, i-3)
		t.Errorf("what %s is not what it is by numbers, from line %d on. By numbers:\n  %s\nHere:\n  %s", what, i+1,
			strings.Join(want[min(from, len(want)):min(i+8, len(want))], "\n  "), strings.Join(got[min(from, len(got)):min(i+8, len(got))], "\n  "))
		return
	}
}

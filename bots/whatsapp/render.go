package whatsapp

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marks are WhatsApp's own of our few tags; <u> has none.
var marks = map[string]string{"b": "*", "i": "_", "s": "~", "code": "```"}

// tame replaces what WhatsApp would take for a mark. There is no way to escape one, so a look-alike stands in its place.
var tame = map[rune]rune{'*': '∗', '_': '＿', '~': '∼', '`': '\''}

// run is a piece of text of one style, without line ends.
type run struct {
	text string
	tags string // open tags by their marks, outermost first
	raw  bool   // a link: nothing in it may change
}

// render turns HTML of our few tags into WhatsApp's markup. Marks hold within a line, so each line gets its own. What people wrote
// can't format anything: their marks are replaced unless they stand inside a word or a link.
func render(text string) string {
	var out strings.Builder
	for i, line := range lines(text) {
		if i > 0 {
			out.WriteByte('\n')
		}
		renderLine(&out, line)
	}
	return out.String()
}

// unmarked is a text without any markup, for places in which WhatsApp knows none.
func unmarked(text string) string {
	var out strings.Builder
	for i, line := range lines(text) {
		if i > 0 {
			out.WriteByte('\n')
		}
		for _, r := range line {
			out.WriteString(r.text)
		}
	}
	return out.String()
}

// renderLine writes the runs of a line. A run that touches a letter or another style stays without marks: WhatsApp would show them.
func renderLine(out *strings.Builder, line []run) {
	line = apart(line)
	for i, r := range line {
		text := r.text
		if !r.raw {
			text = tamed(text, lastRune(line, i), firstRune(line, i))
		}
		open := r.tags
		if wordRune(lastRune(line, i)) || wordRune(firstRune(line, i)) || i > 0 && line[i-1].tags != "" || text == "" {
			open = ""
		}
		out.WriteString(open)
		out.WriteString(text)
		out.WriteString(closing(open))
	}
}

// apart takes space at the ends of styled runs out of them: a mark next to a space is none.
func apart(line []run) (out []run) {
	for _, r := range line {
		inner := strings.TrimSpace(r.text)
		if r.tags == "" || inner == r.text {
			out = append(out, r)
			continue
		}
		at := len(r.text) - len(strings.TrimLeftFunc(r.text, unicode.IsSpace))
		if inner == "" {
			at = len(r.text)
		}
		if at > 0 {
			out = append(out, run{text: r.text[:at]})
		}
		if inner != "" {
			out = append(out, run{text: inner, tags: r.tags, raw: r.raw})
		}
		if after := r.text[at+len(inner):]; after != "" {
			out = append(out, run{text: after})
		}
	}
	return out
}

// lastRune is what stands right before a run, firstRune what stands right after it; a space at the ends of the line.
func lastRune(line []run, i int) rune {
	if i == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRuneInString(line[i-1].text)
	return r
}

func firstRune(line []run, i int) rune {
	if i+1 == len(line) {
		return ' '
	}
	r, _ := utf8.DecodeRuneInString(line[i+1].text)
	return r
}

// closing are the closing marks of open ones, innermost first.
func closing(open string) string {
	parts := strings.Split(open, "")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, "")
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// tamed replaces the marks in a text, except inside words ("ivan_petrov", "2*3") and in links. before and after surround it.
func tamed(text string, before, after rune) string {
	if !strings.ContainsAny(text, "*_~`") {
		return text
	}
	runes := []rune(text)
	links := inLinks(runes)
	for i, r := range runes {
		other, mark := tame[r]
		if !mark || links[i] {
			continue
		}
		left, right := before, after
		if i > 0 {
			left = runes[i-1]
		}
		if i+1 < len(runes) {
			right = runes[i+1]
		}
		if r == '`' || !wordRune(left) || !wordRune(right) {
			runes[i] = other
		}
	}
	return string(runes)
}

// inLinks marks the letters of links, from "://" on. Marks around a link are none of it; but codes end with an underscore at times.
func inLinks(runes []rune) []bool {
	in := make([]bool, len(runes))
	for start := 0; start < len(runes); {
		end := start
		for end < len(runes) && !unicode.IsSpace(runes[end]) {
			end++
		}
		if before, _, is := strings.Cut(string(runes[start:end]), "://"); is {
			for i := start + utf8.RuneCountInString(before); i < end; i++ {
				in[i] = i < end-1 || runes[i] == '_'
			}
		}
		start = end + 1
	}
	return in
}

// lines takes a text of our few tags apart. A link becomes its text and its address.
func lines(text string) [][]run {
	r := reader{lines: [][]run{nil}}
	for text != "" {
		at := strings.IndexByte(text, '<')
		if at < 0 {
			at = len(text)
		}
		r.write(html.UnescapeString(text[:at]), false)
		text = text[at:]
		if text == "" {
			break
		}
		end := strings.IndexByte(text, '>')
		if end < 0 || !r.tag(text[1:max(end, 1)]) {
			r.write("<", false)
			text = text[1:]
			continue
		}
		text = text[end+1:]
	}
	return r.lines
}

type reader struct {
	lines [][]run
	open  []string // names of the tags that are open
	href  string
	label strings.Builder // of the link that is open
}

func (r *reader) write(text string, raw bool) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			r.lines = append(r.lines, nil)
		}
		if line != "" {
			last := &r.lines[len(r.lines)-1]
			*last = append(*last, run{text: line, tags: r.tags(), raw: raw})
		}
	}
	r.label.WriteString(text)
}

// tags are the marks of what is open, each once.
func (r *reader) tags() (all string) {
	for _, name := range r.open {
		if mark := marks[name]; mark != "" && !strings.Contains(all, mark) {
			all += mark
		}
	}
	if strings.Contains(all, marks["code"]) {
		return marks["code"] // nothing is formatted in it
	}
	return all
}

// tag opens or closes one; false when it is none of ours.
func (r *reader) tag(inside string) bool {
	name, attributes, _ := strings.Cut(inside, " ")
	closing := strings.HasPrefix(name, "/")
	name = strings.TrimPrefix(name, "/")
	switch name {
	case "b", "i", "u", "s", "code":
	case "a":
		r.link(closing, attributes)
	default:
		return false
	}
	if !closing {
		r.open = append(r.open, name)
		return true
	}
	for i := len(r.open) - 1; i >= 0; i-- {
		if r.open[i] == name {
			r.open = append(r.open[:i:i], r.open[i+1:]...)
			break
		}
	}
	return true
}

// link remembers where an opening <a> leads, and writes that behind the text of a closing one unless the text says it already.
func (r *reader) link(closing bool, attributes string) {
	if !closing {
		_, value, _ := strings.Cut(attributes, "href=")
		r.href = html.UnescapeString(strings.Trim(strings.TrimSpace(value), `"'`))
		r.label.Reset()
		return
	}
	label, address := strings.TrimSpace(r.label.String()), r.href
	r.href = ""
	for _, scheme := range []string{"tel:", "mailto:"} {
		address = strings.TrimPrefix(address, scheme)
	}
	if address == "" || strings.HasPrefix(address, "tg://") || label == address || strings.TrimSuffix(bare(address), "/") == strings.TrimSuffix(bare(label), "/") {
		return
	}
	open := r.open
	r.open = nil
	if label != "" {
		r.write(": ", false)
	}
	r.write(address, true)
	r.open = open
}

// bare is an address without its scheme.
func bare(address string) string {
	return strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
}

package locales

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// tag is a tag as channels show it, or a sign that begins one.
var tag = regexp.MustCompile(`<(/?)([a-z]*)([^<>]*)>?`)

// checkMarkup finds tags that channels refuse: the whole message would not be sent.
func (c *Catalog) checkMarkup(key string, e *entry) {
	if strings.HasSuffix(key, "_words") {
		return
	}
	for form, t := range e.variants() {
		if what := markup(t.source); what != "" {
			c.problem(e.formsAt[form], fmt.Sprintf("text %q: %s", key, what), `use only <b>, <i>, <u>, <s>, <code> and <a href="…">, closed in order; a plain "<" is &lt;`)
		}
	}
}

// markup says what is wrong with the tags of a text, empty when nothing is.
func markup(source string) string {
	var open []string
	for _, m := range tag.FindAllStringSubmatch(source, -1) {
		whole, closing, name, rest := m[0], m[1] == "/", m[2], m[3]
		known := slices.Contains([]string{"b", "i", "u", "s", "code", "a"}, name)
		switch {
		case !known || !strings.HasSuffix(whole, ">") || rest != "" && (closing || name != "a") || name == "a" && !closing && !strings.HasPrefix(rest, ` href="`):
			return fmt.Sprintf("%q is not a tag that can be shown", whole)
		case !closing:
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			return fmt.Sprintf("%q closes nothing", whole)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Sprintf("<%s> is not closed", open[len(open)-1])
	}
	return ""
}

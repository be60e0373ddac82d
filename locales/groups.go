package locales

import "strings"

// Groups reads a text of groups "a/b|c" as [[a b] [c]], folded as by Fold; empty groups stay, so that their places mean something.
func (c *Catalog) Groups(lang, key string) [][]string {
	text, _ := c.Text(lang, key, nil)
	var all [][]string
	for group := range strings.SplitSeq(text, "|") {
		var forms []string
		for form := range strings.SplitSeq(group, "/") {
			if form = Fold(form); form != "" {
				forms = append(forms, form)
			}
		}
		all = append(all, forms)
	}
	return all
}

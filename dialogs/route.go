package dialogs

import (
	"net/url"
	"slices"
	"strings"
)

// maxPlace is how many letters of an address a map is asked for; a link can't be of any length.
const maxPlace = 200

// RouteOf is the link that a button of a card opens: the place, an address as people write it or latitude and longitude, on the kit's map.
// Empty when there is no place. The error is a mistake in the kit.
func (k *Kit) RouteOf(place *Expr, scope Scope) (string, error) {
	t := k.card(scope)
	address := strings.Trim(strings.Join(strings.Fields(textOf(t.eval(place))), " "), ", ")
	if t.err != nil || address == "" {
		return "", t.err
	}
	if letters := []rune(address); len(letters) > maxPlace {
		address = string(letters[:maxPlace])
	}
	return strings.ReplaceAll(k.Map, mapPlace, url.QueryEscape(address)), nil
}

// Localized gives a text in another language of the kit when it is, letter for letter, one of the kit's texts, as titles of deals mostly are;
// any other text, and one that could mean two things, stays as it is.
func (k *Kit) Localized(text, lang string) string {
	keys := k.keysOf[text]
	if len(keys) == 0 {
		return text
	}
	var said []string
	for _, key := range keys {
		if there, ok := k.raw[lang][key]; ok && !slices.Contains(said, there.forms["other"]) {
			said = append(said, there.forms["other"])
		}
	}
	if len(said) != 1 || strings.Contains(said[0], "{{") {
		return text
	}
	return said[0]
}

// indexTexts notes under which keys each text stands, in whatever language.
func (k *Kit) indexTexts() {
	k.keysOf = map[string][]string{}
	if len(k.Languages) < 2 {
		return
	}
	for _, lang := range k.Languages {
		for key, text := range k.raw[lang] {
			if said := text.forms["other"]; said != "" && !strings.Contains(said, "{{") && !slices.Contains(k.keysOf[said], key) {
				k.keysOf[said] = append(k.keysOf[said], key)
			}
		}
	}
}

package dialogs

import (
	"path"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// rawText is one text of one language as the file has it: its place and its plural forms ("other" for a plain text).
type rawText struct {
	place
	forms map[string]string
}

// rawTexts are the kit's own texts by language and key.
type rawTexts map[string]map[string]rawText

// messageFields are the keys with which go-i18n marks a mapping as one message.
var messageFields = map[string]bool{
	"id": true, "description": true, "hash": true, "leftdelim": true, "rightdelim": true,
	"zero": true, "one": true, "two": true, "few": true, "many": true, "other": true,
}

// texts reads a locale file raw: keys, places and forms.
func (r *reader) texts(n *yaml.Node) {
	lang := strings.TrimSuffix(path.Base(r.file), ".yaml")
	r.draft.kit.raw[lang] = map[string]rawText{}
	r.textsUnder(n, lang, "")
}

func (r *reader) textsUnder(n *yaml.Node, lang, prefix string) {
	for key, v := range pairs(n) {
		name := prefix + key.Value
		switch {
		case v.Kind == yaml.ScalarNode:
			r.draft.kit.raw[lang][name] = rawText{r.at(key), map[string]string{"other": v.Value}}
		case isMessage(v):
			forms := map[string]string{}
			for form, text := range pairs(v) {
				forms[form.Value] = scalar(text)
			}
			r.draft.kit.raw[lang][name] = rawText{r.at(key), forms}
		default:
			r.textsUnder(v, lang, name+".")
		}
	}
}

// isMessage says whether a mapping is one message with plural forms, and no folder of messages.
func isMessage(n *yaml.Node) bool {
	found := false
	for key, v := range pairs(n) {
		if !messageFields[strings.ToLower(key.Value)] || v.Kind != yaml.ScalarNode {
			return false
		}
		found = true
	}
	return found
}

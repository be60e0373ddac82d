package dialogs

import (
	"regexp"
	"slices"
	"strings"
)

// typedCode is how a link's payload is written where links can only bring words: its prefix in capitals or not, a hyphen, the rest.
var typedCode = regexp.MustCompile(`^([A-Za-z]{1,16})-([A-Za-z0-9_-]{4,60})$`)

// TypedStart gives the payload of a deep link that a message begins with, as links of channels without start commands bring it: M-<code>
// for m_<code>. It is empty when the message begins with anything else, or no dialog has such links; also are prefixes that count as well.
func (k *Kit) TypedStart(text string, also ...string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	first, _, _ = strings.Cut(first, "\n")
	found := typedCode.FindStringSubmatch(first)
	if found == nil {
		return ""
	}
	prefix := strings.ToLower(found[1])
	payload := prefix + "_" + found[2]
	if def, _, _ := k.link(payload); def == nil && !slices.Contains(also, prefix) {
		return ""
	}
	return payload
}

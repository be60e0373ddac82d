package bots

import (
	"html"
	"regexp"
)

// tags are the few that crm.Outbound.Text may hold.
var tags = regexp.MustCompile(`</?(?:b|i|u|s|code|a)(?:\s[^<>]*)?>`)

// plain gives the text without markup, still escaped, so that it is right wherever HTML is expected.
func plain(text string) string {
	return html.EscapeString(html.UnescapeString(tags.ReplaceAllString(text, "")))
}

package passport

import (
	"net/url"
	"strings"
)

// TelegramLink returns the address that opens a bot and hands it the code on Start: https://t.me/<bot>?start=<prefix>_<code>.
// bot is the user name, with or without @; prefix is the link word of a dialog ("m").
func TelegramLink(bot, prefix, code string) string { return Link(bot, prefix+"_"+code) }

// Link returns the address that opens a bot and hands it a payload on Start: https://t.me/<bot>?start=<payload>.
func Link(bot, payload string) string {
	return "https://t.me/" + url.PathEscape(strings.TrimPrefix(bot, "@")) + "?start=" + url.QueryEscape(payload)
}

// WhatsAppLink returns the address that opens a chat with a number and a text ready to send: the link word of a dialog in capitals and the code,
// M-<code>. Everything but the digits of the number is dropped, as wa.me demands.
func WhatsAppLink(number, prefix, code string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	return "https://wa.me/" + digits + "?text=" + url.QueryEscape(strings.ToUpper(prefix)+"-"+code)
}

package main

import "testing"

func TestTheWebhookIsServedWhereTelegramPostsTo(t *testing.T) {
	for address, want := range map[string]string{
		"":                                "/telegram", // registered by somebody else
		"https://bot.example.org":         "/{$}",
		"https://bot.example.org/":        "/{$}",
		"https://bot.example.org/hook/tg": "/hook/tg",
	} {
		if got := (&system{webhook: address}).webhookPath(); got != want {
			t.Errorf("%q is served at %q, want %q", address, got, want)
		}
	}
}

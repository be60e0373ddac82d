package main

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func TestX30_ANewTokenOfTheSameBotGoesOnAndThatOfAnotherBotIsRefused(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)
	p.stop()
	w.exec(`INSERT INTO messages (conversation_id, direction, author, kind, status, content)
		SELECT conversation_id, 'out', 'bot', kind, 'queued', jsonb_set(content, '{text}', '"Это ждало"') FROM messages WHERE direction = 'out' ORDER BY id DESC LIMIT 1`)

	const revoked = "1000000001:another-token-that-must-never-be-seen"
	again := with(w.env, "GOVORUN_TELEGRAM_TOKEN="+revoked)
	if printed, code := runOnce(t, again, "token"); code != 1 || !strings.Contains(printed, "@BotFather") || strings.Contains(printed, "another-token") {
		t.Errorf("a token that Telegram refuses gave %d: %s", code, printed)
	}
	if printed, code := runOnce(t, w.env, "token"); code != 0 || !strings.Contains(printed, "@govorun_bot") {
		t.Errorf("a good token gave %d: %s", code, printed)
	}
	const foreign = "2000000002:another-bots-token-that-must-never-be-seen"
	other := simulator.New(simulator.Options{Token: foreign})
	server := httptest.NewServer(other)
	t.Cleanup(func() { other.Close(); server.CloseClientConnections(); server.Close() })
	mistaken := with(w.env, "GOVORUN_TELEGRAM_TOKEN="+foreign, "GOVORUN_TELEGRAM_API="+server.URL)
	for _, command := range []string{"token", "serve"} {
		printed, code := runOnce(t, mistaken, command)
		if code != 1 || !strings.Contains(printed, "1000000001") || strings.Contains(printed, "another-bots-token") {
			t.Errorf("%s with the token of another bot gave %d: %s", command, code, printed)
		}
	}
	w.serve().ready() // what waited goes on with a token of the same bot
	w.sees(anna, "Это ждало")
}

// with is an environment with other values.
func with(env []string, changed ...string) []string {
	env = slices.Clone(env)
	for _, one := range changed {
		name, _, _ := strings.Cut(one, "=")
		env = slices.DeleteFunc(env, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		env = append(env, one)
	}
	return env
}

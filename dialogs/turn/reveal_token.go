package turn

import (
	"regexp"
	"strings"
)

// botToken is a token of a Telegram bot, as @BotFather gives it: the id of the bot and 35 characters.
var botToken = regexp.MustCompile(`\b([0-9]{6,12}):[A-Za-z0-9_-]{30,50}\b`)

// withoutTokens keeps of a bot's token only whose it is: whoever posts one in a chat has shown it to too many already.
func withoutTokens(text string) string {
	if !strings.Contains(text, ":") {
		return text
	}
	return botToken.ReplaceAllString(text, "$1:···")
}

package telegram

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"github.com/go-telegram/bot/models"
)

var (
	tokenPattern  = regexp.MustCompile(`^[0-9]+:[!-~]+$`)
	secretPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// RequiredUpdates returns the kinds of updates that dialogs and the inbox need, in the words of Telegram's allowed_updates.
func RequiredUpdates() []string {
	return []string{
		models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateCallbackQuery,
		models.AllowedUpdateMyChatMember, models.AllowedUpdateMessageReaction,
	}
}

// missingUpdates returns the required kinds that allowed lacks.
func missingUpdates(allowed []string) []string {
	return slices.DeleteFunc(RequiredUpdates(), func(kind string) bool { return slices.Contains(allowed, kind) })
}

// check refuses a configuration that can't work. Its errors name the setting and never show a secret.
func check(config Config) error {
	if !tokenPattern.MatchString(config.Token) {
		return errors.New("the Telegram token does not look like 123456:ABC…: copy it again from @BotFather into GOVORUN_TELEGRAM_TOKEN")
	}
	if missing := missingUpdates(config.Allowed); len(missing) > 0 {
		return fmt.Errorf("allowed_updates lacks %q, which dialogs need: add it", missing[0])
	}
	if config.Webhook == nil {
		return nil
	}
	if config.Webhook.Secret == "" {
		return errors.New("webhook mode needs a secret, or anybody could post messages: set GOVORUN_TELEGRAM_SECRET to 16 or more random letters and digits")
	}
	if !secretPattern.MatchString(config.Webhook.Secret) {
		return errors.New("the webhook secret may hold only A-Z, a-z, 0-9, _ and -, at most 256 of them: change GOVORUN_TELEGRAM_SECRET")
	}
	if config.Webhook.URL == "" {
		return nil
	}
	address, err := url.Parse(config.Webhook.URL)
	if err != nil || address.Host == "" || (address.Scheme != "https" && address.Scheme != "http") {
		return fmt.Errorf("the webhook address %q is no https address", config.Webhook.URL)
	}
	return nil
}

package telegram

import (
	"context"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// Send sends one thing and returns Telegram's id of it: of the last message when it took several (a text too long for one, a caption
// too long for its photo), of the first part of an album. Every error is a *crm.SendError. If a part fails, a later Send with
// the same Outbound.ID goes on where this one stopped.
func (c *Channel) Send(ctx context.Context, out crm.Outbound) (string, error) {
	ref, err := c.send(ctx, out)
	if err != nil {
		sendErr := c.sendError(out.Kind, err)
		if sendErr.Policy == crm.Done {
			return out.TargetRef, sendErr
		}
		c.counts.failed.Add(1)
		return "", sendErr
	}
	c.counts.sent.Add(1)
	if c.config.Webhook != nil && c.State().Kind == BadCredentials { // a refusal that passed; who polls learns it by polling
		c.states.set(Listening, "")
	}
	return ref, nil
}

func (c *Channel) send(ctx context.Context, out crm.Outbound) (string, error) {
	to, err := envelopeOf(out)
	if err != nil {
		return "", err
	}
	switch out.Kind {
	case crm.OutMessage:
		return c.sendText(ctx, out, to)
	case crm.OutMedia, crm.OutAlbum:
		return c.sendFiles(ctx, out, to)
	case crm.OutEdit:
		return c.edit(ctx, out, to)
	case crm.OutReaction:
		return out.TargetRef, c.react(ctx, out, to)
	case crm.OutDelete:
		return out.TargetRef, c.remove(ctx, out, to)
	case crm.OutContact:
		return c.sendContact(ctx, out, to)
	case crm.OutLocation:
		return c.sendLocation(ctx, out, to)
	case crm.OutMenu:
		return "", c.setMenu(ctx, Menu{Scope: ScopeChat, Chat: out.Address.Chat, Items: out.Menu})
	}
	return "", bots.GiveUp("unknown_kind", "there is no way to send "+strconv.Quote(string(out.Kind)))
}

// addressed is what every message to a chat has, checked.
type addressed struct {
	chat   any // int64 or "@name"
	thread int
	reply  *models.ReplyParameters
	markup any
	target int // the message to edit, delete or react to
}

func envelopeOf(out crm.Outbound) (addressed, error) {
	to := addressed{}
	chat, ok := chatID(out.Address.Chat)
	if !ok {
		return to, bots.GiveUp("bad_address", strconv.Quote(out.Address.Chat)+" is no chat of Telegram")
	}
	to.chat = chat
	if out.Thread != "" {
		thread, err := strconv.Atoi(out.Thread)
		if err != nil {
			return to, bots.GiveUp("bad_address", strconv.Quote(out.Thread)+" is no topic of Telegram")
		}
		to.thread = thread
	}
	if reply, err := strconv.Atoi(out.ReplyTo); err == nil {
		// A question deleted meanwhile is no reason not to answer.
		to.reply = &models.ReplyParameters{MessageID: reply, AllowSendingWithoutReply: true}
	}
	to.target, _ = strconv.Atoi(out.TargetRef)
	markup, err := markupOf(out)
	to.markup = markup
	return to, err
}

// chatID is an address as the Bot API wants it: a number, or the @name of a public chat.
func chatID(address string) (any, bool) {
	if id, err := strconv.ParseInt(address, 10, 64); err == nil && id != 0 {
		return id, true
	}
	return address, strings.HasPrefix(address, "@")
}

// sendText sends a text as one message, or as several when it is too long; buttons stand under the last.
func (c *Channel) sendText(ctx context.Context, out crm.Outbound, to addressed) (string, error) {
	if strings.TrimSpace(out.Text) == "" {
		return "", bots.GiveUp("empty", "the text is empty")
	}
	parts := Split(out.Text, maxText)
	if len(parts) == 1 {
		return c.sendPart(ctx, out.Text, to)
	}
	return c.inSteps(ctx, out.ID, c.textSteps(parts, to))
}

func (c *Channel) textSteps(parts []string, to addressed) []step {
	steps := make([]step, len(parts))
	for i, part := range parts {
		one := to
		if i > 0 {
			one.reply = nil
		}
		if i < len(parts)-1 {
			one.markup = nil
		}
		steps[i] = func(ctx context.Context) (string, error) { return c.sendPart(ctx, part, one) }
	}
	return steps
}

// sendPart is the hot call: JSON by hand costs a fifth of the library's form.
func (c *Channel) sendPart(ctx context.Context, html string, to addressed) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	params := bot.SendMessageParams{
		ChatID: to.chat, MessageThreadID: to.thread, Text: html, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview(), ReplyParameters: to.reply, ReplyMarkup: to.markup,
	}
	var sent messageID
	if err := c.client.call(ctx, "sendMessage", &params, &sent); err != nil {
		return "", err
	}
	return number(sent.ID), nil
}

func noPreview() *models.LinkPreviewOptions {
	off := true
	return &models.LinkPreviewOptions{IsDisabled: &off}
}

// react puts an emoji on a message; an empty text takes it away.
func (c *Channel) react(ctx context.Context, out crm.Outbound, to addressed) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	params := bot.SetMessageReactionParams{ChatID: to.chat, MessageID: to.target}
	if out.Text != "" {
		emoji := &models.ReactionTypeEmoji{Type: models.ReactionTypeTypeEmoji, Emoji: out.Text}
		params.Reaction = []models.ReactionType{{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: emoji}}
	}
	_, err := c.bot.SetMessageReaction(ctx, &params)
	return err
}

func (c *Channel) remove(ctx context.Context, out crm.Outbound, to addressed) error {
	if to.target == 0 {
		return bots.Done("nothing to delete")
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: to.chat, MessageID: to.target})
	return err
}

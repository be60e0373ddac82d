package telegram

import (
	"context"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// edit replaces text and buttons of a message, or only the buttons when there is no text. Whether a message is a text or has a
// file with a caption is not known here unless the outbound says so: Telegram's refusal tells.
func (c *Channel) edit(ctx context.Context, out crm.Outbound, to addressed) (string, error) {
	if to.target == 0 {
		return "", &crm.SendError{Policy: crm.Resend, Reason: "no_target", Err: bots.Reason("there is no message to edit")}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, inline := to.markup.(*inlineKeyboard); !inline {
		to.markup = nil // another keyboard can't be set by an edit
	}
	if strings.TrimSpace(out.Text) == "" {
		params := bot.EditMessageReplyMarkupParams{ChatID: to.chat, MessageID: to.target, ReplyMarkup: to.markup}
		return out.TargetRef, c.client.call(ctx, "editMessageReplyMarkup", &params, nil)
	}
	if len(out.Media) > 0 {
		return out.TargetRef, c.editCaption(ctx, out, to)
	}
	err := c.editText(ctx, out, to)
	if refusal := refused(err); refusal != nil && refusal.says("there is no text in the message to edit") {
		err = c.editCaption(ctx, out, to)
	}
	return out.TargetRef, err
}

func (c *Channel) editText(ctx context.Context, out crm.Outbound, to addressed) error {
	if len(Split(out.Text, maxText)) > 1 {
		return tooLongToEdit()
	}
	return c.client.call(ctx, "editMessageText", &bot.EditMessageTextParams{
		ChatID: to.chat, MessageID: to.target, Text: out.Text, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview(), ReplyMarkup: to.markup,
	}, nil)
}

func (c *Channel) editCaption(ctx context.Context, out crm.Outbound, to addressed) error {
	if len(Split(out.Text, maxCaption)) > 1 {
		return tooLongToEdit()
	}
	return c.client.call(ctx, "editMessageCaption", &bot.EditMessageCaptionParams{
		ChatID: to.chat, MessageID: to.target, Caption: out.Text, ParseMode: models.ParseModeHTML, ReplyMarkup: to.markup,
	}, nil)
}

// tooLongToEdit: one message can't become two, but a new text can be sent in parts.
func tooLongToEdit() error {
	return &crm.SendError{Policy: crm.Resend, Reason: "too_long", Err: bots.Reason("the text does not fit into the message to edit")}
}

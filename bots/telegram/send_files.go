package telegram

import (
	"context"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// sendFiles sends one file or an album. A text that does not fit under it follows as a message of its own, and so does a text
// with buttons under an album, which can't have any.
func (c *Channel) sendFiles(ctx context.Context, out crm.Outbound, to addressed) (string, error) {
	if len(out.Media) == 0 {
		return "", bots.GiveUp("empty", "there is no file to send")
	}
	if len(out.Media) > maxAlbum {
		return "", bots.GiveUp("album", "an album has at most ten parts")
	}
	files := to
	caption, after := out.Text, ""
	if len(Split(caption, maxCaption)) > 1 || caption != "" && !captioned(out.Media[0].Kind) || len(out.Media) > 1 && to.markup != nil {
		caption, after = "", out.Text
	}
	var steps []step
	if strings.TrimSpace(after) != "" {
		files.markup = nil
	}
	if len(out.Media) > 1 && c.oneAlbum(out.Media) {
		steps = append(steps, func(ctx context.Context) (string, error) { return c.sendAlbum(ctx, out.Media, caption, files) })
	} else {
		steps = c.fileSteps(out.Media, caption, files)
	}
	if strings.TrimSpace(after) != "" {
		to.reply = nil
		steps = append(steps, c.textSteps(Split(after, maxText), to)...)
	}
	return c.inSteps(ctx, out.ID, steps)
}

// fileSteps sends files one by one: the caption is under the first, the buttons under the last.
func (c *Channel) fileSteps(files []crm.Upload, caption string, to addressed) []step {
	steps := make([]step, len(files))
	for i, file := range files {
		one, text := to, ""
		if i == 0 {
			text = caption
		} else {
			one.reply = nil
		}
		if i < len(files)-1 {
			one.markup = nil
		}
		steps[i] = func(ctx context.Context) (string, error) { return c.sendFile(ctx, file, text, one) }
	}
	return steps
}

// captioned tells whether text can stand under a file of this kind.
func captioned(kind crm.MediaKind) bool { return kind != crm.Sticker && kind != crm.VideoNote }

// sendFile sends one file. A photo that Telegram takes for no photo (too large, too long, an odd format) goes as a document.
func (c *Channel) sendFile(ctx context.Context, file crm.Upload, caption string, to addressed) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	ref, err := c.sendOpened(ctx, file, caption, to)
	refusal := refused(err)
	if file.Kind == crm.Photo && file.Ref == "" && refusal != nil &&
		(refusal.says("photo_invalid") || refusal.says("photo_ext_invalid") || refusal.says("photo_save_file_invalid") || refusal.says("image_process_failed")) {
		file.Kind = crm.Document
		return c.sendOpened(ctx, file, caption, to)
	}
	return ref, err
}

func (c *Channel) sendOpened(ctx context.Context, file crm.Upload, caption string, to addressed) (string, error) {
	opened, err := c.open(file)
	if err != nil {
		return "", err
	}
	defer opened.close()
	sent, err := c.sendAs(ctx, opened, caption, to)
	if err != nil {
		return "", err
	}
	return number(sent.ID), nil
}

func (c *Channel) sendAs(ctx context.Context, f *opened, caption string, to addressed) (*models.Message, error) {
	const html = models.ParseModeHTML
	chat, thread, reply, markup := to.chat, to.thread, to.reply, to.markup
	switch f.kind {
	case crm.Photo:
		return c.bot.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: chat, MessageThreadID: thread, Photo: f.input(), Caption: caption, ParseMode: html, ReplyParameters: reply, ReplyMarkup: markup})
	case crm.Video:
		return c.bot.SendVideo(ctx, &bot.SendVideoParams{ChatID: chat, MessageThreadID: thread, Video: f.input(), Caption: caption, ParseMode: html, ReplyParameters: reply, ReplyMarkup: markup})
	case crm.VideoNote:
		return c.bot.SendVideoNote(ctx, &bot.SendVideoNoteParams{ChatID: chat, MessageThreadID: thread, VideoNote: f.input(), ReplyParameters: reply, ReplyMarkup: markup})
	case crm.Voice:
		return c.bot.SendVoice(ctx, &bot.SendVoiceParams{ChatID: chat, MessageThreadID: thread, Voice: f.input(), Caption: caption, ParseMode: html, ReplyParameters: reply, ReplyMarkup: markup})
	case crm.Audio:
		return c.bot.SendAudio(ctx, &bot.SendAudioParams{ChatID: chat, MessageThreadID: thread, Audio: f.input(), Caption: caption, ParseMode: html, ReplyParameters: reply, ReplyMarkup: markup})
	case crm.Animation:
		return c.bot.SendAnimation(ctx, &bot.SendAnimationParams{ChatID: chat, MessageThreadID: thread, Animation: f.input(), Caption: caption, ParseMode: html, ReplyParameters: reply, ReplyMarkup: markup})
	case crm.Sticker:
		return c.bot.SendSticker(ctx, &bot.SendStickerParams{ChatID: chat, MessageThreadID: thread, Sticker: f.input(), ReplyParameters: reply, ReplyMarkup: markup})
	case crm.Document, "":
		return c.bot.SendDocument(ctx, &bot.SendDocumentParams{ChatID: chat, MessageThreadID: thread, Document: f.input(), Caption: caption, ParseMode: html, ReplyParameters: reply, ReplyMarkup: markup})
	}
	return nil, bots.GiveUp("unknown_kind", "there is no way to send a file of this kind")
}

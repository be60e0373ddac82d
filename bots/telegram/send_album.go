package telegram

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// oneAlbum tells whether files may go in one album: photos and videos together, documents and audio only among themselves. A photo
// too large for a photo is a document. Files that can't be opened fail when they are sent one by one.
func (c *Channel) oneAlbum(files []crm.Upload) bool {
	first := c.albumOf(files[0])
	for _, file := range files {
		if first == "" || c.albumOf(file) != first {
			return false
		}
	}
	return true
}

func (c *Channel) albumOf(file crm.Upload) crm.MediaKind {
	f, err := c.open(file)
	if err != nil {
		return ""
	}
	defer f.close()
	switch f.kind {
	case crm.Photo, crm.Video:
		return crm.Photo
	case crm.Document, crm.Audio:
		return f.kind
	}
	return ""
}

// sendAlbum sends two to ten files as one and returns the id of the first, under which the caption stands.
func (c *Channel) sendAlbum(ctx context.Context, files []crm.Upload, caption string, to addressed) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	media := make([]models.InputMedia, 0, len(files))
	total := int64(0)
	for i, file := range files {
		opened, err := c.open(file)
		if err != nil {
			return "", err
		}
		defer opened.close()
		if total += opened.size; total > maxUpload {
			return "", bots.GiveUp("too_large", "the files of an album are larger than 50 MB together")
		}
		text := ""
		if i == 0 {
			text = caption
		}
		media = append(media, opened.part(i, text))
	}
	sent, err := c.bot.SendMediaGroup(ctx, &bot.SendMediaGroupParams{ChatID: to.chat, MessageThreadID: to.thread, Media: media, ReplyParameters: to.reply})
	if err != nil {
		return "", err
	}
	if len(sent) == 0 || sent[0] == nil {
		return "", errors.New("send an album: the answer holds no message")
	}
	return number(sent[0].ID), nil
}

// part is a file as a part of an album. The caption is under the first.
func (f *opened) part(index int, caption string) models.InputMedia {
	ref, data := f.ref, io.Reader(nil)
	if f.reader != nil {
		ref, data = "attach://"+strconv.Itoa(index)+"_"+f.name, f.reader
	}
	switch f.kind {
	case crm.Video:
		return &models.InputMediaVideo{Media: ref, MediaAttachment: data, Caption: caption, ParseMode: models.ParseModeHTML}
	case crm.Audio:
		return &models.InputMediaAudio{Media: ref, MediaAttachment: data, Caption: caption, ParseMode: models.ParseModeHTML}
	case crm.Photo:
		return &models.InputMediaPhoto{Media: ref, MediaAttachment: data, Caption: caption, ParseMode: models.ParseModeHTML}
	}
	return &models.InputMediaDocument{Media: ref, MediaAttachment: data, Caption: caption, ParseMode: models.ParseModeHTML}
}

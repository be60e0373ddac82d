package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"go.mau.fi/whatsmeow"
	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"govorun/bots"
	"govorun/crm"
)

// Limits of files, in bytes. WhatsApp's own are larger for documents; ours bound what a program may be asked to carry.
const (
	maxPhotoUpload = 16 << 20  // a larger photo goes as a document
	maxUpload      = 100 << 20 // of anything
	inMemory       = 1 << 20   // what is larger is encrypted through a temporary file
)

// opened is a file ready to be sent.
type opened struct {
	kind crm.MediaKind
	name string
	mime string
	size int64
	io.ReadSeeker
	close func()
}

// open makes a file ready and refuses what WhatsApp would not take. What is no photo for WhatsApp becomes a document.
func (c *Channel) open(ctx context.Context, file crm.Upload) (*opened, error) {
	f := &opened{kind: file.Kind, name: file.Name, mime: file.MIME, close: func() {}}
	switch {
	case file.Hash != "":
		if err := c.openStored(f, file.Hash); err != nil {
			return nil, err
		}
	case len(file.Bytes) > 0:
		f.ReadSeeker = bytes.NewReader(file.Bytes)
	case file.Ref != "":
		if err := c.fetched(ctx, f, file); err != nil {
			return nil, err
		}
	default:
		return nil, bots.GiveUp("empty", "a file to send has neither hash, bytes nor ref")
	}
	err := f.measure()
	if err == nil && f.size > maxUpload {
		err = bots.GiveUp("too_large", fmt.Sprintf("the file has %d bytes, at most %d are sent", f.size, int64(maxUpload)))
	}
	if err == nil && f.kind == crm.Photo && f.size > maxPhotoUpload {
		f.kind = crm.Document
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (c *Channel) openStored(f *opened, hash string) error {
	if c.config.Files == nil {
		return bots.GiveUp("no_file", "no files are stored here")
	}
	stored, err := c.config.Files(hash)
	if errors.Is(err, crm.ErrNotFound) {
		return bots.GiveUp("no_file", "the stored file is gone")
	}
	if err != nil {
		return fmt.Errorf("open the stored file %s: %w", hash, err)
	}
	f.ReadSeeker, f.close = stored, func() { _ = stored.Close() }
	return nil
}

// fetched gets a file that came over this number, to send it on. Its keys are known to the sender only: it is uploaded anew.
func (c *Channel) fetched(ctx context.Context, f *opened, file crm.Upload) error {
	var data bytes.Buffer
	err := c.Fetch(ctx, crm.Media{Kind: file.Kind, Ref: file.Ref, MIME: file.MIME}, maxPhotoUpload, &data)
	switch {
	case errors.Is(err, bots.ErrTooLarge):
		return bots.GiveUp("too_large", "the file to send on is too large")
	case errors.Is(err, bots.ErrGone):
		return bots.GiveUp("bad_file", "WhatsApp no longer has the file to send on")
	case err != nil:
		return fmt.Errorf("fetch a file to send it on: %w", err)
	}
	f.ReadSeeker = bytes.NewReader(data.Bytes())
	return nil
}

// measure learns the size, and the kind of the content when nobody said it.
func (f *opened) measure() (err error) {
	if f.size, err = f.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("measure a file: %w", err)
	}
	if f.size == 0 {
		return bots.GiveUp("empty", "the file to send is empty")
	}
	head := make([]byte, 512)
	n, err := f.head(head)
	if err == nil && (f.mime == "" || f.kind == crm.Photo) {
		f.mime = http.DetectContentType(head[:n])
	}
	return err
}

// head reads the beginning of a file and goes back to it.
func (f *opened) head(into []byte) (n int, err error) {
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("read a file: %w", err)
	}
	n, err = io.ReadFull(f, into)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("read a file: %w", err)
	}
	_, err = f.Seek(0, io.SeekStart)
	return n, err
}

// upload gives a file to WhatsApp, encrypted.
func (f *opened) upload(ctx context.Context, cli *whatsmeow.Client, as whatsmeow.MediaType) (up whatsmeow.UploadResponse, err error) {
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return up, fmt.Errorf("read a file: %w", err)
	}
	if f.size > inMemory {
		up, err = cli.UploadReader(ctx, f.ReadSeeker, nil, as)
		return up, uploaded(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return up, fmt.Errorf("read a file: %w", err)
	}
	up, err = cli.Upload(ctx, data, as)
	return up, uploaded(err)
}

// media uploads a file and makes the message that shows it.
func (l *letter) media(ctx context.Context, file crm.Upload, caption string, quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	f, err := l.channel.open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer f.close()
	switch f.kind {
	case crm.Photo:
		if look, ok := l.channel.looked(f); ok {
			return l.photo(ctx, f, look, caption, quote)
		}
	case crm.Video, crm.VideoNote, crm.Animation:
		if f.mime == "video/mp4" || f.mime == "video/3gpp" {
			return l.video(ctx, f, caption, quote)
		}
	case crm.Voice, crm.Audio:
		return l.audio(ctx, f, quote)
	case crm.Sticker:
		if f.mime == "image/webp" {
			return l.sticker(ctx, f, quote)
		}
	}
	return l.document(ctx, f, caption, quote)
}

func (l *letter) photo(ctx context.Context, f *opened, look look, caption string, quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	up, err := f.upload(ctx, l.client, whatsmeow.MediaImage)
	if err != nil {
		return nil, err
	}
	return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256, FileSHA256: up.FileSHA256, FileLength: &up.FileLength,
		Mimetype: &f.mime, Caption: optional(caption), ContextInfo: quote,
		Width: proto.Uint32(uint32(look.width)), Height: proto.Uint32(uint32(look.height)), JPEGThumbnail: look.small,
	}}, nil
}

func (l *letter) video(ctx context.Context, f *opened, caption string, quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	up, err := f.upload(ctx, l.client, whatsmeow.MediaVideo)
	if err != nil {
		return nil, err
	}
	return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256, FileSHA256: up.FileSHA256, FileLength: &up.FileLength,
		Mimetype: &f.mime, Caption: optional(caption), ContextInfo: quote, GifPlayback: proto.Bool(f.kind == crm.Animation),
	}}, nil
}

// audio is a voice note when it is one: WhatsApp plays no other format as such.
func (l *letter) audio(ctx context.Context, f *opened, quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	length, isVoice := voiceLength(f)
	up, err := f.upload(ctx, l.client, whatsmeow.MediaAudio)
	if err != nil {
		return nil, err
	}
	sound := &waE2E.AudioMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256, FileSHA256: up.FileSHA256, FileLength: &up.FileLength,
		Mimetype: &f.mime, ContextInfo: quote,
	}
	if isVoice {
		sound.Mimetype, sound.Seconds, sound.PTT = proto.String("audio/ogg; codecs=opus"), proto.Uint32(length), proto.Bool(f.kind == crm.Voice)
	}
	return &waE2E.Message{AudioMessage: sound}, nil
}

func (l *letter) sticker(ctx context.Context, f *opened, quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	up, err := f.upload(ctx, l.client, whatsmeow.MediaImage)
	if err != nil {
		return nil, err
	}
	return &waE2E.Message{StickerMessage: &waE2E.StickerMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256, FileSHA256: up.FileSHA256, FileLength: &up.FileLength,
		Mimetype: &f.mime, ContextInfo: quote,
	}}, nil
}

// document wraps a file with a caption once more: phones show the caption only then.
func (l *letter) document(ctx context.Context, f *opened, caption string, quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	up, err := f.upload(ctx, l.client, whatsmeow.MediaDocument)
	if err != nil {
		return nil, err
	}
	name := documentName(f.name, f.mime)
	message := &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256, FileSHA256: up.FileSHA256, FileLength: &up.FileLength,
		Mimetype: &f.mime, FileName: &name, Title: &name, Caption: optional(caption), ContextInfo: quote,
	}}
	if caption == "" {
		return message, nil
	}
	return &waE2E.Message{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: message}}, nil
}

// optional is nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

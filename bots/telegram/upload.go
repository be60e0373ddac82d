package telegram

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"

	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// opened is a file ready to send: known to Telegram by ref, or read from reader.
type opened struct {
	kind   crm.MediaKind
	ref    string
	name   string
	size   int64
	reader *reading
	close  func()
}

// reading hides every other method of a reader: the library asks a pointer whether it is nil.
type reading struct{ io.Reader }

// open makes a file ready and refuses what Telegram would not take. A photo above 10 MB becomes a document.
func (c *Channel) open(file crm.Upload) (*opened, error) {
	f := &opened{kind: file.Kind, ref: file.Ref, name: uploadName(file), close: func() {}}
	switch {
	case file.Ref != "":
		return f, nil
	case file.Hash != "":
		if err := c.openStored(f, file.Hash); err != nil {
			return nil, err
		}
	case len(file.Bytes) > 0:
		f.reader, f.size = &reading{bytes.NewReader(file.Bytes)}, int64(len(file.Bytes))
	default:
		return nil, bots.GiveUp("empty", "a file to send has neither ref, hash nor bytes")
	}
	if f.size > maxUpload {
		f.close()
		return nil, bots.GiveUp("too_large", fmt.Sprintf("the file has %d bytes, Telegram takes %d", f.size, maxUpload))
	}
	if f.kind == crm.Photo && f.size > maxPhotoUpload {
		f.kind = crm.Document
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
		return unsent{fmt.Errorf("open the stored file %s: %w", hash, err)}
	}
	f.close = func() { _ = stored.Close() }
	if f.size, err = stored.Seek(0, io.SeekEnd); err == nil {
		_, err = stored.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.close()
		return unsent{fmt.Errorf("measure the stored file %s: %w", hash, err)}
	}
	f.reader = &reading{stored}
	return nil
}

func (f *opened) input() models.InputFile {
	if f.reader == nil {
		return &models.InputFileString{Data: f.ref}
	}
	return &models.InputFileUpload{Filename: f.name, Data: f.reader}
}

// uploadName is what the person sees; without a name Telegram shows the kind, and without an ending a photo is refused.
func uploadName(file crm.Upload) string {
	if name := bots.FileName(file.Name); name != "" {
		return name
	}
	if endings, err := mime.ExtensionsByType(file.MIME); err == nil && len(endings) > 0 && !strings.HasPrefix(file.MIME, "image/jpeg") {
		return "file" + endings[0]
	}
	if file.Kind == crm.Photo {
		return "photo.jpg"
	}
	return "file"
}

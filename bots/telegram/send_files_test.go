package telegram

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"govorun/crm"
)

func file(kind crm.MediaKind, size int) crm.Upload {
	return crm.Upload{Kind: kind, Bytes: bytes.Repeat([]byte("x"), size), Name: "a.jpg"}
}

func TestS19_LargePhotosGoAsDocumentsAndTooLargeFilesNotAtAll(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText("caption")
	out.Kind = crm.OutMedia
	for _, step := range []struct {
		size   int
		method string
	}{{100, "sendPhoto"}, {maxPhotoUpload + 1, "sendDocument"}} {
		out.Media = []crm.Upload{file(crm.Photo, step.size)}
		if _, err := c.Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		sent := s.seen(step.method)
		if len(sent) != 1 || sent[0].text("caption") != "caption" || sent[0].text("parse_mode") != "HTML" {
			t.Errorf("%d bytes: %s was not called", step.size, step.method)
		}
	}
	out.Media = []crm.Upload{file(crm.Document, maxUpload+1)}
	_, err := c.Send(t.Context(), out)
	if got := policyOf(t, err); got.Policy != crm.GiveUp || got.Reason != "too_large" {
		t.Error(err)
	}
}

func TestS14_ALongCaptionFollowsItsPhotoAsAText(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText(strings.Repeat("слово ", 300))
	out.Kind, out.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Photo, Ref: "AgAC"}}
	out.Buttons = [][]crm.Button{{{Text: "a", Data: "b"}}}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	photo, text := s.seen("sendPhoto"), s.seen("sendMessage")
	if len(photo) != 1 || photo[0].text("photo") != "AgAC" || photo[0].text("caption") != "" || photo[0].text("reply_markup") != "" {
		t.Errorf("photo: %v", photo)
	}
	if len(text) != 1 || text[0].text("reply_markup") == "" {
		t.Errorf("text: %v", text)
	}
}

// stored is a file of the store; like some it is no pointer.
type stored struct{ *bytes.Reader }

func (stored) Close() error { return nil }

func TestAStoredFileIsSentByItsHash(t *testing.T) {
	s, w := newServer(), &watch{}
	config := w.config(s)
	config.Files = func(hash string) (io.ReadSeekCloser, error) {
		if hash != "abc" {
			return nil, crm.ErrNotFound
		}
		return stored{bytes.NewReader([]byte("the bytes"))}, nil
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	out := outText("")
	out.Kind, out.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Document, Hash: "abc", Name: "../act\u202e.pdf"}}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if sent := s.seen("sendDocument")[0]; sent.files["document"] != "the bytes" || sent.text("document_name") != "act.pdf" {
		t.Errorf("sent %v %v", sent.files, sent.params)
	}
	out.Media[0].Hash = "gone"
	_, err = c.Send(t.Context(), out)
	if got := policyOf(t, err); got.Policy != crm.GiveUp || got.Reason != "no_file" {
		t.Error(err)
	}
}

func TestAnAlbumIsOneCallAndMixedFilesGoOneByOne(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText("caption")
	out.Kind, out.Media = crm.OutAlbum, []crm.Upload{file(crm.Photo, 10), {Kind: crm.Photo, Ref: "AgAC"}}
	if ref, err := c.Send(t.Context(), out); err != nil || ref != "77" {
		t.Fatalf("got %q %v", ref, err)
	}
	album := s.seen("sendMediaGroup")[0]
	if got := album.text("media"); got != `[{"type":"photo","media":"attach://0_a.jpg","caption":"caption","parse_mode":"HTML"},{"type":"photo","media":"AgAC","parse_mode":"HTML"}]` || album.files["0_a.jpg"] != "xxxxxxxxxx" {
		t.Errorf("sent %s %v", got, album.files)
	}
	out.Media = []crm.Upload{file(crm.Photo, maxPhotoUpload+1), file(crm.Photo, 10)}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if len(s.seen("sendMediaGroup")) != 1 || len(s.seen("sendDocument")) != 1 || len(s.seen("sendPhoto")) != 1 {
		t.Error("a large photo broke the album")
	}
}

func TestAPhotoThatTelegramRefusesGoesAsADocument(t *testing.T) {
	s := newServer()
	s.answer = func(c call) (int, string) {
		if c.method != "sendPhoto" {
			return 0, ""
		}
		return 400, `{"ok":false,"error_code":400,"description":"Bad Request: PHOTO_INVALID_DIMENSIONS"}`
	}
	c, _ := open(t, s)
	out := outText("x")
	out.Kind, out.Media = crm.OutMedia, []crm.Upload{file(crm.Photo, 10)}
	if _, err := c.Send(t.Context(), out); err != nil || s.seen("sendDocument")[0].files["document"] == "" {
		t.Error(err)
	}
}

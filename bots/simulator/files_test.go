package simulator_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestFilesAreSentFoundAndDownloaded(t *testing.T) {
	r := newRig(t)
	a := r.upload("sendDocument", map[string]string{"chat_id": itoa(r.ann.ID), "caption": "act"}, "document", "act.pdf", []byte("content"))
	m := decode[simulator.Message](t, a.Result)
	if m.Document == nil || m.Document.FileName != "act.pdf" || m.Caption != "act" {
		t.Fatalf("got %s", a.Result)
	}
	info := decode[map[string]any](t, r.ok("getFile", params{"file_id": m.Document.FileID}))
	path := r.url + "/file/bot" + token + "/" + info["file_path"].(string)
	get := func() (int, string) {
		res, err := http.Get(path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	if code, text := get(); code != 200 || text != "content" {
		t.Fatal(code, text)
	}
	r.clock.Add(61 * time.Minute)
	if code, _ := get(); code != 404 {
		t.Fatal("the link outlived its hour")
	}
	again := params{"chat_id": r.bob.ID, "document": m.Document.FileID}
	r.ok("sendDocument", again)
	r.refused(400, "can't use file of type Document as Photo", "sendPhoto", params{"chat_id": r.bob.ID, "photo": m.Document.FileID})
	r.refused(400, "wrong file identifier/HTTP URL specified", "sendPhoto", params{"chat_id": r.bob.ID, "photo": "nonsense"})
	r.refused(400, "failed to get HTTP URL content", "sendPhoto", params{"chat_id": r.bob.ID, "photo": "https://x.kz/a.jpg"})
	r.refused(400, "there is no photo in the request", "sendPhoto", params{"chat_id": r.bob.ID})
	r.refused(400, "wrong file_id", "getFile", params{"file_id": "nonsense"})
}

func TestX14_FilesAboveTwentyMegabytesAreNotGivenToBots(t *testing.T) {
	r := newRig(t)
	d := r.must(r.ann.Do(simulator.Action{Do: "document", Item: simulator.Item{Size: 34 << 20, FileName: "scan.pdf"}}))
	doc := d.Messages[0].Document
	if doc.FileSize != 34<<20 {
		t.Fatalf("got %+v", doc)
	}
	r.refused(400, "Bad Request: file is too big", "getFile", params{"file_id": doc.FileID})
	d = r.must(r.ann.Do(simulator.Action{Do: "document", Item: simulator.Item{Size: 1 << 20, FilePath: "../../etc/passwd"}}))
	info := decode[map[string]any](t, r.ok("getFile", params{"file_id": d.Messages[0].Document.FileID}))
	if info["file_path"] != "../../etc/passwd" {
		t.Fatal("X11: the hostile path is not told")
	}
}

func TestS19_LargeUploadsAreRefused(t *testing.T) {
	r := newRig(t)
	to := map[string]string{"chat_id": itoa(r.ann.ID)}
	big := append(picture(t, 10, 10), make([]byte, 10<<20)...)
	if a := r.upload("sendPhoto", to, "photo", "a.png", big); a.Code != 400 || !strings.Contains(a.Text, "too big for a photo") {
		t.Fatalf("got %+v", a)
	}
	if a := r.upload("sendDocument", to, "document", "a.png", big); !a.OK {
		t.Fatalf("got %+v", a)
	}
	if a := r.upload("sendDocument", to, "document", "a.bin", make([]byte, 50<<20+1)); a.Code != 413 || a.Text != "Request Entity Too Large" {
		t.Fatalf("got %+v", a)
	}
	if a := r.upload("sendPhoto", to, "photo", "a.png", []byte("no picture")); a.Code != 400 || !strings.Contains(a.Text, "IMAGE_PROCESS_FAILED") {
		t.Fatalf("got %+v", a)
	}
	if a := r.upload("sendPhoto", to, "photo", "a.png", picture(t, 2000, 10)); !strings.Contains(a.Text, "PHOTO_INVALID_DIMENSIONS") {
		t.Fatalf("got %+v", a)
	}
}

func TestAlbumsAreCheckedAndSentAsOneGroup(t *testing.T) {
	r := newRig(t)
	to := func(media string) map[string]string {
		return map[string]string{"chat_id": itoa(r.ann.ID), "media": media}
	}
	photo := picture(t, 40, 40)
	a := r.upload("sendMediaGroup", to(`[{"type":"photo","media":"attach://p","caption":"<b>two</b>","parse_mode":"HTML"},{"type":"photo","media":"attach://p"}]`),
		"p", "p.png", photo)
	list := decode[[]simulator.Message](t, a.Result)
	if len(list) != 2 || list[0].MediaGroupID == "" || list[0].MediaGroupID != list[1].MediaGroupID || list[0].Caption != "two" {
		t.Fatalf("got %s", a.Result)
	}
	for media, words := range map[string]string{
		`[{"type":"photo","media":"attach://p"}]`:                                           "wrong number of messages in the album",
		`[{"type":"photo","media":"attach://p"},{"type":"document","media":"attach://p"}]`:  "can't use the media of the specified type in the album",
		`[{"type":"photo","media":"attach://p"},{"type":"hologram","media":"attach://p"}]`:  `type "hologram" is unsupported`,
		`[{"type":"photo","media":"attach://p"},{"type":"photo","media":"attach://other"}]`: "there is no photo in the request",
		`{`: "can't parse media JSON object",
	} {
		if a := r.upload("sendMediaGroup", to(media), "p", "p.png", photo); a.Code != 400 || !strings.Contains(a.Text, words) {
			t.Errorf("%s: got %d %q", media, a.Code, a.Text)
		}
	}
	r.refused(400, "message caption is too long", "sendPhoto",
		params{"chat_id": r.ann.ID, "photo": list[0].Photo[0].FileID, "caption": strings.Repeat("я", 1025)})
}

func TestTheOldestFilesGoWhenThereAreTooMany(t *testing.T) {
	r := newRig(t, func(o *simulator.Options) { o.KeepFileBytes = 1000 })
	send := func() string {
		a := r.upload("sendDocument", map[string]string{"chat_id": itoa(r.ann.ID)}, "document", "a.bin", bytes.Repeat([]byte("x"), 600))
		return decode[simulator.Message](t, a.Result).Document.FileID
	}
	first, second := send(), send()
	r.refused(400, "wrong file_id or the file is temporarily unavailable", "getFile", params{"file_id": first})
	r.ok("getFile", params{"file_id": second})
}

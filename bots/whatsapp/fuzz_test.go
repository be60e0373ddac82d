package whatsapp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"govorun/bots"
	"govorun/crm"
)

func FuzzCardsOfContacts(f *testing.F) {
	for _, seed := range []string{"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Анна\r\nitem1.TEL;waid=77071234567:+7 707 123-45-67\r\nEND:VCARD", "TEL:tel:+7707", "tel;WAID=x:", "FN:\n TEL", "N;CHARSET=UTF-8:;;;;", "TEL;waid=" + strings.Repeat("7", 300) + ":1",
		":", ";:;:", "\x00\xff", "FN:a\r\n b\r\nFN:c", "TEL\u2028:1"} {
		f.Add(seed, "+77071234567")
	}
	f.Fuzz(func(t *testing.T, vcard, senders string) {
		card := cardOf(&waE2E.ContactMessage{Vcard: proto.String(vcard), DisplayName: proto.String("")}, senders)
		for _, text := range []string{card.Phone, card.Name} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\n\r\u2028") || utf8.RuneCountInString(text) > max(maxName, 64) {
				t.Fatalf("%q gives %+v", vcard, card)
			}
		}
		if card.Own && (senders == "" || digits(card.Phone) != digits(senders)) {
			t.Fatalf("%q of %q counts as their own", vcard, senders)
		}
	})
}

func FuzzErrorsOfTheServerTellNobodysNumber(f *testing.F) {
	for _, seed := range []string{"server returned error 463", "server returned error 77071234567@s.whatsapp.net 429", "", "no LID found for 77071234567", " ", "error 99999999999999999999", "\xff٧٧٠٧١٢٣"} {
		f.Add(seed)
	}
	long := regexp.MustCompile(`[0-9]{5,}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, err := range []error{errors.New(text), fmt.Errorf("%w: %s", whatsmeow.ErrServerReturnedError, text)} {
			if said := scrubbed(err); long.MatchString(said) {
				t.Fatalf("%q is told as %q", text, said)
			}
			if code := codeOf(err); code < 0 && !strings.Contains(text, "-") {
				t.Fatalf("%q has the code %d", text, code)
			}
		}
	})
}

// FuzzPicturesAndVoices gives anything as a photo and as a voice note: what is measured is bounded, and the file can be read from its beginning again.
func FuzzPicturesAndVoices(f *testing.F) {
	for _, seed := range [][]byte{picture(8, 6), claimed(50_000, 50_000), claimed(64, 64)[:60], voiceNote(5), []byte("OggS OpusHead"), nil, []byte("\xff\xd8\xff\xe0")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return // refused before anybody looks
		}
		for _, mime := range []string{"image/png", "image/jpeg"} {
			file := openedBytes(crm.Photo, data)
			file.mime = mime
			l, ok := lookAt(file)
			if ok && (l.width <= 0 || l.height <= 0 || l.width > maxPixels/l.height || len(l.small) > 64<<10) {
				t.Fatalf("%.40q looks like %d×%d with %d bytes", data, l.width, l.height, len(l.small))
			}
			if rest, err := io.ReadAll(file); err != nil || !bytes.Equal(rest, data) {
				t.Fatalf("after a look %d of %d bytes are left, %v", len(rest), len(data), err)
			}
		}
		if seconds, ok := voiceLength(openedBytes(crm.Voice, data)); ok && time.Duration(seconds)*time.Second > 24*time.Hour {
			t.Fatalf("a voice note of %d seconds", seconds)
		}
	})
}

func FuzzASealedFileIsTheOneThatWasSentOrNone(f *testing.F) {
	f.Add([]byte(strings.Repeat("a", 64)), []byte("key"), int64(100))
	f.Add([]byte{}, []byte{}, int64(0))
	f.Add(bytes.Repeat([]byte{16}, 200), []byte("\x00"), int64(1))
	f.Fuzz(func(t *testing.T, sealed, key []byte, limit int64) {
		var got bytes.Buffer
		err := openFile(bytes.NewReader(sealed), fileRef{Key: key, Sealed: key, Plain: key, Kind: "Image"}, limit, &got)
		if err == nil {
			t.Fatalf("%d bytes without a good hash are taken", len(sealed))
		}
		if int64(got.Len()) > max(0, limit) || !errors.Is(err, errDamaged) && !errors.Is(err, bots.ErrTooLarge) {
			t.Fatalf("%d bytes were written, at most %d may be: %v", got.Len(), limit, err)
		}
	})
}

package whatsapp

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"govorun/crm"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files")

// fromAnna is a message of Anna the driver, whose number WhatsApp vouches for.
func fromAnna(m *waE2E.Message) heard {
	return heard{id: "3AEBD", place: place{chat: "200111@lid", alias: "77071234567@s.whatsapp.net", phone: "+77071234567"}, name: "Анна\u202e\n",
		sentAt: time.Unix(1_800_000_000, 0).UTC(), message: unwrapped(m), votes: func() ([][]byte, error) { return [][]byte{bytes.Repeat([]byte{7}, 32), {1}}, nil }}
}

// The golden files beside the messages show what each becomes; "null" is a message that says nothing.
func TestW19_EveryKindOfMessageBecomesWhatTheGoldenFileShows(t *testing.T) {
	files, err := filepath.Glob("testdata/decode/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d messages in testdata: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden.json") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var m waE2E.Message
			if err := protojson.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			got := []byte("null\n")
			if in, says := decode("whatsapp", fromAnna(&m)); says {
				got, _ = json.MarshalIndent(in, "", " ")
				got = append(got, '\n')
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden.json"
			if *rewrite {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestW17_WhatTheCompanyTypesOnItsPhoneIsItsOwnAndItsReactionsAreNothing(t *testing.T) {
	h := fromAnna(&waE2E.Message{Conversation: proto.String("/stop ждите")})
	h.own = true
	in, says := decode("whatsapp", h)
	if !says || in.Kind != crm.InOwn || in.Text != "/stop ждите" || in.Command != "" || in.From.Name != "" || in.From.ID != "200111@lid" {
		t.Errorf("got %+v", in)
	}
	h.message = &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{Text: proto.String("👍")}}
	if in, says := decode("whatsapp", h); says {
		t.Errorf("a reaction of our own became %+v", in)
	}
}

func TestW12_DigitsOfALIDAreNeverAPhone(t *testing.T) {
	h := fromAnna(&waE2E.Message{ContactMessage: &waE2E.ContactMessage{Vcard: proto.String("TEL:200111")}})
	h.place = place{chat: "200111@lid"}
	in, _ := decode("whatsapp", h)
	if in.From.Phone != "" || in.Card.Own {
		t.Errorf("got %+v, card %+v", in.From, in.Card)
	}
}

func TestWhatWasUnreadableBeforeSaysSoAndAPlaceIsKeptUnderAKeyOfItsOwn(t *testing.T) {
	h := fromAnna(&waE2E.Message{Conversation: proto.String("да")})
	place := unread("whatsapp", h, noteUndecryptable)
	if place.Kind != crm.InUnread || place.Key != "u:3AEBD" || place.Text != "" || place.Address.Chat != "200111@lid" || place.From.Phone == "" || place.SentAt != h.sentAt {
		t.Errorf("the place is %+v", place)
	}
	h.again = true
	if in, _ := decode("whatsapp", h); in.Note != noteAgain || in.Key != "m:3AEBD" {
		t.Errorf("the message is %+v", in)
	}
}

func TestAVoteThatCanNotBeOpenedIsNoChoice(t *testing.T) {
	h := fromAnna(&waE2E.Message{PollUpdateMessage: &waE2E.PollUpdateMessage{}})
	h.votes = nil
	if in, says := decode("whatsapp", h); !says || in.Kind != crm.InOther || in.Press != nil {
		t.Errorf("got %+v", in)
	}
}

func FuzzNothingFromAPhoneBreaksTheDecoder(f *testing.F) {
	files, _ := filepath.Glob("testdata/decode/*.json")
	for _, file := range files {
		raw, _ := os.ReadFile(file)
		var m waE2E.Message
		if protojson.Unmarshal(raw, &m) == nil {
			b, _ := proto.Marshal(&m)
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m waE2E.Message
		if proto.Unmarshal(b, &m) != nil {
			return
		}
		in, says := decode("whatsapp", fromAnna(&m))
		if says && (in.Kind == "" || in.Key == "" || in.Address.Chat == "") {
			t.Fatalf("no frame: %+v", in)
		}
		for _, s := range []string{in.Text, in.Args, in.Album, in.ReplyTo, in.Edits, in.Note} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > 4*maxText {
				t.Fatalf("not fit to store: %q", s)
			}
		}
		if _, err := json.Marshal(in); err != nil {
			t.Fatal(err)
		}
	})
}

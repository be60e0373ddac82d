package telegram

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"govorun/crm"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files")

// decoder is a channel that knows its name and whose clock stands still.
func decoder(t testing.TB) *Channel {
	t.Helper()
	c, err := New(Config{Token: testToken, Transport: newServer(), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	c.me.Store(&Identity{ID: 123456, Username: "Govorun_Bot"})
	return c
}

// The golden files beside the updates show what each becomes; "null" is an update that is acknowledged and not stored.
func TestEveryKindOfUpdateBecomesWhatTheGoldenFileShows(t *testing.T) {
	c := decoder(t)
	files, err := filepath.Glob("testdata/updates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no updates in testdata: %v", err)
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
			d, err := c.decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			got := []byte("null\n")
			if d.store {
				got, _ = json.MarshalIndent(d.in, "", " ")
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

func decodeText(t *testing.T, body string) crm.Inbound {
	t.Helper()
	d, err := decoder(t).decode([]byte(`{"update_id":1,` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return d.in
}

func TestT14_WhatIsNoUpdateIsRefused(t *testing.T) {
	c := decoder(t)
	for _, body := range []string{"", " ", "null", "[]", `[{"update_id":1}]`, "17", `"x"`, "{}", `{"update_id":0}`, `{"update_id":"x"}`, `{"update_id":1`, "\x1f\x8b\x08", `{"update_id":1}x`} {
		if d, err := c.decode([]byte(body)); err == nil {
			t.Errorf("%q was taken for %+v", body, d)
		}
	}
}

func TestD26_NothingThatABotSaysIsRun(t *testing.T) {
	in := decodeText(t, `"message":{"message_id":1,"from":{"id":9,"is_bot":true},"chat":{"id":5,"type":"private"},"text":"/start x"}`)
	if in.Kind != crm.InIgnored || in.Command != "" || in.Start != "" {
		t.Errorf("got %+v", in)
	}
}

func TestD06_ACardIsOwnOnlyWhenTelegramVouchesForIt(t *testing.T) {
	for contact, own := range map[string]bool{
		`{"phone_number":"7","first_name":"A","user_id":5}`: true,
		`{"phone_number":"7","first_name":"A","user_id":6}`: false,
		`{"phone_number":"7","first_name":"A"}`:             false,
	} {
		in := decodeText(t, `"message":{"message_id":1,"from":{"id":5},"chat":{"id":5,"type":"private"},"contact":`+contact+`}`)
		if in.Card == nil || in.Card.Own != own {
			t.Errorf("%s: got %+v", contact, in.Card)
		}
	}
	in := decodeText(t, `"message":{"message_id":1,"chat":{"id":5,"type":"private"},"contact":{"phone_number":"7","first_name":"A"}}`)
	if in.Card.Own {
		t.Error("a card of nobody is own")
	}
}

func TestD16_WhileTheBotsNameIsUnknownACommandInAGroupIsTaken(t *testing.T) {
	c := decoder(t)
	c.me.Store(nil)
	d, err := c.decode([]byte(`{"update_id":1,"message":{"message_id":1,"from":{"id":5},"chat":{"id":-5,"type":"group"},"text":"/my@Some_Bot"}}`))
	if err != nil || d.in.Command != "my" {
		t.Errorf("got %+v %v", d.in, err)
	}
}

func TestD16_ForgedEntitiesDoNotMatter(t *testing.T) {
	in := decodeText(t, `"message":{"message_id":1,"chat":{"id":5,"type":"private"},"text":"hi","entities":[{"type":"bot_command","offset":50,"length":-6},7]}`)
	if in.Kind != crm.InText || in.Text != "hi" || in.Command != "" {
		t.Errorf("got %+v", in)
	}
}

func TestD14_APayloadTypedByHandIsKeptButShort(t *testing.T) {
	for args, want := range map[string]string{
		"m_7Q2-x":                "m_7Q2-x",
		"../../x'--":             "../../x'--",
		strings.Repeat("я", 200): strings.Repeat("я", 64),
		"😀":                      "😀",
		"":                       "",
	} {
		in := decodeText(t, `"message":{"message_id":1,"chat":{"id":5,"type":"private"},"text":"/start `+args+`"}`)
		if in.Command != "start" || in.Start != want {
			t.Errorf("%q: got %q", args, in.Start)
		}
	}
}

func TestLongTextIsCutBetweenLetters(t *testing.T) {
	in := decodeText(t, `"message":{"message_id":1,"chat":{"id":5,"type":"private"},"text":"a`+strings.Repeat("😀", 3000)+`"}`)
	if units := len(utf16.Encode([]rune(in.Text))); units != 4095 || !utf8.ValidString(in.Text) {
		t.Errorf("%d units", units)
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/updates/*.json")
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil {
			f.Add(raw)
		}
	}
	c := decoder(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := c.decode(raw)
		if err != nil || !d.store {
			return
		}
		in := d.in
		if in.Address.Chat == "" || in.Address.Chat == "0" || in.Key == "" || in.Kind == "" || in.SentAt.IsZero() {
			t.Errorf("incomplete: %+v", in)
		}
		if len(utf16.Encode([]rune(in.Text))) > 4096 || utf8.RuneCountInString(in.Start) > 64 {
			t.Error("too long")
		}
		if (in.Kind == crm.InPress) != (in.Press != nil && in.Press.Data != "") {
			t.Errorf("a press is %+v", in.Press)
		}
		stored, err := json.Marshal(in)
		if err != nil || strings.Contains(string(stored), `\u0000`) || !utf8.Valid(stored) {
			t.Errorf("can't be stored: %q %v", stored, err)
		}
	})
}

func TestD05_TwoEditsWithinASecondAreTwoAndARedeliveryIsOne(t *testing.T) {
	c := decoder(t)
	edit := func(text string) string {
		d, err := c.decode([]byte(`{"update_id":7,"edited_message":{"message_id":17,"date":1700000000,"edit_date":1700000100,"chat":{"id":1001,"type":"private"},` +
			`"from":{"id":1001,"first_name":"Ann"},"text":"` + text + `"}}`))
		if err != nil || d.in.Kind != crm.InEdit || !strings.HasPrefix(d.in.Key, "e:17:1700000100") {
			t.Fatalf("got %+v, %v", d.in, err)
		}
		return d.in.Key
	}
	if edit("214") == edit("215") {
		t.Error("two edits of one second have one key: the second would be lost")
	}
	if first, again := edit("214"), edit("214"); first != again {
		t.Error("a redelivery of an edit has a key of its own: it would be done twice")
	}
}

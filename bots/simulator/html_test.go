package simulator_test

import (
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func TestS10_BadMarkupIsRefusedInTelegramsWords(t *testing.T) {
	r := newRig(t)
	for text, words := range map[string]string{
		"<div>x</div>":           `Unsupported start tag "div" at byte offset 0`,
		"ok <b>x":                `Can't find end tag corresponding to start tag "b"`,
		"x</b>":                  "Unexpected end tag at byte offset 1",
		"<b><i>x</b></i>":        `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
		"1 < 2":                  `Unsupported start tag "" at byte offset 2`,
		"<b":                     "Unclosed start tag at byte offset 0",
		"<a href=\"x>y</a>":      "Unclosed start tag at byte offset 0",
		"<a href>y</a>":          "Expected equal sign in declaration of an attribute",
		"<span>y</span>":         `Tag "span" must have class "tg-spoiler"`,
		"<tg-emoji>x</tg-emoji>": "Invalid custom emoji identifier",
		"<b>x</b":                "Unclosed end tag at byte offset 4",
	} {
		r.refused(400, "Bad Request: can't parse entities: "+words, "sendMessage",
			params{"chat_id": r.ann.ID, "text": text, "parse_mode": "HTML"})
	}
}

func TestGoodMarkupBecomesEntitiesInUTF16Units(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ html, text, entities string }{
		{"<b>Шаг</b> 2", "Шаг 2", "bold 0 3"},
		{"😀<i>x</i>", "😀x", "italic 2 1"},
		{"a &lt;b&gt; &amp; &quot;c&quot; &#1078; &#x416; &nbsp; &", "a <b> & \"c\" ж Ж &nbsp; &", ""},
		{"<b><i>x</i>y</b>", "xy", "bold 0 2, italic 0 1"},
		{`<a href="https://kaspi.kz/?a=1&amp;b=2">pay</a>`, "pay", "text_link 0 3 https://kaspi.kz/?a=1&b=2"},
		{`<a href="tg://user?id=7">Ann</a>`, "Ann", "text_mention 0 3"},
		{`<a href="javascript:x">bad</a>`, "bad", ""},
		{"<pre><code class=\"language-go\">x</code></pre>", "x", "pre 0 1 go"},
		{"<blockquote expandable>x</blockquote><tg-spoiler>y</tg-spoiler>", "xy", "expandable_blockquote 0 1, spoiler 1 1"},
		{"<U>x</U><b></b>", "x", "underline 0 1"},
		{"call +7 (707) 123-45-67 or /help@govorun_bot, mail a@b.kz t.me/x #5512 #a", "call +7 (707) 123-45-67 or /help@govorun_bot, mail a@b.kz t.me/x #5512 #a",
			"phone_number 5 18, bot_command 27 17, email 51 6, url 58 6, hashtag 71 2"},
		{"<b>see https://t.me/x, ok</b> @ann_driver", "see https://t.me/x, ok @ann_driver", "bold 0 22, url 4 14, mention 23 11"},
		{"<code>/help</code>", "/help", "code 0 5"},
	} {
		m := r.send(params{"chat_id": r.ann.ID, "text": c.html, "parse_mode": "HTML"})
		if got := show(m.Entities); m.Text != c.text || got != c.entities {
			t.Errorf("%s\n got %q: %s\nwant %q: %s", c.html, m.Text, got, c.text, c.entities)
		}
	}
}

func show(list []simulator.Entity) string {
	var parts []string
	for _, e := range list {
		parts = append(parts, strings.TrimSpace(strings.Join([]string{e.Type, itoa(int64(e.Offset)), itoa(int64(e.Length)), e.URL + e.Language}, " ")))
	}
	return strings.Join(parts, ", ")
}

func FuzzMarkupNeverPanics(f *testing.F) {
	for _, seed := range []string{"<b>x</b>", "<a href='&#x41;'>", "&#", "</", "<span class=tg-spoiler>я</span>", "\xff<b>"} {
		f.Add(seed)
	}
	s := simulator.New(simulator.Options{Token: token})
	ann := s.MustUser(simulator.NewUser{FirstName: "Ann"})
	if _, err := ann.Start(""); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := direct(t, s, "sendMessage", params{"chat_id": ann.ID, "text": text, "parse_mode": "HTML"})
		if a.Code == 500 {
			t.Fatal(a.Text)
		}
		if a.OK {
			m := decode[simulator.Message](t, a.Result)
			for _, e := range m.Entities {
				if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > units(m.Text) {
					t.Fatalf("entity %+v leaves the text %q", e, m.Text)
				}
			}
		}
	})
}

package whatsapp

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHTMLBecomesTheMarkupOfWhatsApp(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"Принято", "Принято"},
		{"<b>Принято</b> &amp; записано", "*Принято* & записано"},
		{"<i>a</i>, <s>b</s>, <code>c</code>, <u>d</u>", "_a_, ~b~, ```c```, d"},
		{"<b><i>both</i></b>", "*_both_*"},
		{"<b>one\ntwo</b>", "*one*\n*two*"},
		{"<b> edges </b>.", " *edges* ."},
		{"<b>В</b>ася", "Вася"},
		{"№<b>5</b>", "№*5*"},
		{"<b>a </b><i>b</i>", "*a* _b_"},
		{"<b></b>x", "x"},
		{`<a href="https://x.y/?a=1&amp;b=2">Сайт</a>!`, "Сайт: https://x.y/?a=1&b=2!"},
		{`<a href="https://x.y/">https://x.y</a>`, "https://x.y"},
		{`<b><a href="https://x.y/_a_">Карта</a></b>`, "*Карта*: https://x.y/_a_"},
		{`<a href="tg://user?id=5">Ann</a>`, "Ann"},
		{`<a href="tel:+77070000001">+77070000001</a>`, "+77070000001"},
		{"1 < 2 <z> & <b", "1 < 2 <z> & <b"},
		{"<code>a_b *c*</code>", "```a_b ∗c∗```"},
	} {
		if got := render(c.html); got != c.want {
			t.Errorf("%q: got %q, want %q", c.html, got, c.want)
		}
	}
}

func TestWhatPeopleWriteFormatsNothing(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"*bold*", "∗bold∗"},
		{"<b>Ann *the* driver</b>", "*Ann ∗the∗ driver*"},
		{"ivan_petrov@mail.kz 2*3", "ivan_petrov@mail.kz 2*3"},
		{"_a_ ~b~ `c` ```d```", "＿a＿ ∼b∼ 'c' '''d'''"},
		{"see https://x.y/_z_ now", "see https://x.y/_z_ now"},
		{"*https://x.y/_z_a*", "∗https://x.y/_z_a∗"},
		{"__init__", "＿＿init＿＿"},
		{"<b>5</b>*", "*5*∗"},
	} {
		if got := render(c.html); got != c.want {
			t.Errorf("%q: got %q, want %q", c.html, got, c.want)
		}
	}
}

func TestNoMarkOfAPersonStandsWhereItCouldFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`[a-zа-я0-9*_~ .\n`+"`"+`]{0,30}`).Draw(t, "words")
		text := []rune(" " + render(htmlText(words)) + " ")
		for i, r := range text {
			if _, mark := tame[r]; mark && (!wordRune(text[i-1]) || !wordRune(text[i+1])) {
				t.Fatalf("%q: a mark stands in %q", words, string(text))
			}
		}
		styled := render("<b>" + htmlText(words) + "</b>")
		for _, line := range strings.Split(styled, "\n") {
			inner := strings.TrimSpace(line)
			if strings.Count(inner, "*")-strings.Count(strings.Trim(inner, "*"), "*") > 2 {
				t.Fatalf("%q: %q has marks too many", words, line)
			}
		}
	})
}

func TestAnUnmarkedTextHasNoMarks(t *testing.T) {
	if got := unmarked("<b>Как?</b>\n<i>2*3 &lt; 7</i>"); got != "Как?\n2*3 < 7" {
		t.Errorf("got %q", got)
	}
}

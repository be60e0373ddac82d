package dialogs

import "testing"

func TestQuestionsAreFoundByWordsTheirEndingsAndMistakes(t *testing.T) {
	kit := knowing(t)
	k := kit.NewKnowledge([]KnownAnswer{
		{ID: "payouts", Lang: "ru", Questions: []string{"Когда приходят выплаты?"}, Answer: "Сегодня."},
		{ID: "office", Lang: "ru", Questions: []string{"Где офис?"}, Answer: "На Абая."},
		{ID: "payouts", Lang: "kk", Questions: []string{"Төлем қашан келеді?"}, Answer: "Бүгін."},
	})
	for _, c := range []struct {
		words []string
		want  int // the first, -1 for none
	}{
		{[]string{"выплаты"}, 0}, {[]string{"выплат"}, 0}, {[]string{"виплати"}, 0}, {[]string{"выплптв", "прихолят"}, 0}, {[]string{"офиса"}, 1}, {[]string{"толемдеримиз"}, 2},
		{[]string{"выплаты", "офис", "офисе"}, 1}, {[]string{"бензин"}, -1}, {[]string{"%"}, -1}, {[]string{""}, -1}, {nil, -1},
	} {
		got := append(k.index.near(c.words), -1)
		if got[0] != c.want {
			t.Errorf("%q finds %v, want %d first", c.words, got, c.want)
		}
	}
}

func BenchmarkNear(b *testing.B) {
	var answers []KnownAnswer
	for i := range 5000 {
		word := string(rune('а'+i%32)) + string(rune('а'+i/32%32)) + "латёж" + string(rune('а'+i/1024%32))
		answers = append(answers, KnownAnswer{ID: word, Lang: "ru", Questions: []string{"как сделать " + word, "почему не прошёл " + word + " сегодня"}, Answer: "Так."})
	}
	k := new(Kit).NewKnowledge(answers)
	for b.Loop() {
		k.index.near([]string{"почему", "вчера", "платеж", "прошел"})
	}
}

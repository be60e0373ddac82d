package bench

import (
	"fmt"
	"strings"

	"govorun/dialogs"
)

// What questions of the measured base are about: every action with every thing, and most with a word of their own.
const (
	knownActions = "оформить получить вернуть заменить проверить оплатить отменить продлить закрыть открыть изменить восстановить настроить подключить отключить " +
		"перевести пополнить списать забрать отправить загрузить скачать удалить добавить найти посмотреть подтвердить запросить передать обновить"
	knownThings = "договор выплату аренду страховку документы лицензию карту телефон машину заявку справку комиссию баланс бонус штраф смену маршрут заказ отзыв рейтинг " +
		"фотографию селфи кабинет пароль номер счёт чек акт график отпуск аптечку терминал наклейку шашку кресло топливо мойку ремонт эвакуатор осмотр"
	knownSyllables = "ба ве го ду жа зе ки ло му на пе ри со ту фа хо ца чи шо ща"
)

// muchKnown makes n answers of three questions each.
func muchKnown(n int) []dialogs.KnownAnswer {
	actions, things := strings.Fields(knownActions), strings.Fields(knownThings)
	answers := make([]dialogs.KnownAnswer, n)
	for i := range answers {
		action, thing := actions[i%len(actions)], things[i/len(actions)%len(things)]
		about := rareWord(i)
		answers[i] = dialogs.KnownAnswer{ID: fmt.Sprintf("answer.%d", i), Lang: "ru", Answer: fmt.Sprintf("Ответ %d.", i), Questions: []string{
			fmt.Sprintf("Как %s %s %s?", action, thing, about),
			fmt.Sprintf("Где можно %s %s для %s", action, thing, about),
			fmt.Sprintf("Сколько стоит %s %s %s", action, thing, about),
		}}
	}
	return answers
}

// rareWord is a word that few answers share.
func rareWord(n int) string {
	syllables := strings.Fields(knownSyllables)
	var b strings.Builder
	for range 4 {
		b.WriteString(syllables[n%len(syllables)])
		n = n/len(syllables) + n*7
	}
	return b.String() + "ник"
}

// knowledgeCells are the ways in which people ask.
func knowledgeCells() []*knowledgeCell {
	return []*knowledgeCell{
		{name: "as it is written", known: true, ask: func(q string, _ int) string { return q }},
		{name: "a slip in every word", known: true, ask: slipped},
		{name: "in another order, with more words", known: true, ask: func(q string, _ int) string {
			words := strings.Fields(strings.TrimRight(q, "?"))
			for i, j := 0, len(words)-1; i < j; i, j = i+1, j-1 {
				words[i], words[j] = words[j], words[i]
			}
			return "Здравствуйте! Подскажите пожалуйста " + strings.Join(words, " ") + ", второй день жду"
		}},
		{name: "at the end of 4,000 letters", known: true, ask: func(q string, _ int) string { return strings.Repeat("ну вот опять. ", 280) + q + "?" }},
		{name: "of things that nobody knows", ask: func(_ string, n int) string {
			return fmt.Sprintf("почему %s гремит у соседа %d?", rareWord(n*31+500_000), n)
		}},
	}
}

// slipped swaps two letters of every long word.
func slipped(q string, n int) string {
	words := strings.Fields(q)
	for i, word := range words {
		letters := []rune(strings.TrimRight(word, "?"))
		if len(letters) < 6 {
			continue
		}
		at := 1 + (n+i)%(len(letters)-3)
		letters[at], letters[at+1] = letters[at+1], letters[at]
		words[i] = string(letters)
	}
	return strings.Join(words, " ") + "?"
}

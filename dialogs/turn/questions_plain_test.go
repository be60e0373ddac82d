package turn_test

import (
	"strings"
	"testing"
)

func TestAPlainTextAfterAQuestionWasOpenedIsSentAsItsAnswerOnceItsAuthorSaysSo(t *testing.T) {
	h := newKnowing(t)
	h.text(annAsks, "/register")
	h.text(annAsks, "Имя")
	h.text(annAsks, "Алматы")
	h.text(annAsks, "что делать если попал в аварию?")
	h.text(clerkHere, "Звоните 102")
	if strings.Contains(h.last(clerkHere).Text, "Отправить") {
		t.Error("a text is taken for an answer although no question was opened")
	}
	h.text(clerkHere, "/questions")
	h.press(clerkHere, strings.TrimSpace(h.last(clerkHere).Buttons[0][0].Text))
	h.text(clerkHere, "Звоните 102 & <ждите>")
	h.hearsLast(clerkHere, "Отправить это ответом на вопрос №")
	h.press(clerkHere, "Нет")
	h.is("answered after a No", h.count(`SELECT count(*)::int FROM questions WHERE status = 'answered'`), 0)
	h.text(clerkHere, "Звоните 102 & <ждите>")
	h.press(clerkHere, "Да")
	h.hearsLast(annAsks, "Вы спрашивали", "Звоните 102 &amp; &lt;ждите&gt;")
	h.is("answered after a Yes", h.count(`SELECT count(*)::int FROM questions WHERE status = 'answered'`), 1)
	h.text(clerkHere, "спасибо")
	if strings.Contains(h.last(clerkHere).Text, "Отправить") {
		t.Error("a question that was answered is offered again")
	}
}

func TestAPlainTextLongAfterAQuestionWasOpenedIsNoAnswer(t *testing.T) {
	h := newKnowing(t)
	h.text(annAsks, "/register")
	h.text(annAsks, "Имя")
	h.text(annAsks, "Алматы")
	h.text(annAsks, "что делать если попал в аварию?")
	h.text(clerkHere, "/questions")
	h.press(clerkHere, strings.TrimSpace(h.last(clerkHere).Buttons[0][0].Text))
	h.exec(`UPDATE messages SET created_at = created_at - interval '11 minutes'`)
	h.text(clerkHere, "Звоните 102")
	if strings.Contains(h.last(clerkHere).Text, "Отправить") {
		t.Error("it is offered after eleven minutes")
	}
	h.forged(clerkFar, "q:y:1:1", "1")
	h.forged(annAsks, "q:y:1:1", "1")
	h.forged(clerkHere, "q:y:1:x", "1")
	h.forged(clerkHere, "q:y:1:999999999999999999", "1")
	h.is("answered by forged presses", h.count(`SELECT count(*)::int FROM questions WHERE status = 'answered'`), 0)
}

package turn_test

import (
	"fmt"
	"testing"

	"govorun/crm"
)

func TestT20_AnEmployeeWhoHadNeverBegunGetsCardsAsSoonAsTheyWrite(t *testing.T) {
	h := newCrew(t)
	h.text(ivan, "/start")
	h.exec(`UPDATE conversations SET blocked = true WHERE chat = $1`, fmt.Sprint(ivan)) // as a refused first message leaves it
	h.text(1002, h.scan("215"))
	h.press(1002, "Не работает")
	if n := h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = $1 AND m.card IS NOT NULL`, fmt.Sprint(ivan)); n != 0 {
		t.Fatalf("%d cards for somebody who can't be written to", n)
	}
	h.accept(h.from(ivan, crm.Inbound{Kind: crm.InText, Text: "/my", Command: "my"}))
	if n := h.count(`SELECT count(*) FROM conversations WHERE chat = $1 AND NOT blocked`, fmt.Sprint(ivan)); n != 1 {
		t.Error("who writes still counts as blocked")
	}
}

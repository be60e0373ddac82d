package turn_test

import "testing"

func TestX19_ACardNumberInAWebFormIsMaskedWhereverItGoesAndNoFormWritesAToken(t *testing.T) {
	h := newIntake(t)
	h.accept(form("k1", map[string]string{"name": "Бер\u200bик", "phone": "87011112233", "city": "Астана", "topic": "support", "about": "Верните на 4242 4242 4242 4242"}))
	h.accept(form("k2", map[string]string{"name": "Азамат", "phone": "+77071234567", "city": "Астана", "topic": "support", "about": "‹sea\u200bled:x:k1:AAAA›"}))
	h.is("deals", h.count(`SELECT count(*) FROM deals`), 2)
	h.is("deals with the mask", h.count(`SELECT count(*) FROM deals WHERE title = 'Верните на •••• 4242'`), 1)
	for _, table := range []string{"messages", "deals", "events", "contacts", "form_leads"} {
		h.is(table+" with the number of a card, or a token", h.count(`SELECT count(*) FROM `+table+` r WHERE r::text LIKE '%4242 4242%' OR r::text LIKE '%‹sea%led:%'`), 0)
	}
}

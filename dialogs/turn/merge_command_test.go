package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/demo"
)

func (h *house) contactOf(channel string) int {
	return h.count(`SELECT max(contact_id) FROM conversations WHERE channel = $1 AND contact_id IS NOT NULL`, channel)
}

func TestAHeadMergesTwoContactsAfterSeeingThemAndPartsThemAgain(t *testing.T) {
	h := both(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.waText(azamat, "привет")
	a, b := h.contactOf("telegram"), h.contactOf("whatsapp")
	h.text(aigul, fmt.Sprintf("/merge %d %d", a, b))
	shown := h.last(aigul)
	for _, part := range []string{"Азамат", "+7•••", "whatsapp", "telegram", "открытых 1"} {
		if !strings.Contains(shown.Text, part) {
			t.Errorf("%q is not shown in %q", part, shown.Text)
		}
	}
	if strings.Contains(shown.Text, "7707") {
		t.Errorf("the whole phone is shown: %q", shown.Text)
	}
	h.press(aigul, "Нет")
	h.is("merges after a no", h.count(`SELECT count(*) FROM contact_merges`), 0)
	h.text(aigul, fmt.Sprintf("/merge %d +7707%07d", a, azamat))
	h.press(aigul, "Да, объединить")
	h.is("contacts of both chats", h.count(`SELECT count(DISTINCT contact_id) FROM conversations WHERE chat IN ($1, $2)`, fmt.Sprint(azamat), fmt.Sprintf("1000000%d@lid", azamat)), 1)
	h.is("lines of the audit", h.count(`SELECT count(*) FROM events WHERE kind = 'merged_by_hand' AND employee_id IS NOT NULL`), 1)
	h.text(aigul, fmt.Sprintf("/merge %d %d", a, b))
	h.says(aigul, "уже объединён")
	h.text(aigul, "/merge")
	h.says(aigul, "вручную")
	h.text(aigul, fmt.Sprintf("/unmerge %d", h.count(`SELECT max(id) FROM contact_merges`)))
	h.press(aigul, "Да, разъединить")
	h.is("contacts after they were parted", h.count(`SELECT count(DISTINCT contact_id) FROM conversations WHERE chat IN ($1, $2)`, fmt.Sprint(azamat), fmt.Sprintf("1000000%d@lid", azamat)), 2)
	h.waText(azamat, "это снова я")
	h.is("contacts that stay apart", h.count(`SELECT count(*) FROM contact_merges WHERE undone_at IS NULL`), 0)
}

func TestWrongWordsOfAMergeAreAnsweredAndOnlyHeadsMayMerge(t *testing.T) {
	h := crowd(t)
	h.text(azamat, "/start")
	id := h.contactOf("telegram")
	for typed, want := range map[string]string{"/merge 999999 1": "нет", "/merge абв": "нет", fmt.Sprintf("/merge %d", id): "/merge 5512 5530", fmt.Sprintf("/merge %d %d", id, id): "один и тот же",
		"/merge 1 2 3": "нет", "/unmerge": "номер объединения", "/unmerge абв": "номер объединения", "/unmerge 99": "нет"} {
		h.text(aigul, typed)
		if got := h.last(aigul).Text; !strings.Contains(got, want) {
			t.Errorf("%s is answered %q, want %q in it", typed, got, want)
		}
	}
	h.text(ivan, fmt.Sprintf("/merge %d %d", id, id))
	h.is("refusals", h.count(`SELECT count(*) FROM events WHERE kind = 'command_refused' AND data->>'command' = 'merge'`), 1)
}

func TestW12_WhoWritesFromAHiddenNumberIsTheirOlderContactOnceThePhoneShowsUp(t *testing.T) {
	h := both(t)
	h.exec(`WITH c AS (INSERT INTO contacts (name, phone) VALUES ('Азамат из списка', $1) RETURNING id, phone), o AS (
			INSERT INTO own_phones (phone, contact_id, looked_at) SELECT phone, id, now() FROM c),
		d AS (INSERT INTO deals (pipeline, stage, status, contact_id, fields) SELECT 'potential', 'new', 'open', id, '{"address": "Абая 1"}' FROM c)
		SELECT`, fmt.Sprintf("+7707%07d", azamat))
	in := h.wa(azamat, h.wa(azamat, inText("хочу автомат")))
	in.Alias, in.From.Phone = "", ""
	h.accept(in)
	h.exec(`INSERT INTO deals (pipeline, stage, status, contact_id, conversation_id, fields) SELECT 'potential', 'new', 'open', contact_id, id, '{"address": "Абая 1", "note": "x"}' FROM conversations WHERE channel = 'whatsapp'`)
	h.is("contacts as long as the phone is hidden", h.count(`SELECT count(*) FROM contacts WHERE merged_into IS NULL`), 2)
	h.waText(azamat, "мой номер виден")
	h.is("contacts", h.count(`SELECT count(*) FROM contacts WHERE merged_into IS NULL`), 1)
	h.is("open deals", h.count(`SELECT count(*) FROM deals WHERE status = 'open'`), 1)
	h.is("what the second one knew", h.count(`SELECT count(*) FROM deals WHERE status = 'open' AND fields->>'note' = 'x'`), 1)
	h.is("closed as repeats", h.count(`SELECT count(*) FROM deals WHERE status = 'lost' AND lost_reason = 'duplicate'`), 1)
	h.is("comments", h.count(`SELECT count(*) FROM events WHERE kind = 'comment' AND data->>'text' LIKE '%повтор%'`), 2)
	h.is("hidden numbers as phones", h.count(`SELECT count(*) FROM contacts WHERE phone LIKE '+1000000%'`), 0)
	merge := h.count(`SELECT max(id) FROM contact_merges`)
	if _, err := h.db.Unmerge(t.Context(), int64(merge)); err != nil {
		t.Fatal(err)
	}
	h.is("open deals after they were parted", h.count(`SELECT count(*) FROM deals WHERE status = 'open'`), 2)
	in = h.wa(azamat, inText("ещё раз"))
	in.From.Phone = "+" + strings.TrimSuffix(in.Address.Chat, "@lid")
	h.accept(in)
	h.is("hidden numbers refused", h.count(`SELECT count(*) FROM events WHERE kind = 'hidden_number_refused'`), 1)
}

func inText(text string) crm.Inbound { return crm.Inbound{Kind: crm.InText, Text: text} }

func TestW12_AddressesThatCanNotBeLinkedHoldUpNothingThatIsSaid(t *testing.T) {
	h := both(t)
	in := h.wa(azamat, inText("хочу автомат"))
	lid := in.Address.Chat
	in.Address.Chat, in.Alias, in.From = in.Alias, "", crm.Person{ID: in.Alias, Name: "Азамат"}
	h.accept(in)
	h.exec(`UPDATE contacts SET phone = $1 WHERE id = (SELECT contact_id FROM conversations WHERE channel = 'whatsapp')`, "+"+strings.TrimSuffix(lid, "@lid")) // as they may have typed it
	h.waText(azamat, "мой номер виден")
	h.is("talks in which it stands", h.count(`SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE k.channel = 'whatsapp' AND m.content->>'text' = 'мой номер виден'`), 1)
	h.is("addresses that are linked", h.count(`SELECT count(*) FROM chat_aliases`), 0)
}

package turn_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs/turn"
)

// linking is a house whose head has opened the bot, with the wishes to link numbers that were handed over.
func linking(t *testing.T) (*house, *[]turn.LinkWish) {
	t.Helper()
	wishes := &[]turn.LinkWish{}
	h := crowd(t)
	h.tune = func(c *turn.Config) { c.Link = func(w turn.LinkWish) { *wishes = append(*wishes, w) } }
	h.start()
	return h, wishes
}

func TestANumberIsLinkedFromAChatWithOneCodeInPlaceOfAnother(t *testing.T) {
	h, wishes := linking(t)
	h.text(aigul, "/pair")
	h.says(aigul, "Готовлю код")
	if len(*wishes) != 1 || (*wishes)[0].Phone != "" || (*wishes)[0].Replace {
		t.Fatalf("handed over: %+v", *wishes)
	}
	tell := (*wishes)[0].Tell
	tell(t.Context(), turn.LinkTold{Picture: []byte("png one"), Until: time.Now()})
	first := h.last(aigul)
	if first.Kind != crm.OutMedia || string(first.Media[0].Bytes) != "png one" || !strings.Contains(first.Text, "Связанные устройства") {
		t.Fatalf("the code is shown as %+v", first)
	}
	tell(t.Context(), turn.LinkTold{Picture: []byte("png two"), Until: time.Now()})
	tell(t.Context(), turn.LinkTold{Phone: "+77010000001"})
	h.says(aigul, "Номер +77010000001 привязан")
	gone := 0
	for _, out := range h.outs(aigul) {
		if out.Kind == crm.OutDelete {
			gone++
		}
	}
	if gone != 2 {
		t.Errorf("%d of two codes that are good no more were taken away", gone)
	}
}

func TestWhatStandsBehindPairIsReadAndWhoMayNotIsTurnedAway(t *testing.T) {
	h, wishes := linking(t)
	h.text(aigul, "/pair second +7(701)123-45-67 заменить")
	if len(*wishes) != 1 || (*wishes)[0].Name != "second" || (*wishes)[0].Phone != "+77011234567" || !(*wishes)[0].Replace {
		t.Fatalf("read as %+v", *wishes)
	}
	h.text(aigul, "/pair 8 701 123-45-67")
	if len(*wishes) != 2 || (*wishes)[1].Phone != "+77011234567" {
		t.Fatalf("as people of this country write it, it was read as %+v", *wishes)
	}
	h.text(aigul, "/pair 12345")
	h.says(aigul, "Не понял")
	(*wishes)[0].Tell(t.Context(), turn.LinkTold{Code: "ABCD-EFGH", Until: time.Now()})
	h.says(aigul, "ABCD-EFGH")
	(*wishes)[0].Tell(t.Context(), turn.LinkTold{Problem: "passkey"})
	h.says(aigul, "ключ доступа")
	h.text(aigul, "/pair <b>")
	h.says(aigul, "Не понял")
	h.text(ivan, "/pair")
	if len(*wishes) != 2 {
		t.Error("a technician links numbers")
	}
}

func TestW07_OnlyThoseWhoMayLinkHearHowANumberIsDoing(t *testing.T) {
	h, _ := linking(t)
	before := len(h.outs(ivan))
	for kind, want := range map[string]string{"logged_out": "отвязали на телефоне", "phone_unseen": "12 дней", "banned": "закрыл отправку", "outdated": "не принимает", "replaced": "другая копия", "offline": "связи с WhatsApp нет", "linked": "снова на связи"} {
		if err := h.runner.TellNumber(t.Context(), turn.NumberState{Channel: "whatsapp", Kind: kind, Until: time.Now()}); err != nil {
			t.Fatal(err)
		}
		h.says(aigul, want)
	}
	if err := h.runner.TellNumber(t.Context(), turn.NumberState{Channel: "whatsapp:second", Kind: "logged_out", Detail: "406"}); err != nil {
		t.Fatal(err)
	}
	h.says(aigul, "WhatsApp second: WhatsApp заблокировал номер")
	if len(h.outs(ivan)) != before {
		t.Error("a technician heard of it")
	}
}

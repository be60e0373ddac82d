package telegram

import (
	"testing"

	"govorun/crm"
)

func TestAContactCardAndAPlaceAreSentWithTheirTextBehindThem(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	card := outText("Ваш мастер")
	card.Kind, card.Contact = crm.OutContact, &crm.Card{Phone: "+77070000001", Name: " Bob\nthe fitter "}
	card.Buttons = [][]crm.Button{{{Text: "Да", Data: "x"}}}
	if _, err := c.Send(t.Context(), card); err != nil {
		t.Fatal(err)
	}
	sent := s.seen("sendContact")
	if len(sent) != 1 || sent[0].text("phone_number") != "+77070000001" || sent[0].text("first_name") != "Bob the fitter" || sent[0].text("reply_markup") != "" {
		t.Errorf("card: %+v", sent)
	}
	if text := s.seen("sendMessage"); len(text) != 1 || text[0].text("text") != "Ваш мастер" || text[0].text("reply_markup") == "" {
		t.Errorf("the text behind the card: %+v", text)
	}
	place := outText("")
	place.Kind, place.Location = crm.OutLocation, &crm.Location{Latitude: 43.25, Longitude: 76.5}
	if _, err := c.Send(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	named := place
	named.Location = &crm.Location{Latitude: 43.25, Longitude: 76.5, Title: "Автомат M-17"}
	if _, err := c.Send(t.Context(), named); err != nil {
		t.Fatal(err)
	}
	if got := s.seen("sendLocation"); len(got) != 1 || got[0].text("latitude") != "43.25" || got[0].text("longitude") != "76.5" {
		t.Errorf("place: %+v", got)
	}
	if got := s.seen("sendVenue"); len(got) != 1 || got[0].text("title") != "Автомат M-17" {
		t.Errorf("named place: %+v", got)
	}
	for _, empty := range []crm.Outbound{{Kind: crm.OutContact}, {Kind: crm.OutLocation}, {Kind: crm.OutContact, Contact: &crm.Card{}}} {
		empty.Address = card.Address
		_, err := c.Send(t.Context(), empty)
		if got := policyOf(t, err); got.Policy != crm.GiveUp || got.Reason != "empty" {
			t.Errorf("%s without content: %v", empty.Kind, err)
		}
	}
}

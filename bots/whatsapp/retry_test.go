package whatsapp

import (
	"errors"
	"testing"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func TestW14_AfterARestartAPhoneGetsOnceMoreWhatItCouldNotRead(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	r.config.Open = func(out crm.Outbound) (crm.Outbound, error) { return out, nil }
	_, text := r.send(crm.Outbound{Text: "<b>№ 300</b>"})
	_, photo := r.send(crm.Outbound{Kind: crm.OutMedia, Text: "plan", Media: []crm.Upload{{Kind: crm.Photo, Hash: "picture"}}})
	edit, _ := r.send(crm.Outbound{Kind: crm.OutEdit, TargetRef: text, Text: "№ 301"})
	album, _ := r.send(crm.Outbound{Kind: crm.OutAlbum, Media: []crm.Upload{{Kind: crm.Photo, Hash: "picture"}, {Kind: crm.Photo, Hash: "picture"}}})
	r.restart()
	salt, err := r.salt(t.Context())
	must(t, err)
	for name, id := range map[string]string{
		"text": text, "photo": photo, "edit": messageID(salt, edit.ID, 0), "second picture of an album": messageID(salt, album.ID, 1),
	} {
		must(t, r.ann.ForgetSession(shop))
		must(t, r.ann.AskRetry(shop, id))
		got, err := r.ann.WaitNth(t.Context(), id, 2)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch name {
		case "text":
			if got.Message.GetConversation() != "*№ 300*" {
				t.Errorf("text: %v", got.Message)
			}
		case "edit":
			if got.Message.GetEditedMessage() == nil {
				t.Errorf("edit: %v", got.Message)
			}
		default:
			if got.Message.GetImageMessage().GetURL() == "" {
				t.Errorf("%s: %v", name, got.Message)
			}
		}
	}
	b := r.bubble(func(b simulator.Bubble) bool { return b.ID == photo && b.Copies == 2 })
	if data, err := b.File.Data(); err != nil || len(data) == 0 {
		t.Errorf("the photo once more: %v", err)
	}
	r.nobodyElseGets(text)
}

// nobodyElseGets checks that what Ann got is given to nobody else, and not even to her when there is a reason.
func (r *sendRig) nobodyElseGets(id string) {
	r.t.Helper()
	again := r.forRetry(r.t.Context())
	bob := types.NewJID("200000000000002", types.HiddenUserServer)
	for name, ask := range map[string][2]types.JID{
		"a stranger in a chat of his own": {bob, bob}, "a stranger in the chat": {bob, annLID}, "Ann in another chat": {annLID, bob},
	} {
		if again(ask[0], ask[1], id) != nil {
			r.t.Errorf("%s gets the message", name)
		}
	}
	if again(annLID, annLID, "3EB0000000000000000000") != nil || again(annLID, annLID, "3A00") != nil {
		r.t.Error("a message that nobody sent is given out")
	}
	device := annLID
	device.Device = 3
	if again(device, annLID, id) == nil || again(shopLID, annLID, id) == nil {
		r.t.Error("a device of Ann or of the number itself gets nothing")
	}
	r.config.Open = func(crm.Outbound) (crm.Outbound, error) { return crm.Outbound{}, errors.New("the key is gone") }
	if again(annLID, annLID, id) != nil {
		r.t.Error("what can't be opened any more is given out")
	}
}

func TestAnEditThatWentOutAsANewMessageIsGivenOutAsSuch(t *testing.T) {
	t.Parallel()
	memory := &ledger{refs: map[string]crm.MessageID{}}
	channel := New(Config{Memory: memory})
	salt, err := channel.salt(t.Context())
	must(t, err)
	to := crm.Address{Channel: "whatsapp", Chat: annLID.String()}
	memory.write(crm.Outbound{ID: 1, Address: to, Kind: crm.OutMessage, Text: "before"}, messageID(salt, 2, 0)) // the id of what replaced it
	memory.write(crm.Outbound{ID: 2, Address: to, Kind: crm.OutEdit, Target: 1, Text: "after"}, "")
	row, part, err := channel.sentAs(t.Context(), salt, annLID, messageID(salt, 2, 0))
	if err != nil || part != 0 || row.Kind != crm.OutMessage || row.Text != "after" {
		t.Errorf("%+v %d %v", row, part, err)
	}
}

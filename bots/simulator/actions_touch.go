package simulator

import (
	"errors"
	"fmt"
	"time"
)

// own finds the person's own message.
func (x *actor) own() (*bubble, error) {
	b := x.c.find(x.MessageID)
	if b == nil {
		return nil, fmt.Errorf("there is no message %d", x.MessageID)
	}
	if b.out || b.msg.From == nil || b.msg.From.ID != x.p.ID {
		return nil, fmt.Errorf("message %d is somebody else's", x.MessageID)
	}
	return b, nil
}

func (x *actor) edit() error {
	b, err := x.own()
	if err != nil {
		return err
	}
	next := *b.msg
	switch {
	case x.Text == "":
		return errors.New("there is nothing to change it to")
	case next.Text != "":
		next.Text, next.Entities = x.Text, findEntities(x.Text)
	default:
		next.Caption, next.CaptionEntities = x.Text, findEntities(x.Text)
	}
	return x.edited(b, next)
}

// edited replaces the person's message and tells the bot.
func (x *actor) edited(b *bubble, next Message) error {
	b.past = append(b.past, Edit{Text: b.msg.Text, Caption: b.msg.Caption, Till: x.now()})
	next.EditDate = x.unix()
	b.msg = &next
	if next.Location == nil {
		x.c.say(">", "(edit) ", &next, nil)
	}
	x.done.MessageID = next.ID
	x.changed("edit", x.c.ID, func() any { return b.view() })
	if x.seenByBot(x.c, &next) {
		kind := "edited_message"
		if x.c.Type == "channel" {
			kind = "edited_channel_post"
		}
		x.emit(kind, x.c.ID, next, false)
	}
	return nil
}

// erase hides a message from everybody; Telegram doesn't tell bots.
func (x *actor) erase() error {
	b := x.c.find(x.MessageID)
	if b == nil {
		return fmt.Errorf("there is no message %d", x.MessageID)
	}
	b.deleted = true
	x.c.line("> (deleted) " + oneLine(b.msg))
	x.changed("delete", x.c.ID, func() any { return map[string]int64{"message_id": b.msg.ID} })
	return nil
}

func (x *actor) reaction() error {
	b := x.c.find(x.MessageID)
	if b == nil {
		return fmt.Errorf("there is no message %d", x.MessageID)
	}
	type reactionType struct {
		Type  string `json:"type"`
		Emoji string `json:"emoji"`
	}
	typed := func(list []string) []reactionType {
		types := []reactionType{}
		for _, e := range list {
			types = append(types, reactionType{"emoji", e})
		}
		return types
	}
	old := b.reactions[x.p.ID]
	var list []string
	if x.Emoji != "" {
		list = []string{x.Emoji}
		x.c.line("> (reaction " + x.Emoji + ")")
	}
	b.react(x.p.ID, list)
	x.changed("reaction", x.c.ID, func() any { return b.view() })
	x.emit("message_reaction", x.c.ID, map[string]any{
		"chat": x.c.Chat, "message_id": b.msg.ID, "user": x.p.User, "date": x.unix(),
		"old_reaction": typed(old), "new_reaction": typed(list),
	}, false)
	return nil
}

// press finds the button, then does what a client does with it.
func (x *actor) press() error {
	b, button := x.findButton()
	if button == nil {
		if x.MessageID == 0 && x.Button != "" && x.c.keyboard.find(x.Button) != nil {
			return x.keyboard()
		}
		if b == nil || x.Data == "" {
			return fmt.Errorf("there is no such button (%q, data %q, row %d, col %d)", x.Button, x.Data, x.Row, x.Col)
		}
		// A forged press: data that was never under this message.
		button = &InlineButton{Text: x.Button, CallbackData: x.Data}
	}
	x.done.MessageID = b.msg.ID
	switch {
	case button.URL != "":
		x.done.Opened = button.URL
	case button.WebApp != nil:
		x.done.Opened = button.WebApp.URL
	case button.CopyText != nil:
		x.done.Copied = button.CopyText.Text
	}
	if button.Text != "" {
		x.c.line("> " + x.nameInGroup() + "[" + button.Text + "]")
	}
	if button.CallbackData == "" {
		return nil
	}
	p := &Press{User: x.p.ID, Chat: x.c.ID, MessageID: b.msg.ID, Data: button.CallbackData, Text: button.Text, At: x.now()}
	x.presses.add(p)
	x.done.CallbackID = p.ID
	x.changed("press", x.c.ID, func() any { return *p })
	if x.c.private() && x.c.botStatus == statusKicked || !x.c.private() && !present(x.c.botStatus) {
		return errors.New("the bot can't be reached from this chat")
	}
	x.emit(callbackKind, x.c.ID, map[string]any{
		"id": p.ID, "from": x.p.User, "message": x.accessible(b), "chat_instance": fmt.Sprint(-7_000_000_000_000_000_000 + x.c.ID),
		"data": p.Data,
	}, false)
	return nil
}

func (x *actor) nameInGroup() string {
	if x.c.private() {
		return ""
	}
	return x.p.FirstName + ": "
}

// accessible gives the message of a press; of a deleted one only its address is left.
func (x *actor) accessible(b *bubble) any {
	if b.deleted {
		return map[string]any{"chat": b.msg.Chat, "message_id": b.msg.ID, "date": 0}
	}
	return b.msg
}

// findButton looks at one message or at all from the newest on; keyboards that edits took away count after those
// that are there.
func (x *actor) findButton() (*bubble, *InlineButton) {
	if x.MessageID != 0 {
		b := x.c.byID[x.MessageID]
		if b == nil {
			return nil, nil
		}
		return b, x.buttonOf(b, true)
	}
	for _, old := range []bool{false, true} {
		for i := len(x.c.bubbles) - 1; i >= 0; i-- {
			b := x.c.bubbles[i]
			if b.deleted && !old {
				continue
			}
			if button := x.buttonOf(b, old); button != nil {
				return b, button
			}
		}
	}
	return nil, nil
}

func (x *actor) buttonOf(b *bubble, old bool) *InlineButton {
	pick := func(k *InlineKeyboard) *InlineButton {
		if x.Row > 0 || x.Col > 0 {
			return k.at(max(1, x.Row)-1, max(1, x.Col)-1)
		}
		return k.find(x.Button, x.Data)
	}
	if button := pick(b.msg.ReplyMarkup); button != nil || !old {
		return button
	}
	for i := len(b.past) - 1; i >= 0; i-- {
		if button := pick(b.past[i].ReplyMarkup); button != nil {
			return button
		}
	}
	return nil
}

func (k *ReplyKeyboard) find(text string) *KeyboardButton {
	if k == nil {
		return nil
	}
	for r := range k.Rows {
		for i := range k.Rows[r] {
			if k.Rows[r][i].Text == text {
				return &k.Rows[r][i]
			}
		}
	}
	return nil
}

// keyboard presses a button of the open reply keyboard.
func (x *actor) keyboard() error {
	k := x.c.keyboard
	button := k.find(x.Button)
	if button == nil {
		return fmt.Errorf("the keyboard has no button %q", x.Button)
	}
	if k.OneTime {
		x.c.keyboard = nil
		x.changed("keyboard", x.c.ID, nil)
	}
	switch {
	case button.RequestContact:
		x.Own = true
		return x.contact()
	case button.RequestLocation:
		if x.Latitude == 0 && x.Longitude == 0 {
			x.Latitude, x.Longitude = 43.238949, 76.889709 // Almaty
		}
		return x.location()
	case button.WebApp != nil:
		x.done.Opened = button.WebApp.URL
		return nil
	}
	return x.write(Message{Text: button.Text}, false)
}

func (x *actor) block() error {
	if !x.c.private() {
		return errors.New("a bot is blocked in the private chat")
	}
	x.c.keyboard, x.c.typingTill = nil, time.Time{}
	x.c.line("= blocked the bot")
	x.moveBot(x.c, x.p.ID, statusKicked)
	return nil
}

func (x *actor) unblock() error {
	if !x.c.private() {
		return errors.New("a bot is unblocked in the private chat")
	}
	x.c.line("= unblocked the bot")
	x.moveBot(x.c, x.p.ID, statusMember)
	return nil
}

func (x *actor) deactivate() error {
	x.p.deactivated = true
	x.changed("user", x.p.ID, func() any { return x.p.view() })
	return nil
}

package simulator

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"
)

// deleteLife is how long a message of a private chat can be deleted by the bot.
const deleteLife = 48 * time.Hour

// editable finds the bot's own message that a method wants to change.
func (s *Server) editable(a args) (*chat, *bubble, *apiError) {
	if a.str("inline_message_id") != "" {
		return nil, nil, badRequest("message to edit not found")
	}
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, nil, refused
	}
	if a.num("message_id") <= 0 {
		return nil, nil, badRequest("message identifier is not specified")
	}
	b := c.find(a.num("message_id"))
	switch {
	case b == nil:
		return nil, nil, badRequest("message to edit not found")
	case !b.out || b.msg.isService():
		return nil, nil, badRequest("message can't be edited")
	}
	return c, b, nil
}

func (m *Message) isService() bool { return !reflect.ValueOf(m.Service).IsZero() }

// change applies an edit unless nothing would differ, and remembers what was there.
func (s *Server) change(c *chat, b *bubble, next Message) (any, *apiError) {
	old := b.msg
	if old.Text == next.Text && old.Caption == next.Caption && reflect.DeepEqual(old.Media, next.Media) &&
		sameEntities(old.Entities, next.Entities) && sameEntities(old.CaptionEntities, next.CaptionEntities) &&
		reflect.DeepEqual(old.ReplyMarkup, next.ReplyMarkup) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly " +
			"the same as a current content and reply markup of the message")
	}
	b.past = append(b.past, Edit{Text: old.Text, Caption: old.Caption, ReplyMarkup: old.ReplyMarkup, Till: s.now()})
	if len(b.past) > 50 {
		b.past = slices.Delete(b.past, 0, len(b.past)-50)
	}
	next.EditDate = s.unix()
	b.msg = &next
	c.say("<", "(edit) ", b.msg, nil)
	s.changed("edit", c.ID, func() any { return b.view() })
	return b.msg, nil
}

func sameEntities(a, b []Entity) bool {
	return slices.EqualFunc(a, b, func(x, y Entity) bool { return reflect.DeepEqual(x, y) })
}

// inlineMarkup reads the keyboard of an edit: only inline keyboards can be put under an old message.
func inlineMarkup(a args, c *chat) (*InlineKeyboard, *apiError) {
	m, refused := readMarkup(a, c)
	if refused == nil && (m.reply != nil || m.remove || m.forceReply) {
		refused = badRequest("message can't be edited")
	}
	return m.inline, refused
}

func editMessageText(s *Server, a args) (any, *apiError) {
	text, entities, refused := messageText(a)
	if refused != nil {
		return nil, refused
	}
	c, b, refused := s.editable(a)
	if refused != nil {
		return nil, refused
	}
	if b.msg.Text == "" {
		return nil, badRequest("there is no text in the message to edit")
	}
	next := *b.msg
	next.Text, next.Entities = text, entities
	if next.ReplyMarkup, refused = inlineMarkup(a, c); refused != nil {
		return nil, refused
	}
	return s.change(c, b, next)
}

func editMessageCaption(s *Server, a args) (any, *apiError) {
	text, entities, refused := caption(a)
	if refused != nil {
		return nil, refused
	}
	c, b, refused := s.editable(a)
	if refused != nil {
		return nil, refused
	}
	if reflect.ValueOf(b.msg.Media).IsZero() {
		return nil, badRequest("there is no caption in the message to edit")
	}
	next := *b.msg
	next.Caption, next.CaptionEntities = text, entities
	if next.ReplyMarkup, refused = inlineMarkup(a, c); refused != nil {
		return nil, refused
	}
	return s.change(c, b, next)
}

func editMessageMedia(s *Server, a args) (any, *apiError) {
	var in inputMedia
	if json.Unmarshal([]byte(a.str("media")), &in) != nil {
		return nil, badRequest("can't parse input media JSON object")
	}
	m, refused := s.content(a, in)
	if refused != nil {
		return nil, refused
	}
	c, b, refused := s.editable(a)
	if refused != nil {
		return nil, refused
	}
	if b.msg.MediaGroupID != "" && albumKind(in.Type) == "" {
		return nil, badRequest("can't use the media of the specified type in the album")
	}
	next := *b.msg
	next.Media, next.Caption, next.CaptionEntities = m.Media, m.Caption, m.CaptionEntities
	next.Text, next.Entities = "", nil
	if next.ReplyMarkup, refused = inlineMarkup(a, c); refused != nil {
		return nil, refused
	}
	return s.change(c, b, next)
}

func editMessageReplyMarkup(s *Server, a args) (any, *apiError) {
	c, b, refused := s.editable(a)
	if refused != nil {
		return nil, refused
	}
	next := *b.msg
	if next.ReplyMarkup, refused = inlineMarkup(a, c); refused != nil {
		return nil, refused
	}
	return s.change(c, b, next)
}

// deletable tells why the bot may not delete a message, or nil.
func (s *Server) deletable(c *chat, b *bubble) *apiError {
	old := s.now().Sub(time.Unix(b.msg.Date, 0)) > deleteLife
	switch {
	case c.private() && old:
		return badRequest("message can't be deleted for everyone")
	case !c.private() && c.botStatus != statusAdministrator && (old || !b.out):
		return badRequest("message can't be deleted")
	}
	return nil
}

func (s *Server) remove(c *chat, b *bubble) {
	b.deleted = true
	c.line("< (deleted) " + oneLine(b.msg))
	s.changed("delete", c.ID, func() any { return map[string]int64{"message_id": b.msg.ID} })
}

func deleteMessage(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	b := c.find(a.num("message_id"))
	if b == nil {
		return nil, badRequest("message to delete not found")
	}
	if refused := s.deletable(c, b); refused != nil {
		return nil, refused
	}
	s.remove(c, b)
	return true, nil
}

func deleteMessages(s *Server, a args) (any, *apiError) {
	var ids []int64
	found, refused := a.decode("message_ids", "message_ids", &ids)
	switch {
	case refused != nil:
		return nil, refused
	case !found || len(ids) == 0:
		return nil, badRequest("message identifiers are not specified")
	case len(ids) > 100:
		return nil, badRequest("too many message identifiers specified")
	}
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	for _, id := range ids {
		if b := c.find(id); b != nil && s.deletable(c, b) == nil {
			s.remove(c, b)
		}
	}
	return true, nil
}

package simulator

// source finds the message a forward or copy takes.
func (s *Server) source(a args, verb string) (*Message, *apiError) {
	from, refused := s.readable(a.str("from_chat_id"))
	if refused != nil {
		return nil, refused
	}
	b := from.find(a.num("message_id"))
	switch {
	case b == nil:
		return nil, badRequest("message to %s not found", verb)
	case b.msg.isService() || b.msg.HasProtectedContent && b.out:
		return nil, badRequest("message can't be %s", map[string]string{"copy": "copied", "forward": "forwarded"}[verb])
	}
	return b.msg, nil
}

func forwardMessage(s *Server, a args) (any, *apiError) {
	m, refused := s.source(a, "forward")
	if refused != nil {
		return nil, refused
	}
	o, refused := s.outgoing(a)
	if refused != nil {
		return nil, refused
	}
	next := content(m)
	next.ForwardOrigin = origin(m)
	return s.post(o, a, next), nil
}

func copyMessage(s *Server, a args) (any, *apiError) {
	m, refused := s.source(a, "copy")
	if refused != nil {
		return nil, refused
	}
	next := content(m)
	if _, given := a.values["caption"]; given && next.Text == "" {
		if next.Caption, next.CaptionEntities, refused = caption(a); refused != nil {
			return nil, refused
		}
	}
	o, refused := s.outgoing(a)
	if refused != nil {
		return nil, refused
	}
	return map[string]int64{"message_id": s.post(o, a, next).ID}, nil
}

// content is a message without sender, place, keyboard and history.
func content(m *Message) Message {
	return Message{
		Text: m.Text, Entities: m.Entities, Media: m.Media, Caption: m.Caption, CaptionEntities: m.CaptionEntities,
		ShowCaptionAboveMedia: m.ShowCaptionAboveMedia, HasMediaSpoiler: m.HasMediaSpoiler,
		Contact: m.Contact, Dice: m.Dice, Poll: m.Poll, Venue: m.Venue, Location: m.Location,
		LinkPreviewOptions: m.LinkPreviewOptions,
	}
}

// origin tells where a message was first written; a forward of a forward keeps the first place.
func origin(m *Message) *Origin {
	switch {
	case m.ForwardOrigin != nil:
		return m.ForwardOrigin
	case m.Chat.Type == "channel":
		return &Origin{Type: "channel", Date: m.Date, Chat: &m.Chat, MessageID: m.ID}
	case m.SenderChat != nil:
		return &Origin{Type: "chat", Date: m.Date, SenderChat: m.SenderChat}
	}
	return &Origin{Type: "user", Date: m.Date, SenderUser: m.From}
}

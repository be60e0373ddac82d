package simulator

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// outgoing is what every send* method shares: where to, in answer to what, with which keyboard.
type outgoing struct {
	chat   *chat
	thread int64
	reply  *Message
	markup replyMarkup
}

// outgoing checks the shared parameters in Telegram's order: the content was checked before by the caller.
func (s *Server) outgoing(a args) (outgoing, *apiError) {
	c, refused := s.writable(a.str("chat_id"))
	if refused != nil {
		return outgoing{}, refused
	}
	o := outgoing{chat: c, thread: a.num("message_thread_id")}
	if o.markup, refused = readMarkup(a, c); refused != nil {
		return o, refused
	}
	if refused = c.thread(o.thread); refused != nil {
		return o, refused
	}
	o.reply, refused = s.replyTo(a, c)
	if o.thread == 0 && o.reply != nil && c.IsForum {
		o.thread = o.reply.ThreadID // an answer goes where the question was
	}
	return o, refused
}

// replyTo reads reply_parameters and the older reply_to_message_id.
func (s *Server) replyTo(a args, c *chat) (*Message, *apiError) {
	var p struct {
		ID      int64           `json:"message_id"`
		Chat    json.RawMessage `json:"chat_id"`
		Without bool            `json:"allow_sending_without_reply"`
	}
	if _, refused := a.decode("reply_parameters", "reply parameters", &p); refused != nil {
		return nil, refused
	}
	if p.ID == 0 {
		p.ID, p.Without = a.num("reply_to_message_id"), a.flag("allow_sending_without_reply")
	}
	if p.ID == 0 {
		return nil, nil
	}
	from := c
	if id := string(p.Chat); id != "" {
		if text, err := strconv.Unquote(id); err == nil {
			id = text
		}
		var refused *apiError
		if from, refused = s.readable(id); refused != nil {
			return nil, refused
		}
	}
	b := from.find(p.ID)
	if b == nil {
		if p.Without {
			return nil, nil
		}
		return nil, badRequest("message to be replied not found")
	}
	return flat(b.msg), nil
}

// flat is a copy without the message it answered: Telegram nests one level only.
func flat(m *Message) *Message {
	n := *m
	n.ReplyTo = nil
	return &n
}

// post writes the bot's message into the chat and tells everybody.
func (s *Server) post(o outgoing, a args, m Message) *Message {
	c := o.chat
	m.Date, m.Chat, m.ReplyTo = s.unix(), c.Chat, o.reply
	if c.Type == "channel" {
		m.SenderChat = &c.Chat
	} else {
		bot := s.bot
		m.From = &bot
	}
	if o.thread > generalTopic && c.topics[o.thread] != nil {
		m.ThreadID, m.IsTopicMessage = o.thread, true
	}
	m.HasProtectedContent = a.flag("protect_content")
	m.ReplyMarkup = o.markup.inline
	if raw := a.str("link_preview_options"); raw != "" && json.Valid([]byte(raw)) {
		m.LinkPreviewOptions = json.RawMessage(raw)
	}
	b := c.add(&m, true, s.opts.KeepMessages)
	c.typingTill = time.Time{}
	s.setKeyboard(c, o.markup)
	c.say("<", "", b.msg, o.markup.reply)
	s.changed("message", c.ID, func() any { return b.view() })
	return b.msg
}

func (s *Server) setKeyboard(c *chat, m replyMarkup) {
	switch {
	case m.reply != nil:
		c.keyboard = m.reply
	case m.remove:
		c.keyboard = nil
	}
	c.forceReply = m.forceReply
	if m.reply != nil || m.remove {
		s.changed("keyboard", c.ID, func() any { return c.keyboard })
	}
}

func sendMessage(s *Server, a args) (any, *apiError) {
	text, entities, refused := messageText(a)
	if refused != nil {
		return nil, refused
	}
	o, refused := s.outgoing(a)
	if refused != nil {
		return nil, refused
	}
	return s.post(o, a, Message{Text: text, Entities: entities}), nil
}

// sendPlain posts content that needs no further check.
func (s *Server) sendPlain(a args, m Message) (any, *apiError) {
	o, refused := s.outgoing(a)
	if refused != nil {
		return nil, refused
	}
	return s.post(o, a, m), nil
}

func location(a args) (Location, *apiError) {
	lat, ok := a.float("latitude")
	if !ok {
		return Location{}, badRequest("latitude is empty")
	}
	lon, ok := a.float("longitude")
	if !ok {
		return Location{}, badRequest("longitude is empty")
	}
	if lat < -90 || lat > 90 || lon < -180 || lon > 180 {
		return Location{}, badRequest("wrong location specified")
	}
	return Location{Latitude: lat, Longitude: lon, LivePeriod: int(a.num("live_period"))}, nil
}

func sendLocation(s *Server, a args) (any, *apiError) {
	l, refused := location(a)
	if refused != nil {
		return nil, refused
	}
	return s.sendPlain(a, Message{Location: &l})
}

func sendVenue(s *Server, a args) (any, *apiError) {
	l, refused := location(a)
	if refused != nil {
		return nil, refused
	}
	if a.str("title") == "" || a.str("address") == "" {
		return nil, badRequest("venue title and address must be non-empty")
	}
	return s.sendPlain(a, Message{Location: &l, Venue: &Venue{Location: l, Title: a.str("title"), Address: a.str("address")}})
}

func sendContact(s *Server, a args) (any, *apiError) {
	c := Contact{PhoneNumber: a.str("phone_number"), FirstName: a.str("first_name"), LastName: a.str("last_name"), VCard: a.str("vcard")}
	switch {
	case c.PhoneNumber == "":
		return nil, badRequest(`parameter "phone_number" is required`)
	case c.FirstName == "":
		return nil, badRequest(`parameter "first_name" is required`)
	}
	return s.sendPlain(a, Message{Contact: &c})
}

func sendPoll(s *Server, a args) (any, *apiError) {
	q := a.str("question")
	if n := utf8.RuneCountInString(q); n < 1 || n > 300 {
		return nil, badRequest("poll question must be non-empty and at most 300 characters long")
	}
	var options []PollOption
	if _, refused := a.decode("options", "options", &options); refused != nil {
		return nil, refused
	}
	if len(options) < 2 || len(options) > 12 {
		return nil, badRequest("poll must have at least 2 and at most 12 options")
	}
	return s.sendPlain(a, Message{Poll: s.newPoll(q, options)})
}

func (s *Server) newPoll(question string, options []PollOption) *Poll {
	s.nextAlbum++
	return &Poll{
		ID: strconv.FormatInt(5_100_000_000_000_000_000+s.nextAlbum, 10), Question: question, Options: options,
		IsAnonymous: true, Type: "regular",
	}
}

func sendDice(s *Server, a args) (any, *apiError) {
	emoji := a.str("emoji")
	if emoji == "" {
		emoji = "🎲"
	}
	return s.sendPlain(a, Message{Dice: &Dice{Emoji: emoji, Value: 1 + s.rand.IntN(6)}})
}

// chatActions are what sendChatAction may say.
var chatActions = map[string]bool{
	"typing": true, "upload_photo": true, "record_video": true, "upload_video": true, "record_voice": true,
	"upload_voice": true, "upload_document": true, "choose_sticker": true, "find_location": true,
	"record_video_note": true, "upload_video_note": true,
}

func sendChatAction(s *Server, a args) (any, *apiError) {
	action := a.str("action")
	if !chatActions[action] {
		return nil, badRequest("wrong parameter action in request")
	}
	c, refused := s.writable(a.str("chat_id"))
	if refused == nil {
		refused = c.thread(a.num("message_thread_id"))
	}
	if refused != nil {
		return nil, refused
	}
	c.typing, c.typingTill = action, s.now().Add(5*time.Second)
	s.changed("typing", c.ID, func() any { return map[string]any{"action": action, "seconds": 5} })
	return true, nil
}

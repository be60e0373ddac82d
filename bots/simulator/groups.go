package simulator

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

func getChat(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	info := struct {
		Chat
		Accent    int      `json:"accent_color_id"`
		Reactions int      `json:"max_reaction_count"`
		Pinned    *Message `json:"pinned_message,omitempty"`
	}{Chat: c.Chat, Reactions: 11}
	if n := len(c.pinned); n > 0 {
		if b := c.find(c.pinned[n-1]); b != nil {
			info.Pinned = b.msg
		}
	}
	return info, nil
}

// member is a ChatMember of the Bot API.
func (s *Server) member(user User, status string) map[string]any {
	m := map[string]any{"user": user, "status": status}
	switch status {
	case statusCreator:
		m["is_anonymous"] = false
	case statusAdministrator:
		for _, right := range []string{
			"can_manage_chat", "can_delete_messages", "can_restrict_members", "can_promote_members", "can_change_info",
			"can_invite_users", "can_pin_messages", "can_manage_topics", "can_manage_video_chats",
		} {
			m[right] = true
		}
		m["is_anonymous"], m["can_be_edited"] = false, false
	case statusKicked:
		m["until_date"] = 0
	}
	return m
}

func getChatMember(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	id := a.num("user_id")
	if id == s.bot.ID {
		return s.member(s.bot, c.botStatus), nil
	}
	p := s.people[id]
	if p == nil || c.private() && id != c.ID {
		return nil, badRequest("PARTICIPANT_ID_INVALID")
	}
	status := c.members[id]
	if c.private() {
		status = statusMember
	}
	if status == "" {
		status = statusLeft
	}
	return s.member(p.User, status), nil
}

func getChatMemberCount(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	n := 1
	for _, status := range c.members {
		if present(status) {
			n++
		}
	}
	if c.private() {
		n = 2
	}
	return n, nil
}

func present(status string) bool {
	return status == statusCreator || status == statusAdministrator || status == statusMember
}

func getChatAdministrators(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	if c.private() {
		return nil, badRequest("there are no administrators in the private chat")
	}
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(c.members)) {
		if status := c.members[id]; status == statusCreator || status == statusAdministrator {
			list = append(list, s.member(s.people[id].User, status))
		}
	}
	if c.botStatus == statusAdministrator {
		list = append(list, s.member(s.bot, c.botStatus))
	}
	return list, nil
}

func leaveChat(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	if c.private() {
		return nil, badRequest("chat_id must be of a group or a channel")
	}
	c.botStatus = statusLeft
	s.changed("member", c.ID, nil)
	return true, nil
}

func pinChatMessage(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	b := c.find(a.num("message_id"))
	switch {
	case b == nil:
		return nil, badRequest("message to pin not found")
	case !c.private() && c.botStatus != statusAdministrator:
		return nil, badRequest("not enough rights to manage pinned messages in the chat")
	}
	c.pinned = append(slices.DeleteFunc(c.pinned, func(id int64) bool { return id == b.msg.ID }), b.msg.ID)
	s.changed("pin", c.ID, func() any { return c.pinned })
	return true, nil
}

func unpinChatMessage(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	id := a.num("message_id")
	if id == 0 && len(c.pinned) > 0 {
		id = c.pinned[len(c.pinned)-1]
	}
	if !slices.Contains(c.pinned, id) {
		return nil, badRequest("message to unpin not found")
	}
	c.pinned = slices.DeleteFunc(c.pinned, func(p int64) bool { return p == id })
	s.changed("pin", c.ID, nil)
	return true, nil
}

func unpinAllChatMessages(s *Server, a args) (any, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	c.pinned = nil
	s.changed("pin", c.ID, nil)
	return true, nil
}

// forum finds a supergroup with topics in which the bot may manage them.
func (s *Server) forum(a args) (*chat, *apiError) {
	c, refused := s.readable(a.str("chat_id"))
	switch {
	case refused != nil:
		return nil, refused
	case !c.IsForum:
		return nil, badRequest("the chat is not a forum")
	case c.botStatus != statusAdministrator:
		return nil, badRequest("not enough rights to create a topic")
	}
	return c, nil
}

func createForumTopic(s *Server, a args) (any, *apiError) {
	c, refused := s.forum(a)
	if refused != nil {
		return nil, refused
	}
	name := a.str("name")
	if n := utf8.RuneCountInString(name); n < 1 || n > 128 {
		return nil, badRequest("TOPIC_TITLE_EMPTY")
	}
	color := int(a.num("icon_color"))
	if color == 0 {
		color = 0x6FB9F0
	}
	return s.openTopic(c, nil, name, color), nil
}

// openTopic writes the notice whose id becomes the topic's; by is nil for the bot.
func (s *Server) openTopic(c *chat, by *User, name string, color int) *Topic {
	m := s.notice(c, by, 0, Service{ForumTopicCreated: &TopicCreated{Name: name, IconColor: color}})
	m.ThreadID, m.IsTopicMessage = m.ID, true
	t := &Topic{ID: m.ID, Name: name, IconColor: color}
	c.topics[t.ID] = t
	c.line("= topic " + name)
	s.changed("topic", c.ID, func() any { return *t })
	return t
}

// notice writes a service message into the chat.
func (s *Server) notice(c *chat, by *User, thread int64, service Service) *Message {
	m := &Message{Date: s.unix(), Chat: c.Chat, ThreadID: thread, IsTopicMessage: thread != 0, Service: service}
	out := by == nil
	if out {
		bot := s.bot
		by = &bot
	}
	m.From = by
	b := c.add(m, out, s.opts.KeepMessages)
	s.changed("message", c.ID, func() any { return b.view() })
	return m
}

// topic finds the forum topic a method means.
func (s *Server) topic(a args) (*chat, *Topic, *apiError) {
	c, refused := s.forum(a)
	if refused != nil {
		return nil, nil, refused
	}
	t := c.topics[a.num("message_thread_id")]
	if t == nil {
		return nil, nil, badRequest("TOPIC_ID_INVALID")
	}
	return c, t, nil
}

func editForumTopic(s *Server, a args) (any, *apiError) {
	c, t, refused := s.topic(a)
	if refused != nil {
		return nil, refused
	}
	name := a.str("name")
	if utf8.RuneCountInString(name) > 128 {
		return nil, badRequest("TOPIC_TITLE_EMPTY")
	}
	if (name == "" || name == t.Name) && a.str("icon_custom_emoji_id") == "" {
		return nil, badRequest("TOPIC_NOT_MODIFIED")
	}
	if name != "" {
		t.Name = name
	}
	s.notice(c, nil, t.ID, Service{ForumTopicEdited: &TopicEdited{Name: name}})
	s.changed("topic", c.ID, func() any { return *t })
	return true, nil
}

func closeForumTopic(s *Server, a args) (any, *apiError)  { return s.setClosed(a, true) }
func reopenForumTopic(s *Server, a args) (any, *apiError) { return s.setClosed(a, false) }

func (s *Server) setClosed(a args, closed bool) (any, *apiError) {
	c, t, refused := s.topic(a)
	if refused != nil {
		return nil, refused
	}
	if t.Closed == closed {
		return nil, badRequest("TOPIC_NOT_MODIFIED")
	}
	t.Closed = closed
	service := Service{ForumTopicReopened: &struct{}{}}
	if closed {
		service = Service{ForumTopicClosed: &struct{}{}}
	}
	s.notice(c, nil, t.ID, service)
	s.changed("topic", c.ID, func() any { return *t })
	return true, nil
}

func deleteForumTopic(s *Server, a args) (any, *apiError) {
	c, t, refused := s.topic(a)
	if refused != nil {
		return nil, refused
	}
	s.dropTopic(c, t.ID)
	return true, nil
}

// dropTopic deletes a topic with all its messages.
func (s *Server) dropTopic(c *chat, id int64) {
	delete(c.topics, id)
	for _, b := range c.bubbles {
		if b.msg.ThreadID == id {
			b.deleted = true
		}
	}
	s.changed("topic_deleted", c.ID, func() any { return map[string]int64{"message_thread_id": id} })
}

// jsonOf is the JSON of a value that can always be encoded.
func jsonOf(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only values of this package come here
	}
	return b
}

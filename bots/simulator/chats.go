package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Standing of a member of a group, and of the bot in a chat, in the Bot API's words.
const (
	statusCreator       = "creator"
	statusAdministrator = "administrator"
	statusMember        = "member"
	statusLeft          = "left"
	statusKicked        = "kicked"
)

// generalTopic is the topic every forum has; its messages carry no thread id.
const generalTopic = 1

// person is a user of the simulated Telegram.
type person struct {
	User
	phone       string
	deactivated bool
}

// chat is one conversation as the server keeps it.
type chat struct {
	Chat
	lastID     int64
	bubbles    []*bubble // oldest first
	byID       map[int64]*bubble
	lines      []string // the transcript so far
	keyboard   *ReplyKeyboard
	forceReply bool
	typing     string
	typingTill time.Time
	pinned     []int64
	window     window // sends of the last second or minute
	minute     window

	started   bool             // private: Start was pressed, so the bot may write
	botStatus string           // the bot's standing; in private chats member or kicked (blocked)
	members   map[int64]string // groups: standing of people
	topics    map[int64]*Topic // forums
	movedTo   int64            // the supergroup that replaced this group
	menu      []byte           // JSON of the chat's own menu button
}

// Topic is a forum topic.
type Topic struct {
	ID        int64  `json:"message_thread_id"`
	Name      string `json:"name"`
	IconColor int    `json:"icon_color"`
	Closed    bool   `json:"closed,omitempty"`
}

// bubble is a message with what happened to it.
type bubble struct {
	msg       *Message
	out       bool // written by the bot
	deleted   bool
	past      []Edit
	reactions map[int64][]string // by user id: emoji
}

func (c *chat) private() bool { return c.Type == "private" }
func (c *chat) group() bool   { return c.Type == "group" || c.Type == "supergroup" }

// add gives the message the next id of the chat and keeps it; the oldest message goes when there are too many.
func (c *chat) add(m *Message, out bool, keep int) *bubble {
	c.lastID++
	m.ID = c.lastID
	b := &bubble{msg: m, out: out}
	c.bubbles = append(c.bubbles, b)
	c.byID[m.ID] = b
	if len(c.bubbles) > keep+keep/4 {
		drop := len(c.bubbles) - keep
		for _, old := range c.bubbles[:drop] {
			delete(c.byID, old.msg.ID)
		}
		c.bubbles = slices.Delete(c.bubbles, 0, drop)
	}
	if len(c.lines) > 4*keep {
		c.lines = slices.Delete(c.lines, 0, 2*keep)
	}
	return b
}

// find gives a message that exists and wasn't deleted.
func (c *chat) find(id int64) *bubble {
	if b := c.byID[id]; b != nil && !b.deleted {
		return b
	}
	return nil
}

// privateChat gives the bot's chat with a person, made on first use.
func (s *Server) privateChat(p *person) *chat {
	c := s.chats[p.ID]
	if c == nil {
		c = newChat(Chat{ID: p.ID, Type: "private", FirstName: p.FirstName, LastName: p.LastName, Username: p.Username})
		c.botStatus, c.lastID = statusMember, s.opts.FirstID
		s.chats[p.ID] = c
	}
	return c
}

func newChat(info Chat) *chat {
	c := &chat{Chat: info, byID: map[int64]*bubble{}, members: map[int64]string{}, topics: map[int64]*Topic{}}
	if info.IsForum {
		c.lastID = generalTopic // message 1 of a forum is the notice that opened General
	}
	return c
}

// lookUp finds a chat by "123", "-100123" or "@name".
func (s *Server) lookUp(id string) (*chat, *apiError) {
	id = strings.TrimSpace(id)
	if id == "" {
		return nil, badRequest("chat_id is empty")
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		name, isName := strings.CutPrefix(id, "@")
		known, ok := s.usernames[strings.ToLower(name)]
		if !isName || !ok {
			return nil, badRequest("chat not found")
		}
		n = known
		if p := s.people[n]; p != nil { // bots reach people by number only
			return nil, badRequest("chat not found")
		}
	}
	if p := s.people[n]; p != nil {
		return s.privateChat(p), nil
	}
	if c := s.chats[n]; c != nil {
		return c, nil
	}
	return nil, badRequest("chat not found")
}

// readable finds a chat the bot may look into; writable one it may write to. The refusals are Telegram's.
func (s *Server) readable(id string) (*chat, *apiError) {
	c, refused := s.lookUp(id)
	if refused != nil {
		return nil, refused
	}
	if c.private() {
		if s.people[c.ID].deactivated {
			return c, forbidden("user is deactivated")
		}
		return c, nil
	}
	if c.movedTo != 0 {
		e := badRequest("group chat was upgraded to a supergroup chat")
		e.MigrateTo = c.movedTo
		return c, e
	}
	kind := c.Type
	switch c.botStatus {
	case statusKicked:
		return c, forbidden("bot was kicked from the " + kind + " chat")
	case statusAdministrator, statusMember:
		return c, nil
	}
	return c, forbidden("bot is not a member of the " + kind + " chat")
}

func (s *Server) writable(id string) (*chat, *apiError) {
	c, refused := s.readable(id)
	if refused != nil || !c.private() {
		if refused == nil && c.Type == "channel" && c.botStatus != statusAdministrator {
			return nil, badRequest("need administrator rights in the channel chat")
		}
		return c, refused
	}
	switch {
	case s.people[c.ID].IsBot:
		return c, forbidden("bots can't send messages to bots")
	case !c.started:
		return c, forbidden("bot can't initiate conversation with a user")
	case c.botStatus == statusKicked:
		return c, forbidden("bot was blocked by the user")
	}
	return c, nil
}

// thread checks a message_thread_id; 0 means none.
func (c *chat) thread(id int64) *apiError {
	if id == 0 || c.Type == "group" || c.Type == "channel" || c.Type == "supergroup" && !c.IsForum {
		return nil
	}
	if c.topics[id] == nil {
		return badRequest("message thread not found")
	}
	return nil
}

func (s *Server) now() time.Time { return s.clock() }

func (s *Server) unix() int64 { return s.clock().Unix() }

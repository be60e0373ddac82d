package simulator

import (
	"cmp"
	"fmt"
	"strings"
)

// NewUser is a person to be made. Zero fields get made-up values.
type NewUser struct {
	ID           int64  `json:"id,omitempty"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
	Phone        string `json:"phone,omitempty"` // shared by the request_contact button; "77070000001" and so on when empty
	IsBot        bool   `json:"is_bot,omitempty"`
}

// Person acts as one user: in the private chat with the bot, or in a group after In.
type Person struct {
	s      *Server
	ID     int64 // of the user, and of the private chat
	Chat   int64 // where the person acts
	Thread int64 // the forum topic, 0 for none
}

// AddUser makes a person who hasn't met the bot yet. The error tells that the id or user name is taken.
func (s *Server) AddUser(n NewUser) (*Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.ID == 0 {
		for s.people[s.nextUser] != nil {
			s.nextUser++
		}
		n.ID = s.nextUser
		s.nextUser++
	}
	name := strings.ToLower(n.Username)
	if s.people[n.ID] != nil || n.ID == s.bot.ID || n.ID < 0 {
		return nil, fmt.Errorf("add user %d: the id is taken or no user id", n.ID)
	}
	if name != "" && s.usernames[name] != 0 {
		return nil, fmt.Errorf("add user %d: the user name %q is taken", n.ID, n.Username)
	}
	p := &person{phone: n.Phone, User: User{
		ID: n.ID, IsBot: n.IsBot, FirstName: cmp.Or(n.FirstName, "User"), LastName: n.LastName,
		Username: n.Username, LanguageCode: n.LanguageCode,
	}}
	if p.phone == "" {
		p.phone = fmt.Sprintf("7707%07d", (n.ID+999_999)%10_000_000)
	}
	s.people[n.ID] = p
	if name != "" {
		s.usernames[name] = n.ID
	}
	s.changed("user", n.ID, func() any { return p.view() })
	return s.person(n.ID), nil
}

// MustUser is AddUser for tests: it panics on a taken id or name.
func (s *Server) MustUser(n NewUser) *Person {
	p, err := s.AddUser(n)
	if err != nil {
		panic(err)
	}
	return p
}

func (s *Server) person(id int64) *Person { return &Person{s: s, ID: id, Chat: id} }

// Person gives the hand that acts as a user made before.
func (s *Server) Person(id int64) *Person { return s.person(id) }

// NewGroup is a group, supergroup or channel to be made.
type NewGroup struct {
	ID        int64   `json:"id,omitempty"`
	Type      string  `json:"type,omitempty"` // group, supergroup (default), channel
	Title     string  `json:"title"`
	Username  string  `json:"username,omitempty"`
	Forum     bool    `json:"forum,omitempty"` // a supergroup with topics
	Owner     int64   `json:"owner,omitempty"`
	Members   []int64 `json:"members,omitempty"`
	BotStatus string  `json:"bot_status,omitempty"` // administrator (default), member, left
}

// AddGroup makes a group and, unless BotStatus is left, puts the bot into it, which the bot is told (my_chat_member).
func (s *Server) AddGroup(n NewGroup) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.Type = cmp.Or(n.Type, "supergroup")
	n.BotStatus = cmp.Or(n.BotStatus, statusAdministrator)
	if n.ID == 0 {
		n.ID = -s.nextGroup
		if n.Type != "group" {
			n.ID -= 1_000_000_000_000
		}
		s.nextGroup++
	}
	switch {
	case n.ID > 0 || s.chats[n.ID] != nil:
		return 0, fmt.Errorf("add group %q: the id %d is taken or not below zero", n.Title, n.ID)
	case n.Forum && n.Type != "supergroup":
		return 0, fmt.Errorf("add group %q: only supergroups have topics", n.Title)
	}
	c := newChat(Chat{ID: n.ID, Type: n.Type, Title: cmp.Or(n.Title, "Group"), Username: n.Username, IsForum: n.Forum})
	c.botStatus = statusLeft
	for _, id := range n.Members {
		c.members[id] = statusMember
	}
	if n.Owner != 0 {
		c.members[n.Owner] = statusCreator
	}
	for id := range c.members {
		if s.people[id] == nil {
			return 0, fmt.Errorf("add group %q: there is no user %d", n.Title, id)
		}
	}
	s.chats[n.ID] = c
	if n.Username != "" {
		s.usernames[strings.ToLower(n.Username)] = n.ID
	}
	by := n.Owner
	if by == 0 && len(n.Members) > 0 {
		by = n.Members[0]
	}
	if n.BotStatus != statusLeft {
		s.moveBot(c, by, n.BotStatus)
	}
	return n.ID, nil
}

// moveBot changes the bot's standing in a chat and tells it.
func (s *Server) moveBot(c *chat, by int64, status string) {
	from := s.bot
	if p := s.people[by]; p != nil {
		from = p.User
	}
	old := c.botStatus
	c.botStatus = status
	if old == status {
		return
	}
	s.changed("member", c.ID, func() any { return map[string]string{"bot_status": status} })
	s.emit("my_chat_member", c.ID, map[string]any{
		"chat": c.Chat, "from": from, "date": s.unix(),
		"old_chat_member": s.member(s.bot, old), "new_chat_member": s.member(s.bot, status),
	}, false)
}

// In gives the same person acting in a group or channel.
func (p *Person) In(chat int64) *Person { return &Person{s: p.s, ID: p.ID, Chat: chat} }

// Topic gives the same person acting in a topic of the forum.
func (p *Person) Topic(thread int64) *Person {
	return &Person{s: p.s, ID: p.ID, Chat: p.Chat, Thread: thread}
}

// Do acts as this person: User, Chat and Thread are filled in when they are zero.
func (p *Person) Do(a Action) (Done, error) {
	a.User = cmp.Or(a.User, p.ID)
	a.Chat = cmp.Or(a.Chat, p.Chat)
	a.Thread = cmp.Or(a.Thread, p.Thread)
	return p.s.Do(a)
}

// Start presses Start, with the payload of a deep link or none.
func (p *Person) Start(payload string) (Done, error) {
	return p.Do(Action{Do: "start", Text: payload})
}

// Text writes a message.
func (p *Person) Text(text string) (Done, error) { return p.Do(Action{Do: "text", Text: text}) }

// Photo sends a generated picture of this size.
func (p *Person) Photo(width, height int, caption string) (Done, error) {
	return p.Do(Action{Do: "photo", Item: Item{Width: width, Height: height}, Caption: caption})
}

// Album sends n generated photos as one album; torn lets a poll end after each of them.
func (p *Person) Album(n int, caption string, torn bool) (Done, error) {
	items := make([]Item, n)
	return p.Do(Action{Do: "album", Items: items, Caption: caption, Torn: torn})
}

// OwnContact shares the person's own phone number, as the request_contact button does.
func (p *Person) OwnContact() (Done, error) { return p.Do(Action{Do: "contact", Own: true}) }

// Press presses the newest inline button with this text, on whatever message it is or once was; when there is none,
// the button of the open reply keyboard.
func (p *Person) Press(button string) (Done, error) {
	return p.Do(Action{Do: "press", Button: button})
}

// PressOn presses the button with this text on one message, even if an edit took it away meanwhile.
func (p *Person) PressOn(messageID int64, button string) (Done, error) {
	return p.Do(Action{Do: "press", MessageID: messageID, Button: button})
}

package simulator

import (
	"maps"
	"slices"
	"time"
)

// Bubble is a message as the people of the chat see it, with its past.
type Bubble struct {
	Message   Message            `json:"message"`
	FromBot   bool               `json:"from_bot"`
	Deleted   bool               `json:"deleted,omitempty"`
	Past      []Edit             `json:"past,omitempty"`      // what it said before edits, oldest first
	Reactions map[int64][]string `json:"reactions,omitempty"` // by user id
}

// Edit is what a message was before it was changed.
type Edit struct {
	Text        string          `json:"text,omitempty"`
	Caption     string          `json:"caption,omitempty"`
	ReplyMarkup *InlineKeyboard `json:"reply_markup,omitempty"`
	Till        time.Time       `json:"till"`
}

// ChatView is a chat as its people see it.
type ChatView struct {
	Chat       Chat             `json:"chat"`
	Messages   []Bubble         `json:"messages"`
	Keyboard   *ReplyKeyboard   `json:"keyboard,omitempty"` // the reply keyboard that is open now
	ForceReply bool             `json:"force_reply,omitempty"`
	Typing     string           `json:"typing,omitempty"` // "typing", "upload_photo", … while it lasts (5 s)
	Toasts     []Press          `json:"toasts,omitempty"` // the last 20 presses whose answer showed something, oldest first
	Pinned     []int64          `json:"pinned,omitempty"`
	Topics     []Topic          `json:"topics,omitempty"`
	Members    map[int64]string `json:"members,omitempty"`
	Started    bool             `json:"started,omitempty"`
	Blocked    bool             `json:"blocked,omitempty"`
	BotStatus  string           `json:"bot_status"`
	Commands   []Command        `json:"commands,omitempty"` // the menu a person of a private chat sees
	MenuButton any              `json:"menu_button,omitempty"`
}

// State is everything at one moment. A page subscribes to events first, then reads the state, then skips events
// whose Seq is not above State.Seq.
type State struct {
	Seq     int64      `json:"seq"`
	Now     time.Time  `json:"now"`
	Bot     User       `json:"bot"`
	Users   []UserView `json:"users"`
	Chats   []ChatView `json:"chats"`
	Faults  []Fault    `json:"faults"`
	Webhook string     `json:"webhook,omitempty"`
	Pending int        `json:"pending_updates"`
	Flooded int64      `json:"refused_by_limits"` // calls answered 429 by Options.Limits
}

// UserView is a person with what only the simulator knows.
type UserView struct {
	User
	Phone       string `json:"phone,omitempty"`
	Deactivated bool   `json:"deactivated,omitempty"`
}

func (b *bubble) view() Bubble {
	return Bubble{
		Message: *b.msg, FromBot: b.out, Deleted: b.deleted,
		Past: slices.Clone(b.past), Reactions: maps.Clone(b.reactions),
	}
}

// View gives a chat as its people see it; ok is false when there is no such chat.
func (s *Server) View(chatID int64) (view ChatView, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		return ChatView{}, false
	}
	return s.view(c), true
}

func (s *Server) view(c *chat) ChatView {
	v := ChatView{
		Chat: c.Chat, Messages: make([]Bubble, len(c.bubbles)), Keyboard: c.keyboard, ForceReply: c.forceReply,
		Pinned: slices.Clone(c.pinned), Started: c.started, BotStatus: c.botStatus, Members: maps.Clone(c.members),
		Blocked: c.private() && c.botStatus == statusKicked, Toasts: s.presses.toasts(c.ID),
	}
	for i, b := range c.bubbles {
		v.Messages[i] = b.view()
	}
	if s.now().Before(c.typingTill) {
		v.Typing = c.typing
	}
	for _, id := range slices.Sorted(maps.Keys(c.topics)) {
		v.Topics = append(v.Topics, *c.topics[id])
	}
	if p := s.people[c.ID]; p != nil {
		v.Commands = s.profile.commandsFor(p.ID, p.LanguageCode)
		v.MenuButton = s.menuButton(c)
	}
	return v
}

// Messages gives the messages of a chat, deleted ones left out, oldest first.
func (s *Server) Messages(chatID int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		return nil
	}
	var list []Message
	for _, b := range c.bubbles {
		if !b.deleted {
			list = append(list, *b.msg)
		}
	}
	return list
}

// State gives everything at once: people, chats, faults.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{
		Seq: s.seq, Now: s.now(), Bot: s.bot, Faults: s.faults.list(), Pending: s.pending(), Flooded: s.flood.refused,
		Users: []UserView{}, Chats: []ChatView{},
	}
	if s.hook != nil {
		st.Webhook = s.hook.url
	}
	for _, id := range slices.Sorted(maps.Keys(s.people)) {
		st.Users = append(st.Users, s.people[id].view())
	}
	for _, id := range slices.Sorted(maps.Keys(s.chats)) {
		st.Chats = append(st.Chats, s.view(s.chats[id]))
	}
	return st
}

func (p *person) view() UserView {
	return UserView{User: p.User, Phone: p.phone, Deactivated: p.deactivated}
}

package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// pressLife is how long a press waits for the bot, and for its answer: after it both are gone.
const pressLife = 150 * time.Second

const (
	keepPresses = 10_000 // presses remembered
	shownToasts = 20     // toasts in a ChatView
)

// Press is a button pressed by a person, and what the bot answered to it.
type Press struct {
	ID        string    `json:"id"` // callback_query.id
	User      int64     `json:"user"`
	Chat      int64     `json:"chat"`
	MessageID int64     `json:"message_id"`
	Data      string    `json:"data"`
	Text      string    `json:"text,omitempty"` // what the button said
	At        time.Time `json:"at"`
	Answered  bool      `json:"answered"`
	Toast     string    `json:"toast,omitempty"`
	Alert     bool      `json:"alert,omitempty"` // the toast is a box to be closed
	URL       string    `json:"url,omitempty"`
}

type pressLog struct {
	byID map[string]*Press
	list []*Press
	next int64
}

func newPressLog(above int64) pressLog { return pressLog{byID: map[string]*Press{}, next: above} }

func (l *pressLog) add(p *Press) {
	l.next++
	p.ID = strconv.FormatInt(4_100_000_000_000_000_000+l.next, 10)
	l.byID[p.ID] = p
	if l.list = append(l.list, p); len(l.list) > 2*keepPresses {
		for _, old := range l.list[:keepPresses] {
			delete(l.byID, old.ID)
		}
		l.list = slices.Delete(l.list, 0, keepPresses)
	}
}

// toasts gives the last presses of a chat that showed something, oldest first.
func (l *pressLog) toasts(chat int64) []Press {
	var found []Press
	for i := len(l.list) - 1; i >= 0 && len(found) < shownToasts; i-- {
		if p := l.list[i]; p.Chat == chat && (p.Toast != "" || p.URL != "") {
			found = append(found, *p)
		}
	}
	slices.Reverse(found)
	return found
}

// PressOf gives a press by its callback id.
func (s *Server) PressOf(id string) (Press, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.presses.byID[id]; p != nil {
		return *p, true
	}
	return Press{}, false
}

func answerCallbackQuery(s *Server, a args) (any, *apiError) {
	text := a.str("text")
	if utf8.RuneCountInString(text) > 200 {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	if link := a.str("url"); link != "" && !strings.HasPrefix(link, "https://t.me/") {
		return nil, badRequest("URL_INVALID")
	}
	p := s.presses.byID[a.str("callback_query_id")]
	if p == nil || s.now().Sub(p.At) > pressLife {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	p.Answered, p.Toast, p.Alert, p.URL = true, text, a.flag("show_alert"), a.str("url")
	if c := s.chats[p.Chat]; c != nil && text != "" {
		kind := "(toast) "
		if p.Alert {
			kind = "(alert) "
		}
		c.line("< " + kind + indent(text))
	}
	s.changed("toast", p.Chat, func() any { return *p })
	return true, nil
}

// reactions are the emoji Telegram takes as reactions; a ✅, for one, is not among them.
var reactions = func() map[string]bool {
	set := map[string]bool{}
	for _, e := range strings.Fields(`❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆
		💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡`) {
		set[e] = true
	}
	return set
}()

func setMessageReaction(s *Server, a args) (any, *apiError) {
	var list []struct {
		Type  string `json:"type"`
		Emoji string `json:"emoji"`
	}
	if raw := a.str("reaction"); raw != "" && json.Unmarshal([]byte(raw), &list) != nil {
		return nil, badRequest("can't parse reaction types JSON object")
	}
	emoji := make([]string, 0, len(list))
	for _, r := range list {
		// Emoji come with and without the variation selector; Telegram's own list has none.
		e := strings.ReplaceAll(r.Emoji, "\uFE0F", "")
		if r.Type != "emoji" || !reactions[e] {
			return nil, badRequest("REACTION_INVALID")
		}
		emoji = append(emoji, e)
	}
	if len(emoji) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	b := c.find(a.num("message_id"))
	if b == nil {
		return nil, badRequest("message to react not found")
	}
	b.react(s.bot.ID, emoji)
	if len(emoji) > 0 {
		c.line("< (reaction " + emoji[0] + ")")
	}
	s.changed("reaction", c.ID, func() any { return b.view() })
	return true, nil
}

// react replaces the reactions of one user.
func (b *bubble) react(user int64, emoji []string) {
	next := map[int64][]string{}
	for id, list := range b.reactions {
		next[id] = list
	}
	if delete(next, user); len(emoji) > 0 {
		next[user] = emoji
	}
	b.reactions = next
}

package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Action is one deed of a person, as data: the same in Go, over HTTP (POST /sim/do) and in a recorded talk.
// Do names it; each deed reads the fields its line names. Every deed that writes a message also reads Caption (for
// files), ReplyTo and Thread.
//
//	start         Text: payload of the deep link
//	text          Text
//	photo         Data or Width and Height; Compressed photos come in several sizes
//	album         Items (kind photo, video or document each), Caption of the first, Torn
//	document, video, animation, audio, voice, video_note, sticker
//	              Data or Size, FileName, Mime, Duration, Width, Height, Emoji, FilePath
//	contact       Own, or Phone, FirstName, LastName, ContactUser
//	location      Latitude, Longitude, LivePeriod
//	move          MessageID, Latitude, Longitude: a live location moves
//	venue         Latitude, Longitude, Title, Address
//	dice          Emoji, Value (random when 0)
//	poll          Text, Options
//	forward       FromChat and MessageID, or Text with FirstName of a hidden author
//	edit          MessageID, Text
//	delete        MessageID; the bot is not told
//	reaction      MessageID, Emoji ("" takes it back)
//	press         MessageID (0: the newest that fits) with Button (its text), Data, or Row and Col from 1
//	keyboard      Button: press the reply keyboard, sharing the own contact or location if it asks for them
//	block, unblock, deactivate
//	join, leave   the person enters or leaves the group Chat
//	add_bot, kick_bot, promote_bot, demote_bot
//	new_topic     Text: name;  delete_topic, close_topic, reopen_topic: Thread
//	migrate       the group becomes a supergroup; Done.Chat is the new id
//	channel_post  Text, in the channel Chat
//	anonymous     Text, as an anonymous administrator of the group
//	bot_message   Text, from the user as a bot; it reaches the bot, although Telegram mostly keeps bots apart
type Action struct {
	Do     string `json:"do"`
	User   int64  `json:"user,omitempty"`
	Chat   int64  `json:"chat,omitempty"`   // the person's private chat when 0
	Thread int64  `json:"thread,omitempty"` // forum topic

	Text      string `json:"text,omitempty"`
	Caption   string `json:"caption,omitempty"`
	ReplyTo   int64  `json:"reply_to,omitempty"`
	MessageID int64  `json:"message_id,omitempty"`
	FromChat  int64  `json:"from_chat,omitempty"`

	Item         // the file of photo, document, …
	Items []Item `json:"items,omitempty"`
	Torn  bool   `json:"torn,omitempty"` // a poll ends after each item of the album

	Own         bool   `json:"own,omitempty"`
	Phone       string `json:"phone,omitempty"`
	FirstName   string `json:"first_name,omitempty"`
	LastName    string `json:"last_name,omitempty"`
	ContactUser int64  `json:"contact_user,omitempty"` // whose contact it is; 0: not on Telegram

	Latitude   float64 `json:"latitude,omitempty"`
	Longitude  float64 `json:"longitude,omitempty"`
	LivePeriod int     `json:"live_period,omitempty"`
	Title      string  `json:"title,omitempty"`
	Address    string  `json:"address,omitempty"`

	Emoji   string   `json:"emoji,omitempty"`
	Value   int      `json:"value,omitempty"`
	Options []string `json:"options,omitempty"`

	Button string `json:"button,omitempty"`
	Data   string `json:"callback_data,omitempty"`
	Row    int    `json:"row,omitempty"` // from 1
	Col    int    `json:"col,omitempty"` // from 1
}

// Item is a file to send: Content as it is, or a made-up one of Size bytes, or a picture of Width by Height.
type Item struct {
	Kind     string `json:"kind,omitempty"` // in albums: photo (default), video, document
	Content  []byte `json:"content,omitempty"`
	Size     int64  `json:"size,omitempty"` // made-up content of this many bytes; none of them is kept
	FileName string `json:"file_name,omitempty"`
	Mime     string `json:"mime,omitempty"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Duration int    `json:"duration,omitempty"`
	FilePath string `json:"file_path,omitempty"` // what getFile will say, to try out hostile paths
}

// Done is what came of an Action.
type Done struct {
	Chat       int64     `json:"chat"`
	MessageID  int64     `json:"message_id,omitempty"` // the first message made
	Messages   []Message `json:"messages,omitempty"`
	CallbackID string    `json:"callback_id,omitempty"` // of a press, for WaitPress
	Opened     string    `json:"opened,omitempty"`      // address that a button opened
	Copied     string    `json:"copied,omitempty"`      // text that a button copied
	Thread     int64     `json:"thread,omitempty"`
}

// actor is one Action on its way.
type actor struct {
	*Server
	Action
	p    *person
	c    *chat
	done Done
}

// actions are the deeds by name.
var actions = map[string]func(*actor) error{
	"start": (*actor).start, "text": (*actor).text, "photo": file1("photo"), "document": file1("document"),
	"video": file1("video"), "animation": file1("animation"), "audio": file1("audio"), "voice": file1("voice"),
	"video_note": file1("video_note"), "sticker": file1("sticker"), "album": (*actor).album,
	"contact": (*actor).contact, "location": (*actor).location, "move": (*actor).move, "venue": (*actor).venue,
	"dice": (*actor).dice, "poll": (*actor).poll, "forward": (*actor).forward, "edit": (*actor).edit,
	"delete": (*actor).erase, "reaction": (*actor).reaction, "press": (*actor).press, "keyboard": (*actor).keyboard,
	"block": (*actor).block, "unblock": (*actor).unblock, "deactivate": (*actor).deactivate,
	"join": (*actor).join, "leave": (*actor).leave,
	"add_bot": botTo(statusMember), "kick_bot": botTo(statusKicked), "promote_bot": botTo(statusAdministrator),
	"demote_bot": botTo(statusMember), "new_topic": (*actor).newTopic, "delete_topic": (*actor).deleteTopic,
	"close_topic": closeTopic(true), "reopen_topic": closeTopic(false), "migrate": (*actor).migrate,
	"channel_post": (*actor).channelPost, "anonymous": (*actor).anonymous, "bot_message": (*actor).botMessage,
}

// Do lets a person act, as their Telegram would let them. The error says what could not be done and why.
func (s *Server) Do(a Action) (Done, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	act := &actor{Server: s, Action: a}
	deed := actions[a.Do]
	if deed == nil {
		return Done{}, fmt.Errorf("there is no action %q; there are: %s", a.Do, strings.Join(slices.Sorted(maps.Keys(actions)), ", "))
	}
	if act.p = s.people[a.User]; act.p == nil {
		return Done{}, fmt.Errorf("%s: there is no user %d", a.Do, a.User)
	}
	if act.c = s.chats[a.Chat]; act.c == nil {
		if a.Chat != 0 && a.Chat != a.User {
			return Done{}, fmt.Errorf("%s by %d: there is no chat %d", a.Do, a.User, a.Chat)
		}
		act.c = s.privateChat(act.p)
	}
	act.done.Chat = act.c.ID
	if err := deed(act); err != nil {
		return Done{}, fmt.Errorf("%s by %s in chat %d: %w", a.Do, act.p.FirstName, act.c.ID, err)
	}
	return act.done, nil
}

// write puts a person's message into the chat and hands it to the bot if the bot may see it.
func (x *actor) write(m Message, endBatch bool) error {
	c := x.c
	switch {
	case c.movedTo != 0:
		return fmt.Errorf("the group became chat %d", c.movedTo)
	case c.group() && !present(c.members[x.p.ID]) && m.SenderChat == nil && !m.isService():
		return errors.New("the person is not a member")
	case c.private() && c.botStatus == statusKicked:
		return errors.New("the person blocked the bot: unblock first")
	case c.private() && !c.started && !m.isService():
		// A person can't write before Start: their Telegram shows only that button.
		return errors.New("the person has not pressed Start")
	case x.Thread != 0 && c.IsForum && c.topics[x.Thread] == nil:
		return fmt.Errorf("there is no topic %d", x.Thread)
	case x.Thread != 0 && c.IsForum && c.topics[x.Thread].Closed && c.members[x.p.ID] == statusMember:
		return fmt.Errorf("topic %d is closed", x.Thread)
	}
	m.Date, m.Chat = x.unix(), c.Chat
	if m.From == nil && m.SenderChat == nil {
		from := x.p.User
		m.From = &from
	}
	if x.Thread > generalTopic && c.IsForum {
		m.ThreadID, m.IsTopicMessage = x.Thread, true
	}
	if x.ReplyTo != 0 {
		b := c.find(x.ReplyTo)
		if b == nil {
			return fmt.Errorf("there is no message %d to reply to", x.ReplyTo)
		}
		m.ReplyTo = flat(b.msg)
	}
	if m.Text != "" && m.Entities == nil {
		m.Entities = findEntities(m.Text)
	}
	if m.Caption != "" {
		m.CaptionEntities = findEntities(m.Caption)
	}
	b := c.add(&m, false, x.opts.KeepMessages)
	if m.isService() {
		c.line("= " + oneLine(&m))
	} else {
		c.say(">", "", b.msg, nil)
		c.forceReply = false
	}
	x.done.MessageID = cmp.Or(x.done.MessageID, m.ID)
	x.done.Messages = append(x.done.Messages, m)
	x.changed("message", c.ID, func() any { return b.view() })
	kind := "message"
	if c.Type == "channel" {
		kind = "channel_post"
	}
	if x.seenByBot(c, &m) || x.Action.Do == "bot_message" {
		x.emit(kind, c.ID, m, endBatch)
	}
	return nil
}

// seenByBot follows privacy mode: in a group a bot without admin rights sees commands, answers to itself, its name
// and what happens to the group. Bots never see other bots.
func (s *Server) seenByBot(c *chat, m *Message) bool {
	switch {
	case c.private():
		return true
	case !present(c.botStatus) || m.From != nil && m.From.IsBot && m.SenderChat == nil:
		return false
	case c.botStatus == statusAdministrator || m.isService():
		return true
	}
	return strings.HasPrefix(m.Text, "/") || strings.Contains(m.Text+m.Caption, "@"+s.bot.Username) ||
		m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == s.bot.ID
}

func (x *actor) start() error {
	c := x.c
	if !c.private() {
		return errors.New("Start is a button of private chats")
	}
	if len(x.Text) > 64 || strings.ContainsFunc(x.Text, func(r rune) bool {
		return r >= utf8.RuneSelf || !isWordByte(byte(r)) && r != '-'
	}) {
		return errors.New("a deep link carries up to 64 of A-Z a-z 0-9 _ -; write anything else as text")
	}
	if c.botStatus == statusKicked {
		if err := x.unblock(); err != nil {
			return err
		}
	}
	c.started = true
	return x.write(Message{Text: strings.TrimSpace("/start " + x.Text)}, false)
}

func (x *actor) text() error {
	text, _ := trim(x.Text, nil)
	if text == "" {
		return errors.New("there is nothing to send")
	}
	if utf16Len(text) > maxText {
		return fmt.Errorf("%d letters, Telegram sends up to %d at once", utf16Len(text), maxText)
	}
	return x.write(Message{Text: text}, false)
}

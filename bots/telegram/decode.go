package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// errNotUpdate says nothing of what was there instead: bodies are never shown.
var errNotUpdate = errors.New("not an update of the Bot API")

// decoded is an update as the rest of the house sees it. Without store it is acknowledged and no row is written.
type decoded struct {
	id    int64
	store bool
	in    crm.Inbound
}

// decode understands every update, known or not, whatever is absent from it. It fails only on what is no update at all; a field
// of an unexpected type counts as absent.
func (c *Channel) decode(raw []byte) (decoded, error) {
	var u update
	if start := bytes.TrimLeft(raw, " \t\r\n"); len(start) == 0 || start[0] != '{' {
		return decoded{}, errNotUpdate
	}
	if err := json.Unmarshal(raw, &u); err != nil && !isTypeError(err) {
		return decoded{}, errNotUpdate
	}
	if u.ID == 0 {
		return decoded{}, errNotUpdate
	}
	d := decoded{id: u.ID}
	d.in.Address.Channel = c.config.Name
	switch {
	case u.Message != nil:
		c.decodeMessage(&d, u.Message, raw)
	case u.EditedMessage != nil:
		c.decodeEdit(&d, u.EditedMessage)
	case u.CallbackQuery != nil:
		c.decodePress(&d, u.CallbackQuery)
	case u.MyChatMember != nil:
		c.decodeMembership(&d, u.MyChatMember)
	case u.MessageReaction != nil:
		c.decodeReaction(&d, u.MessageReaction)
	default:
		c.decodeOther(&d, raw)
	}
	return d, nil
}

// place says where something happened. Without a chat there is nothing to store.
func (c *Channel) place(d *decoded, chat models.Chat, date int64) {
	d.store = chat.ID != 0
	d.in.Address.Chat = strconv.FormatInt(chat.ID, 10)
	d.in.Group = chat.Type != models.ChatTypePrivate && (chat.Type != "" || chat.ID < 0)
	if d.in.Group {
		d.in.Title, d.in.Forum = bots.Line(chat.Title, maxName), chat.IsForum
	}
	d.in.SentAt = c.config.Now().UTC()
	if date > 0 && date < 1<<40 {
		d.in.SentAt = time.Unix(date, 0).UTC()
	}
}

func (c *Channel) decodePress(d *decoded, press *callbackQuery) {
	d.in.Kind = crm.InPress
	d.in.Press = &crm.Press{Data: bots.Clean(press.Data, maxID), Answer: bots.Clean(press.ID, maxID)}
	d.in.From = person(press.From)
	d.in.Key = "p:" + d.in.Press.Answer
	if press.Message == nil {
		return // a message sent inline: its chat is unknown
	}
	c.place(d, press.Message.Chat, 0)
	d.in.Press.Message = number(press.Message.ID)
	if press.Message.InTopic {
		d.in.Thread = number(press.Message.Thread)
	}
	if d.in.Press.Data == "" {
		d.in.Kind, d.in.Note = crm.InIgnored, "press without data"
	}
}

func (c *Channel) decodeMembership(d *decoded, change *memberChange) {
	c.place(d, change.Chat, change.Date)
	d.in.From = person(change.From)
	d.in.Key = otherKey(d.id, change.Date)
	d.in.Note = bots.Clean(string(change.New.Status), maxName)
	switch {
	case change.New.gone():
		d.in.Kind = crm.InBlocked
	case change.Old.gone() || change.Old.Status == "":
		d.in.Kind = crm.InReturned
	default:
		d.in.Kind = crm.InIgnored // promoted, restricted: nothing that concerns dialogs
	}
}

func (c *Channel) decodeReaction(d *decoded, r *reaction) {
	c.place(d, r.Chat, r.Date)
	d.in.Kind = crm.InReaction
	d.in.From = author(r.User, r.ActorChat)
	d.in.Key = otherKey(d.id, r.Date)
	d.in.ReplyTo = number(r.ID)
	var emoji strings.Builder
	for _, one := range r.New {
		emoji.WriteString(one.Emoji)
	}
	d.in.Text = bots.Clean(emoji.String(), maxName)
	if len(r.New) == 0 {
		d.in.Note = "removed"
	}
}

// decodeOther stores what is not ours to understand as ignored if it happened in a chat, so that nothing that Telegram
// adds later is lost without a trace.
func (c *Channel) decodeOther(d *decoded, raw []byte) {
	var kinds map[string]json.RawMessage
	if json.Unmarshal(raw, &kinds) != nil {
		return
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		var body struct {
			Chat models.Chat  `json:"chat"`
			From *models.User `json:"from"`
			User *models.User `json:"user"`
			Date int64        `json:"date"`
		}
		if kind == "update_id" || !bytes.HasPrefix(kinds[kind], []byte("{")) {
			continue
		}
		_ = json.Unmarshal(kinds[kind], &body) // what has another type is absent
		if body.From == nil {
			body.From = body.User
		}
		c.place(d, body.Chat, body.Date)
		d.in.Kind, d.in.Note = crm.InIgnored, bots.Clean(kind, maxName)
		d.in.Key = otherKey(d.id, body.Date)
		d.in.From = person(body.From)
		return
	}
}

// otherKey is the key of what has no id of its own. Update ids start anywhere after a quiet week, so the date is part of it.
func otherKey(update, date int64) string {
	return "u:" + strconv.FormatInt(update, 10) + ":" + strconv.FormatInt(date, 10)
}

// number is an id in text; none is empty.
func number(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}

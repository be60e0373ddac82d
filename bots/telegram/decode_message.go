package telegram

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"govorun/bots"
	"govorun/crm"
)

func (c *Channel) decodeMessage(d *decoded, m *message, raw []byte) {
	in := &d.in
	c.frame(d, m)
	in.Key = "m:" + strconv.Itoa(m.ID)
	switch {
	case m.MigrateTo != 0:
		in.Kind, in.NewChat = crm.InMigrated, strconv.FormatInt(m.MigrateTo, 10)
	case m.MigrateFrom != 0:
		d.store = false // the old group has said it; a row here would make a second conversation of one group
	case in.From.Bot:
		in.Kind, in.Note = crm.InIgnored, "bot"
	case m.AutoForward:
		in.Kind, in.Note = crm.InIgnored, "post of the linked channel"
	case m.Text != "":
		in.Kind = crm.InText
		c.readWords(in)
	case in.Media != nil:
		in.Kind = crm.InMedia
		c.readWords(in)
	case m.Sticker != nil:
		in.Kind, in.Note = crm.InOther, "sticker"
		in.Media = []crm.Media{sticker(m)}
	case m.Contact != nil:
		in.Kind, in.Card = crm.InContact, card(m)
	case m.Location != nil:
		in.Kind, in.Location = crm.InLocation, location(m)
	default:
		in.Kind, in.Note = unusual(raw)
	}
}

// decodeEdit keeps what a message has become. Every step of a live location is an edit: the first point was enough.
func (c *Channel) decodeEdit(d *decoded, m *message) {
	c.frame(d, m)
	d.in.Kind = crm.InEdit
	d.in.Edits = number(m.ID)
	d.in.Key = "e:" + strconv.Itoa(m.ID) + ":" + strconv.FormatInt(m.EditDate, 10) + ":" + fingerprint(d.in)
	if d.in.From.Bot {
		d.in.Kind, d.in.Note = crm.InIgnored, "bot"
	}
	if m.Location != nil {
		d.store = false
	}
}

// fingerprint tells two edits of one message within a second apart: their date is the same, what they say is not. A redelivery says
// the same.
func fingerprint(in crm.Inbound) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(in.Text)) // never fails
	for _, m := range in.Media {
		_, _ = h.Write([]byte("\x00" + m.Unique))
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// frame is what messages of every kind have.
func (c *Channel) frame(d *decoded, m *message) {
	in := &d.in
	date := m.Date
	if m.EditDate != 0 {
		date = m.EditDate
	}
	c.place(d, m.Chat, date)
	in.From = author(m.From, m.SenderChat)
	if m.InTopic {
		in.Thread = number(m.Thread)
	}
	// In a topic every message that answers nothing answers the message that opened the topic.
	if m.ReplyTo != nil && !(m.InTopic && m.ReplyTo.ID == m.Thread) {
		in.ReplyTo = number(m.ReplyTo.ID)
	}
	in.Album = bots.Clean(m.MediaGroup, maxID)
	in.Text = m.Text
	if in.Text == "" {
		in.Text = m.Caption
	}
	in.Text = cutUnits(bots.Clean(in.Text, maxText), maxText)
	in.Media = media(m)
}

// readWords looks for a command. In a group it must be meant for this bot; one for another bot is not ours to answer.
func (c *Channel) readWords(in *crm.Inbound) {
	found, ok := bots.FindCommand(in.Text)
	if !ok {
		return
	}
	me := c.identity().Username
	if in.Group && found.Bot != "" && me != "" && !strings.EqualFold(found.Bot, me) {
		if in.Kind == crm.InText && strings.HasPrefix(in.Text, "/") {
			in.Kind, in.Note = crm.InIgnored, "command for another bot"
		}
		return
	}
	in.Command, in.Args = found.Name, found.Args
	if found.Name == "start" {
		in.Start = startPayload(found.Args)
	}
}

// unusual says what a message is that has none of the contents we read: by the name of the field that holds it.
func unusual(raw []byte) (crm.InboundKind, string) {
	var outer struct {
		Message map[string]json.RawMessage `json:"message"`
	}
	_ = json.Unmarshal(raw, &outer)
	kind, note := crm.InIgnored, "empty"
	for _, field := range slices.Sorted(maps.Keys(outer.Message)) {
		if envelopeFields[field] {
			continue
		}
		if !serviceFields[field] {
			return crm.InOther, bots.Clean(field, maxName)
		}
		note = field
	}
	return kind, note
}

func set(fields ...string) map[string]bool {
	members := make(map[string]bool, len(fields))
	for _, field := range fields {
		members[field] = true
	}
	return members
}

// envelopeFields say how a message came and not what it holds.
var envelopeFields = set("message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
	"sender_business_bot", "sender_tag", "date", "business_connection_id", "chat", "forward_origin", "forward_from", "forward_from_chat",
	"forward_from_message_id", "forward_signature", "forward_sender_name", "forward_date", "is_topic_message", "is_automatic_forward",
	"reply_to_message", "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id", "via_bot", "edit_date",
	"has_protected_content", "is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities",
	"caption_entities", "link_preview_options", "effect_id", "show_caption_above_media", "has_media_spoiler", "reply_markup", "text", "caption")

// serviceFields tell of something that happened in a chat; nobody said anything.
var serviceFields = set("new_chat_members", "new_chat_member", "new_chat_participant", "left_chat_member", "left_chat_participant",
	"new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
	"message_auto_delete_timer_changed", "migrate_from_chat_id", "pinned_message", "connected_website", "write_access_allowed",
	"proximity_alert_triggered", "boost_added", "chat_background_set", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
	"forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway_completed",
	"video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "paid_message_price_changed",
	"direct_message_price_changed", "chat_owner_left", "chat_owner_changed", "checklist_tasks_done", "checklist_tasks_added")

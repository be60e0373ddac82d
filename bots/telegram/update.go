package telegram

import "github.com/go-telegram/bot/models"

// update is the part of models.Update that is read. The library's own type fails as a whole on an unknown word inside
// (a new kind of member, reaction or forward), which would make a poison of every such update; this one keeps what it
// understands, and is cheaper. Kinds that are not listed are looked at by name alone: see decodeOther.
type update struct {
	ID              int64          `json:"update_id"`
	Message         *message       `json:"message"`
	EditedMessage   *message       `json:"edited_message"`
	CallbackQuery   *callbackQuery `json:"callback_query"`
	MyChatMember    *memberChange  `json:"my_chat_member"`
	MessageReaction *reaction      `json:"message_reaction"`
}

type message struct {
	ID            int                `json:"message_id"`
	Thread        int                `json:"message_thread_id"`
	InTopic       bool               `json:"is_topic_message"`
	From          *models.User       `json:"from"`
	SenderChat    *models.Chat       `json:"sender_chat"`
	Date          int64              `json:"date"`
	EditDate      int64              `json:"edit_date"`
	Chat          models.Chat        `json:"chat"`
	ForwardOrigin *struct{}          `json:"forward_origin"`
	AutoForward   bool               `json:"is_automatic_forward"`
	ReplyTo       *messageID         `json:"reply_to_message"`
	MediaGroup    string             `json:"media_group_id"`
	Text          string             `json:"text"`
	Caption       string             `json:"caption"`
	Photo         []models.PhotoSize `json:"photo"`
	Document      *models.Document   `json:"document"`
	Video         *models.Video      `json:"video"`
	VideoNote     *models.VideoNote  `json:"video_note"`
	Voice         *models.Voice      `json:"voice"`
	Audio         *models.Audio      `json:"audio"`
	Animation     *models.Animation  `json:"animation"`
	Sticker       *models.Sticker    `json:"sticker"`
	Contact       *models.Contact    `json:"contact"`
	Location      *models.Location   `json:"location"`
	Venue         *models.Venue      `json:"venue"`
	MigrateTo     int64              `json:"migrate_to_chat_id"`
	MigrateFrom   int64              `json:"migrate_from_chat_id"`
}

type messageID struct {
	ID int `json:"message_id"`
}

// callbackQuery has a message, the stub of one that is no longer accessible, or none when it was sent inline.
type callbackQuery struct {
	ID      string        `json:"id"`
	From    *models.User  `json:"from"`
	Message *callbackFrom `json:"message"`
	Data    string        `json:"data"`
}

type callbackFrom struct {
	ID      int         `json:"message_id"`
	Thread  int         `json:"message_thread_id"`
	InTopic bool        `json:"is_topic_message"`
	Chat    models.Chat `json:"chat"`
}

type memberChange struct {
	Chat models.Chat  `json:"chat"`
	From *models.User `json:"from"`
	Date int64        `json:"date"`
	Old  member       `json:"old_chat_member"`
	New  member       `json:"new_chat_member"`
}

type member struct {
	Status   models.ChatMemberType `json:"status"`
	IsMember bool                  `json:"is_member"` // of a restricted one
}

// gone tells that somebody with this status can't be written to. No status at all is not gone.
func (m member) gone() bool {
	return m.Status == models.ChatMemberTypeLeft || m.Status == models.ChatMemberTypeBanned ||
		m.Status == models.ChatMemberTypeRestricted && !m.IsMember
}

type reaction struct {
	Chat      models.Chat  `json:"chat"`
	ID        int          `json:"message_id"`
	User      *models.User `json:"user"`
	ActorChat *models.Chat `json:"actor_chat"`
	Date      int64        `json:"date"`
	New       []struct {
		Type  string `json:"type"`
		Emoji string `json:"emoji"`
	} `json:"new_reaction"`
}

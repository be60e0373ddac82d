package simulator

import "encoding/json"

// User is a person or a bot, with the field names of the Bot API.
type User struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

// Chat is where messages are: "private", "group", "supergroup" or "channel".
type Chat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

// Entity marks a part of a text. Offset and Length count UTF-16 units.
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *User  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

// Message is a message with the field names of the Bot API; kinds the product never meets are left out.
type Message struct {
	ID                  int64           `json:"message_id"`
	ThreadID            int64           `json:"message_thread_id,omitempty"`
	From                *User           `json:"from,omitempty"`
	SenderChat          *Chat           `json:"sender_chat,omitempty"`
	Date                int64           `json:"date"`
	Chat                Chat            `json:"chat"`
	ForwardOrigin       *Origin         `json:"forward_origin,omitempty"`
	IsTopicMessage      bool            `json:"is_topic_message,omitempty"`
	ReplyTo             *Message        `json:"reply_to_message,omitempty"`
	EditDate            int64           `json:"edit_date,omitempty"`
	HasProtectedContent bool            `json:"has_protected_content,omitempty"`
	MediaGroupID        string          `json:"media_group_id,omitempty"`
	AuthorSignature     string          `json:"author_signature,omitempty"`
	Text                string          `json:"text,omitempty"`
	Entities            []Entity        `json:"entities,omitempty"`
	LinkPreviewOptions  json.RawMessage `json:"link_preview_options,omitempty"`

	Media

	Caption               string   `json:"caption,omitempty"`
	CaptionEntities       []Entity `json:"caption_entities,omitempty"`
	ShowCaptionAboveMedia bool     `json:"show_caption_above_media,omitempty"`
	HasMediaSpoiler       bool     `json:"has_media_spoiler,omitempty"`

	Contact  *Contact  `json:"contact,omitempty"`
	Dice     *Dice     `json:"dice,omitempty"`
	Poll     *Poll     `json:"poll,omitempty"`
	Venue    *Venue    `json:"venue,omitempty"`
	Location *Location `json:"location,omitempty"`

	Service

	ReplyMarkup *InlineKeyboard `json:"reply_markup,omitempty"`
}

// Media are the files of a message; at most one kind is set (an animation also shows as a document, as in Telegram).
type Media struct {
	Animation *FileRef    `json:"animation,omitempty"`
	Audio     *FileRef    `json:"audio,omitempty"`
	Document  *FileRef    `json:"document,omitempty"`
	Photo     []PhotoSize `json:"photo,omitempty"`
	Sticker   *FileRef    `json:"sticker,omitempty"`
	Video     *FileRef    `json:"video,omitempty"`
	VideoNote *FileRef    `json:"video_note,omitempty"`
	Voice     *FileRef    `json:"voice,omitempty"`
}

// Service are the notices that the chat itself writes.
type Service struct {
	NewChatMembers     []User          `json:"new_chat_members,omitempty"`
	LeftChatMember     *User           `json:"left_chat_member,omitempty"`
	MigrateToChatID    int64           `json:"migrate_to_chat_id,omitempty"`
	MigrateFromChatID  int64           `json:"migrate_from_chat_id,omitempty"`
	PinnedMessage      *Message        `json:"pinned_message,omitempty"`
	ForumTopicCreated  *TopicCreated   `json:"forum_topic_created,omitempty"`
	ForumTopicEdited   *TopicEdited    `json:"forum_topic_edited,omitempty"`
	ForumTopicClosed   *struct{}       `json:"forum_topic_closed,omitempty"`
	ForumTopicReopened *struct{}       `json:"forum_topic_reopened,omitempty"`
	GroupChatCreated   bool            `json:"group_chat_created,omitempty"`
	WebAppData         json.RawMessage `json:"web_app_data,omitempty"`
}

// Origin tells where a forwarded message was first written.
type Origin struct {
	Type           string `json:"type"` // user, hidden_user, chat, channel
	Date           int64  `json:"date"`
	SenderUser     *User  `json:"sender_user,omitempty"`
	SenderUserName string `json:"sender_user_name,omitempty"`
	SenderChat     *Chat  `json:"sender_chat,omitempty"`
	Chat           *Chat  `json:"chat,omitempty"`
	MessageID      int64  `json:"message_id,omitempty"`
}

// Contact is a shared phone number; UserID is set when it belongs to a Telegram user.
type Contact struct {
	PhoneNumber string `json:"phone_number"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name,omitempty"`
	UserID      int64  `json:"user_id,omitempty"`
	VCard       string `json:"vcard,omitempty"`
}

// Dice is a thrown die, dart or slot machine.
type Dice struct {
	Emoji string `json:"emoji"`
	Value int    `json:"value"`
}

// Poll is a question with options.
type Poll struct {
	ID          string       `json:"id"`
	Question    string       `json:"question"`
	Options     []PollOption `json:"options"`
	TotalVoters int          `json:"total_voter_count"`
	IsClosed    bool         `json:"is_closed"`
	IsAnonymous bool         `json:"is_anonymous"`
	Type        string       `json:"type"`
	Multiple    bool         `json:"allows_multiple_answers"`
}

// PollOption is one answer of a Poll.
type PollOption struct {
	Text   string `json:"text"`
	Voters int    `json:"voter_count"`
}

// Location is a point; LivePeriod (seconds) is set when it moves.
type Location struct {
	Longitude          float64 `json:"longitude"`
	Latitude           float64 `json:"latitude"`
	HorizontalAccuracy float64 `json:"horizontal_accuracy,omitempty"`
	LivePeriod         int     `json:"live_period,omitempty"`
	Heading            int     `json:"heading,omitempty"`
}

// Venue is a named place.
type Venue struct {
	Location Location `json:"location"`
	Title    string   `json:"title"`
	Address  string   `json:"address"`
}

// TopicCreated is the notice that opens a forum topic; its message id is the topic's id.
type TopicCreated struct {
	Name      string `json:"name"`
	IconColor int    `json:"icon_color"`
}

// TopicEdited is the notice of a new name.
type TopicEdited struct {
	Name string `json:"name,omitempty"`
}

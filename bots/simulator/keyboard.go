package simulator

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Limits of keyboards. maxCallbackData counts bytes, not letters: 33 Cyrillic letters are already too many.
const (
	maxCallbackData = 64
	maxButtons      = 100
	maxMarkupBytes  = 10_000
)

// InlineKeyboard stands under a message.
type InlineKeyboard struct {
	Rows [][]InlineButton `json:"inline_keyboard"`
}

// InlineButton is one button under a message; exactly one action is set.
type InlineButton struct {
	Text            string          `json:"text"`
	IconEmojiID     string          `json:"icon_custom_emoji_id,omitempty"`
	Style           string          `json:"style,omitempty"` // primary, success, danger
	URL             string          `json:"url,omitempty"`
	CallbackData    string          `json:"callback_data,omitempty"`
	WebApp          *WebApp         `json:"web_app,omitempty"`
	LoginURL        json.RawMessage `json:"login_url,omitempty"`
	SwitchInline    *string         `json:"switch_inline_query,omitempty"`
	SwitchInlineNow *string         `json:"switch_inline_query_current_chat,omitempty"`
	SwitchChosen    json.RawMessage `json:"switch_inline_query_chosen_chat,omitempty"`
	CopyText        *CopyText       `json:"copy_text,omitempty"`
	CallbackGame    json.RawMessage `json:"callback_game,omitempty"`
	Pay             bool            `json:"pay,omitempty"`
}

// WebApp is a Mini App's address.
type WebApp struct {
	URL string `json:"url"`
}

// CopyText is what a copy button puts on the clipboard, 1 to 256 letters.
type CopyText struct {
	Text string `json:"text"`
}

// ReplyKeyboard replaces the person's own keyboard.
type ReplyKeyboard struct {
	Rows        [][]KeyboardButton `json:"keyboard"`
	Persistent  bool               `json:"is_persistent,omitempty"`
	Resize      bool               `json:"resize_keyboard,omitempty"`
	OneTime     bool               `json:"one_time_keyboard,omitempty"`
	Placeholder string             `json:"input_field_placeholder,omitempty"`
	Selective   bool               `json:"selective,omitempty"`
}

// KeyboardButton is one button of a ReplyKeyboard; in JSON it may also be just its text.
type KeyboardButton struct {
	Text            string          `json:"text"`
	IconEmojiID     string          `json:"icon_custom_emoji_id,omitempty"`
	Style           string          `json:"style,omitempty"`
	RequestContact  bool            `json:"request_contact,omitempty"`
	RequestLocation bool            `json:"request_location,omitempty"`
	RequestUsers    json.RawMessage `json:"request_users,omitempty"`
	RequestChat     json.RawMessage `json:"request_chat,omitempty"`
	RequestPoll     json.RawMessage `json:"request_poll,omitempty"`
	WebApp          *WebApp         `json:"web_app,omitempty"`
}

// UnmarshalJSON reads a button from an object or from its text alone.
func (b *KeyboardButton) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*b = KeyboardButton{}
		return json.Unmarshal(raw, &b.Text)
	}
	type plain KeyboardButton
	return json.Unmarshal(raw, (*plain)(b))
}

// replyMarkup is a parsed reply_markup; at most one of its parts is set.
type replyMarkup struct {
	inline     *InlineKeyboard
	reply      *ReplyKeyboard
	remove     bool
	forceReply bool
}

// readMarkup checks reply_markup as strictly as Telegram, and stricter where Telegram silently drops things: empty
// rows and buttons with two actions are refused, because they are always a mistake of the bot.
func readMarkup(a args, c *chat) (replyMarkup, *apiError) {
	text := a.str("reply_markup")
	if text == "" {
		return replyMarkup{}, nil
	}
	var m struct {
		Inline   json.RawMessage `json:"inline_keyboard"`
		Keyboard json.RawMessage `json:"keyboard"`
		Remove   bool            `json:"remove_keyboard"`
		Force    bool            `json:"force_reply"`
	}
	var syntax *json.SyntaxError
	err := json.Unmarshal([]byte(text), &m)
	switch {
	case errors.As(err, &syntax):
		return replyMarkup{}, badRequest("can't parse reply keyboard markup JSON object")
	case err != nil || strings.TrimSpace(text)[0] != '{':
		return replyMarkup{}, badRequest("object expected as reply markup")
	case m.Inline != nil:
		k, refused := readInline(m.Inline)
		return replyMarkup{inline: k}, refused
	case m.Keyboard != nil:
		k, refused := readReply(m.Keyboard, text, c)
		return replyMarkup{reply: k}, refused
	}
	return replyMarkup{remove: m.Remove, forceReply: m.Force}, nil
}

// readRows reads an array of arrays of buttons, telling apart the ways in which it isn't one.
func readRows[T any](raw json.RawMessage, field, owner, bad string) ([][]T, *apiError) {
	if raw[0] != '[' {
		return nil, badRequest(`field "%s" must be of type Array`, field)
	}
	var rows [][]T
	if err := json.Unmarshal(raw, &rows); err != nil {
		var shape [][]json.RawMessage
		if json.Unmarshal(raw, &shape) == nil {
			return nil, badRequest(bad+"%v", err)
		}
		return nil, badRequest(`field "%s"%s must be an Array of Arrays`, field, owner)
	}
	count := 0
	for _, row := range rows {
		if row == nil {
			return nil, badRequest(`field "%s"%s must be an Array of Arrays`, field, owner)
		}
		if len(row) == 0 {
			return nil, badRequest("keyboard row must be non-empty")
		}
		count += len(row)
	}
	if count > maxButtons || len(raw) > maxMarkupBytes {
		return nil, badRequest("reply markup is too long")
	}
	return rows, nil
}

const badInline = "can't parse inline keyboard button: "

func readInline(raw json.RawMessage) (*InlineKeyboard, *apiError) {
	rows, refused := readRows[InlineButton](raw, "inline_keyboard", " of the InlineKeyboardMarkup", badInline)
	if refused != nil || len(rows) == 0 {
		return nil, refused
	}
	for _, row := range rows {
		for i := range row {
			if refused := row[i].check(); refused != nil {
				return nil, refused
			}
		}
	}
	return &InlineKeyboard{Rows: rows}, nil
}

// check refuses a button without text or without exactly one good action.
func (b *InlineButton) check() *apiError {
	if b.Text == "" {
		return badRequest(badInline + `Can't find field "text"`)
	}
	if refused := checkStyle(b.Style, badInline); refused != nil {
		return refused
	}
	if b.CopyText != nil && b.CopyText.Text == "" {
		b.CopyText = nil // some clients always send the object, empty: no action
	}
	actions := count(
		b.URL != "", b.CallbackData != "", b.WebApp != nil, len(b.LoginURL) > 0, b.SwitchInline != nil, b.SwitchInlineNow != nil,
		len(b.SwitchChosen) > 0, b.CopyText != nil, len(b.CallbackGame) > 0, b.Pay,
	)
	switch {
	case actions == 0:
		return badRequest(badInline + "Text buttons are unallowed in the inline keyboard")
	case actions > 1:
		return badRequest(badInline + "exactly one action must be specified")
	case len(b.CallbackData) > maxCallbackData:
		return badRequest("BUTTON_DATA_INVALID")
	case b.URL != "" && checkedURL(b.URL) == "":
		return badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
	case b.WebApp != nil && !strings.HasPrefix(b.WebApp.URL, "https://"):
		return badRequest("inline keyboard button Web App URL '%s' is invalid: Only HTTPS links are allowed", b.WebApp.URL)
	case b.CopyText != nil && utf8.RuneCountInString(b.CopyText.Text) > 256:
		return badRequest("BUTTON_COPY_TEXT_INVALID")
	}
	return nil
}

func count(flags ...bool) int {
	n := 0
	for _, set := range flags {
		if set {
			n++
		}
	}
	return n
}

func checkStyle(style, bad string) *apiError {
	switch style {
	case "", "default", "primary", "success", "danger":
		return nil
	}
	return badRequest(bad + "invalid button style specified")
}

func readReply(raw json.RawMessage, whole string, c *chat) (*ReplyKeyboard, *apiError) {
	const bad = "can't parse keyboard button: "
	rows, refused := readRows[KeyboardButton](raw, "keyboard", "", bad)
	if refused != nil || len(rows) == 0 {
		return nil, refused
	}
	k := &ReplyKeyboard{}
	if err := json.Unmarshal([]byte(whole), k); err != nil {
		return nil, badRequest(bad+"%v", err)
	}
	for _, row := range k.Rows {
		for _, b := range row {
			refused := checkStyle(b.Style, bad)
			requests := count(
				b.RequestContact, b.RequestLocation, b.WebApp != nil,
				len(b.RequestUsers) > 0, len(b.RequestChat) > 0, len(b.RequestPoll) > 0,
			)
			switch {
			case b.Text == "":
				refused = badRequest(bad + `Can't find field "text"`)
			case requests > 1:
				refused = badRequest(bad + "at most one request must be specified")
			case b.RequestContact && !c.private():
				refused = badRequest("phone number can be requested in private chats only")
			case b.RequestLocation && !c.private():
				refused = badRequest("location can be requested in private chats only")
			}
			if refused != nil {
				return nil, refused
			}
		}
	}
	return k, nil
}

// find gives the first button with this text or this data.
func (k *InlineKeyboard) find(text, data string) *InlineButton {
	if k == nil {
		return nil
	}
	for r := range k.Rows {
		for i := range k.Rows[r] {
			b := &k.Rows[r][i]
			if text != "" && b.Text == text || data != "" && b.CallbackData == data {
				return b
			}
		}
	}
	return nil
}

func (k *InlineKeyboard) at(row, col int) *InlineButton {
	if k == nil || row < 0 || row >= len(k.Rows) || col < 0 || col >= len(k.Rows[row]) {
		return nil
	}
	return &k.Rows[row][col]
}

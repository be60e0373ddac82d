package simulator

import (
	"bytes"
	"encoding/json"
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
	var fields map[string]json.RawMessage
	if !json.Valid([]byte(text)) {
		return replyMarkup{}, badRequest("can't parse reply keyboard markup JSON object")
	}
	if err := json.Unmarshal([]byte(text), &fields); err != nil || fields == nil {
		return replyMarkup{}, badRequest("object expected as reply markup")
	}
	if raw, ok := fields["inline_keyboard"]; ok {
		k, refused := readInline(raw)
		return replyMarkup{inline: k}, refused
	}
	if raw, ok := fields["keyboard"]; ok {
		k, refused := readReply(raw, text, c)
		return replyMarkup{reply: k}, refused
	}
	m := replyMarkup{remove: string(fields["remove_keyboard"]) == "true", forceReply: string(fields["force_reply"]) == "true"}
	return m, nil
}

// rowsOf reads an array of arrays, telling apart the ways in which it isn't one.
func rowsOf(raw json.RawMessage, field, owner string) ([][]json.RawMessage, *apiError) {
	if raw = bytes.TrimSpace(raw); raw[0] != '[' {
		return nil, badRequest(`field "%s" must be of type Array`, field)
	}
	var rows [][]json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
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

func readInline(raw json.RawMessage) (*InlineKeyboard, *apiError) {
	rows, refused := rowsOf(raw, "inline_keyboard", " of the InlineKeyboardMarkup")
	if refused != nil || len(rows) == 0 {
		return nil, refused
	}
	k := &InlineKeyboard{Rows: make([][]InlineButton, len(rows))}
	for i, row := range rows {
		for _, raw := range row {
			b, refused := readInlineButton(raw)
			if refused != nil {
				return nil, refused
			}
			k.Rows[i] = append(k.Rows[i], b)
		}
	}
	return k, nil
}

func readInlineButton(raw json.RawMessage) (InlineButton, *apiError) {
	const bad = "can't parse inline keyboard button: "
	var b InlineButton
	if raw[0] != '{' {
		return b, badRequest(bad + "InlineKeyboardButton must be an Object")
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return b, badRequest(bad+"%v", err)
	}
	if b.Text == "" {
		return b, badRequest(bad + `Can't find field "text"`)
	}
	if refused := checkStyle(b.Style, bad); refused != nil {
		return b, refused
	}
	if b.CopyText != nil && b.CopyText.Text == "" {
		b.CopyText = nil // some clients always send the object, empty: no action
	}
	actions := 0
	for _, set := range []bool{
		b.URL != "", b.CallbackData != "", b.WebApp != nil, len(b.LoginURL) > 0, b.SwitchInline != nil, b.SwitchInlineNow != nil,
		len(b.SwitchChosen) > 0, b.CopyText != nil, len(b.CallbackGame) > 0, b.Pay,
	} {
		if set {
			actions++
		}
	}
	switch {
	case actions == 0:
		return b, badRequest(bad + "Text buttons are unallowed in the inline keyboard")
	case actions > 1:
		return b, badRequest(bad + "exactly one action must be specified")
	case len(b.CallbackData) > maxCallbackData:
		return b, badRequest("BUTTON_DATA_INVALID")
	case b.URL != "" && checkedURL(b.URL) == "":
		return b, badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
	case b.WebApp != nil && !strings.HasPrefix(b.WebApp.URL, "https://"):
		return b, badRequest("inline keyboard button Web App URL '%s' is invalid: Only HTTPS links are allowed", b.WebApp.URL)
	case b.CopyText != nil && utf8.RuneCountInString(b.CopyText.Text) > 256:
		return b, badRequest("BUTTON_COPY_TEXT_INVALID")
	}
	return b, nil
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
	rows, refused := rowsOf(raw, "keyboard", "")
	if refused != nil || len(rows) == 0 {
		return nil, refused
	}
	k := &ReplyKeyboard{}
	if err := json.Unmarshal([]byte(whole), k); err != nil {
		return nil, badRequest(bad+"%v", err)
	}
	for _, row := range k.Rows {
		for _, b := range row {
			requests := 0
			for _, set := range []bool{
				b.RequestContact, b.RequestLocation, b.WebApp != nil,
				len(b.RequestUsers) > 0, len(b.RequestChat) > 0, len(b.RequestPoll) > 0,
			} {
				if set {
					requests++
				}
			}
			refused := checkStyle(b.Style, bad)
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

// find gives the button with this text, or else this data; row and col are then set.
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

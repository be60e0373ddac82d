package telegram

import (
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// inlineKeyboard is our own because the library's writes an empty copy_text into every button.
type inlineKeyboard struct {
	Rows [][]inlineButton `json:"inline_keyboard"`
}

type inlineButton struct {
	Text string                 `json:"text"`
	Data string                 `json:"callback_data,omitempty"`
	URL  string                 `json:"url,omitempty"`
	Copy *models.CopyTextButton `json:"copy_text,omitempty"`
}

// markupOf builds the buttons under a message or the keyboard of a chat, nil when there is neither; a message can have only one of
// them, buttons win. What Telegram would refuse is refused here, before any call.
func markupOf(out crm.Outbound) (any, error) {
	switch {
	case len(out.Buttons) > 0:
		return inlineOf(out.Buttons)
	case len(out.Keyboard) > 0:
		return keyboardOf(out.Keyboard), nil
	case out.HideKeyboard:
		return &models.ReplyKeyboardRemove{RemoveKeyboard: true}, nil
	}
	return nil, nil
}

func inlineOf(buttons [][]crm.Button) (any, error) {
	keyboard := &inlineKeyboard{Rows: make([][]inlineButton, 0, len(buttons))}
	for _, row := range buttons {
		line := make([]inlineButton, 0, len(row))
		for _, button := range row {
			if err := checkButton(button); err != nil {
				return nil, err
			}
			one := inlineButton{Text: button.Text, Data: button.Data, URL: button.URL}
			if button.Copy != "" {
				one.Copy = &models.CopyTextButton{Text: button.Copy}
			}
			line = append(line, one)
		}
		if len(line) > 0 {
			keyboard.Rows = append(keyboard.Rows, line)
		}
	}
	if len(keyboard.Rows) == 0 {
		return nil, nil
	}
	return keyboard, nil
}

func checkButton(button crm.Button) error {
	actions := 0
	for _, action := range []string{button.Data, button.URL, button.Copy} {
		if action != "" {
			actions++
		}
	}
	name := "button " + strconv.Quote(button.Text)
	switch {
	case strings.TrimSpace(button.Text) == "":
		return bots.GiveUp("buttons", "a button has no text")
	case actions != 1:
		return bots.GiveUp("buttons", name+" must have exactly one of data, url and copy")
	case len(button.Data) > maxData:
		return bots.GiveUp("buttons", name+" carries "+strconv.Itoa(len(button.Data))+" bytes, the limit is 64")
	case cutUnits(button.Copy, maxCopy) != button.Copy:
		return bots.GiveUp("buttons", name+" copies more than 256 letters")
	}
	return nil
}

func keyboardOf(keys [][]crm.Key) any {
	keyboard := &models.ReplyKeyboardMarkup{ResizeKeyboard: true}
	for _, row := range keys {
		line := make([]models.KeyboardButton, 0, len(row))
		for _, key := range row {
			line = append(line, models.KeyboardButton{Text: key.Text, RequestContact: key.Contact, RequestLocation: key.Location})
		}
		if len(line) > 0 {
			keyboard.Keyboard = append(keyboard.Keyboard, line)
		}
	}
	return keyboard
}

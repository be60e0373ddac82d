package main

import (
	"errors"

	"govorun/crm/passport"
	"govorun/crm/stickers"
)

// invitation gives the link that hands a payload to the bot, and its QR code.
func (y *system) invitation(payload string) (link string, picture []byte, err error) {
	bot := y.channel.Username()
	if bot == "" {
		return "", nil, errors.New("telegram has not told the bot's name yet")
	}
	link = passport.Link(bot, payload)
	picture, err = stickers.LinkPNG(link)
	return link, picture, err
}

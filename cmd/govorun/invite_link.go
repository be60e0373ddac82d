package main

import (
	"errors"

	"govorun/bots/whatsapp"
	"govorun/crm/passport"
	"govorun/crm/stickers"
)

// invitation gives the link that hands a payload to the bot, and its QR code.
func (y *system) invitation(payload string) (link string, picture []byte, err error) {
	bot := ""
	if y.telegram != nil {
		bot = y.telegram.Username()
	}
	if bot == "" {
		return "", nil, errors.New("telegram has not told the bot's name yet")
	}
	link = passport.Link(bot, payload)
	picture, err = stickers.LinkPNG(link)
	return link, picture, err
}

// elsewhere gives the link by which a talk goes on with another provider; false when nobody can be reached there now.
func (y *system) elsewhere(provider, code string) (link string, ok bool) {
	if provider != whatsappChannel {
		if y.telegram == nil || y.telegram.Username() == "" {
			return "", false
		}
		return passport.Link(y.telegram.Username(), "go_"+code), true
	}
	for _, one := range y.accounts.list() {
		if number, is := one.channel.(*whatsapp.Channel); is && number.State().Kind.Online() {
			if phone := number.Phone(); phone != "" {
				return passport.WhatsAppLink(phone, "go", code), true
			}
		}
	}
	return "", false
}

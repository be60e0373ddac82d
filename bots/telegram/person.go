package telegram

import (
	"strconv"

	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

func person(user *models.User) crm.Person {
	if user == nil {
		return crm.Person{}
	}
	return crm.Person{
		ID:       idOf(user.ID),
		Name:     bots.Line(user.FirstName+" "+user.LastName, maxName),
		Username: bots.Clean(user.Username, maxName),
		Lang:     bots.Clean(user.LanguageCode, maxName),
		Bot:      user.IsBot,
	}
}

// author is who wrote. An anonymous administrator and somebody who writes as a channel come with a stand-in bot as the user: the
// chat they write for is their name.
func author(user *models.User, chat *models.Chat) crm.Person {
	if chat == nil || chat.ID == 0 {
		return person(user)
	}
	return crm.Person{ID: idOf(chat.ID), Name: bots.Line(chat.Title, maxName), Username: bots.Clean(chat.Username, maxName)}
}

func idOf(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

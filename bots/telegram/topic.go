package telegram

import (
	"context"
	"strconv"

	"github.com/go-telegram/bot"

	"govorun/bots"
	"govorun/crm"
)

// maxTopicName is Telegram's limit for the name of a topic, in characters.
const maxTopicName = 128

var _ bots.TopicMaker = (*Channel)(nil)

// MakeTopic makes a topic in a forum in which the bot may manage topics, and gives its id. The error is a *crm.SendError.
func (c *Channel) MakeTopic(ctx context.Context, chat, name string) (string, error) {
	to, err := envelopeOf(crm.Outbound{Address: crm.Address{Chat: chat}})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	topic, err := c.bot.CreateForumTopic(ctx, &bot.CreateForumTopicParams{ChatID: to.chat, Name: bots.Shorten(bots.Line(name, maxTopicName), maxTopicName)})
	if err != nil {
		return "", c.sendError(crm.OutMessage, err)
	}
	return number(topic.MessageThreadID), nil
}

// ReopenTopic opens a topic that somebody closed.
func (c *Channel) ReopenTopic(ctx context.Context, chat, thread string) error {
	to, err := envelopeOf(crm.Outbound{Address: crm.Address{Chat: chat}})
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(thread)
	if err != nil {
		return bots.GiveUp("bad_address", strconv.Quote(thread)+" is no topic of Telegram")
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := c.bot.ReopenForumTopic(ctx, &bot.ReopenForumTopicParams{ChatID: to.chat, MessageThreadID: id}); err != nil {
		return c.sendError(crm.OutMessage, err)
	}
	return nil
}

package telegram

import (
	"context"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// sendContact sends a contact card; a text follows it, with the buttons.
func (c *Channel) sendContact(ctx context.Context, out crm.Outbound, to addressed) (string, error) {
	card := out.Contact
	if card == nil || strings.TrimSpace(card.Phone) == "" {
		return "", bots.GiveUp("empty", "the contact card has no phone")
	}
	name := strings.Join(strings.Fields(card.Name), " ")
	if name == "" {
		name = card.Phone // Telegram refuses a card without a name
	}
	return c.beside(ctx, out, to, func(ctx context.Context, to addressed) (*models.Message, error) {
		return c.bot.SendContact(ctx, &bot.SendContactParams{
			ChatID: to.chat, MessageThreadID: to.thread, PhoneNumber: card.Phone, FirstName: cutUnits(name, maxName),
			ReplyParameters: to.reply, ReplyMarkup: to.markup,
		})
	})
}

// sendLocation sends a point on the map, with its name when it has one; a text follows it, with the buttons.
func (c *Channel) sendLocation(ctx context.Context, out crm.Outbound, to addressed) (string, error) {
	place := out.Location
	if place == nil {
		return "", bots.GiveUp("empty", "there is no place to send")
	}
	if title := strings.TrimSpace(place.Title); title != "" {
		// A venue must have a title and an address; there is no address, so the title stands alone.
		return c.beside(ctx, out, to, func(ctx context.Context, to addressed) (*models.Message, error) {
			return c.bot.SendVenue(ctx, &bot.SendVenueParams{
				ChatID: to.chat, MessageThreadID: to.thread, Latitude: place.Latitude, Longitude: place.Longitude, Title: cutUnits(title, maxName), Address: "·",
				ReplyParameters: to.reply, ReplyMarkup: to.markup,
			})
		})
	}
	return c.beside(ctx, out, to, func(ctx context.Context, to addressed) (*models.Message, error) {
		return c.bot.SendLocation(ctx, &bot.SendLocationParams{
			ChatID: to.chat, MessageThreadID: to.thread, Latitude: place.Latitude, Longitude: place.Longitude,
			ReplyParameters: to.reply, ReplyMarkup: to.markup,
		})
	})
}

// beside sends something that takes no caption, and then the text that belongs to it.
func (c *Channel) beside(ctx context.Context, out crm.Outbound, to addressed, send func(context.Context, addressed) (*models.Message, error)) (string, error) {
	first, text := to, strings.TrimSpace(out.Text)
	if text != "" {
		first.markup = nil
	}
	steps := []step{func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		sent, err := send(ctx, first)
		if err != nil {
			return "", err
		}
		return number(sent.ID), nil
	}}
	if text != "" {
		to.reply = nil
		steps = append(steps, c.textSteps(Split(out.Text, maxText), to)...)
	}
	return c.inSteps(ctx, out.ID, steps)
}

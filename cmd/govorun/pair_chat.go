package main

import (
	"context"
	"errors"
	"time"

	"govorun/bots/whatsapp"
	"govorun/crm/stickers"
	"govorun/dialogs/turn"
)

// linkPatience bounds one linking from a chat: codes are good for three minutes.
const linkPatience = 5 * time.Minute

// linkNumber links a number for an employee who asked in a chat, and returns at once. A program that ends meanwhile has linked nothing: they ask again.
func (y *system) linkNumber(wish turn.LinkWish) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), linkPatience)
		defer cancel()
		wish.Tell(ctx, y.linked(ctx, wish))
	}()
}

// linked shows codes and gives how it ended.
func (y *system) linked(ctx context.Context, wish turn.LinkWish) turn.LinkTold {
	tables, err := y.db.WhatsAppStore(ctx, whatsapp.Prepare)
	if err != nil {
		y.log.Warn("number not linked", "err", err)
		return turn.LinkTold{Problem: string(whatsapp.LinkStore)}
	}
	defer tables.Close()
	config := linkConfig(y.db, tables, wish.Name)
	config.Server, config.Log = y.whatsapp, y.log
	account, err := whatsapp.Link(ctx, config, whatsapp.LinkConfig{Phone: wish.Phone, Replace: wish.Replace, Tell: func(step whatsapp.LinkStep) {
		told := turn.LinkTold{Code: step.Code, Until: step.Until}
		if step.QR != "" {
			if told.Picture, err = stickers.LinkPNG(step.QR); err != nil {
				y.log.Warn("code not drawn", "err", err)
				return
			}
		}
		wish.Tell(ctx, told)
	}})
	var problem *whatsapp.LinkError
	switch {
	case err == nil:
		return turn.LinkTold{Phone: account.Phone}
	case errors.As(err, &problem):
		y.log.Info("number not linked", "channel", config.Name, "problem", problem.Problem, "err", problem.Err)
		return turn.LinkTold{Problem: string(problem.Problem)}
	}
	return turn.LinkTold{Problem: string(whatsapp.LinkExpired)}
}

// numberTeller gives what tells those who may link numbers how one is doing, when that is bad, or good again: once for each change, also over a new
// start of the program.
func (y *system) numberTeller(channel string) func(whatsapp.State) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var told whatsapp.StateKind
	states, _ := y.db.ChannelStates(ctx) // else they hear once more
	for _, s := range states {
		if s.Channel == channel && toldOf("", whatsapp.StateKind(s.State)) {
			told = whatsapp.StateKind(s.State)
		}
	}
	return func(now whatsapp.State) { // one at a time, see whatsapp.Config.Report
		if !toldOf(told, now.Kind) {
			return
		}
		told = now.Kind
		go y.tellNumber(turn.NumberState{Channel: channel, Kind: string(now.Kind), Detail: now.Detail, Until: now.Until})
	}
}

func (y *system) tellNumber(now turn.NumberState) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := y.runner.TellNumber(ctx, now); err != nil {
		y.log.Warn("nobody told of the number", "channel", now.Channel, "state", now.Kind, "err", err)
	}
}

// toldOf tells whether people hear of a change of state: of what is bad, and that a number they heard bad of is connected again. before is the last
// state that they heard of, or empty.
func toldOf(before, now whatsapp.StateKind) bool {
	switch now {
	case whatsapp.PhoneUnseen, whatsapp.Offline, whatsapp.LoggedOut, whatsapp.Outdated, whatsapp.Banned, whatsapp.Replaced:
		return before != now
	case whatsapp.Linked:
		return before != "" && before != whatsapp.Linked
	}
	return false
}

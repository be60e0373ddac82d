package main

import (
	"context"
	"errors"
	"time"

	"govorun/cmd/govorun/bench"
)

type benchBroadcast struct {
	People   int `default:"5000" help:"How many people are to get the broadcast."`
	Contacts int `default:"40000" help:"How many contacts are in the base."`
	Messages int `default:"2000000" help:"How many messages are in the base."`
	Rate     int `default:"50" help:"Turns a second beside it."`
	Seconds  int `default:"15" help:"Length of each measurement."`
	Rounds   int `default:"4" help:"How often it is measured without and with the broadcast."`
}

// Help is shown by bench broadcast --help.
func (c *benchBroadcast) Help() string {
	return `The broadcast goes on for as long as is measured, at the most that Telegram allows, 25 messages a second. Whoever gets it twice is an error.

Example:
  govorun bench broadcast --messages 100000 --rounds 2`
}

// Run measures what a broadcast costs those who are talking.
func (c *benchBroadcast) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.People < 1 || c.Contacts < c.People || c.Contacts > 1_000_000 || c.Messages < 0 || c.Messages > 100_000_000 {
		return errors.New("--people is from 1, --contacts not below that and at most 1000000, --messages at most 100000000")
	}
	if c.Rate < 1 || c.Rate > 1000 || c.Seconds < 1 || c.Seconds > 600 || c.Rounds < 1 || c.Rounds > 100 {
		return errors.New("--rate is from 1 to 1000, --seconds from 1 to 600, --rounds from 1 to 100")
	}
	return bench.Broadcast{People: c.People, Contacts: c.Contacts, Messages: c.Messages, Rate: c.Rate, Window: time.Duration(c.Seconds) * time.Second,
		Rounds: c.Rounds}.Run(ctx, config)
}

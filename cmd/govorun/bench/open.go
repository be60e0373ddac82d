package bench

import (
	"context"
	"fmt"
	"time"
)

const (
	// openChats is how many chats open dialogs at once.
	openChats = 64
	// openAnswers is how many messages a person sends before leaving: the bot has just asked for the city.
	openAnswers = 3
	// openBefore is how many dialogs are held at most before the first look at the memory: a program that has worked already.
	openBefore = 3000
)

// opened is what the program took of memory, in MB: just started, after it had worked, and with the dialogs open.
type opened struct {
	Fresh, Worked, After float64
	Before               int     // dialogs that were held first
	Turns                float64 // a second, of those that opened the dialogs
}

// Open measures the resident memory of the program before and after so many dialogs were left open.
func Open(ctx context.Context, c Config, dialogs int) error {
	o, err := c.leaveOpen(ctx, dialogs)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\nResident memory of the program, MB:\n  just started             %.1f\n  after %6d dialogs     %.1f\n  with %7d more open   %.1f  (%+.1f)\nThey were opened by %.0f turns a second.\n",
		o.Fresh, o.Before, o.Worked, dialogs, o.After, o.After-o.Worked, o.Turns)
	return nil
}

func (c Config) leaveOpen(ctx context.Context, dialogs int) (o opened, err error) {
	place, err := c.base(ctx, nil)
	if err != nil {
		return o, err
	}
	defer place.drop()
	b := &bench{base: place}
	defer b.stop()
	if err := b.start(ctx); err != nil {
		return o, err
	}
	o.Fresh, o.Before = b.rss(), min(openBefore, dialogs)
	if err := b.driver.leave(ctx, o.Before, openChats, openAnswers); err != nil {
		return o, err
	}
	b.settle(ctx, b.db)
	o.Worked = b.rss()
	began := time.Now()
	if err := b.driver.leave(ctx, dialogs, openChats, openAnswers); err != nil {
		return o, err
	}
	o.Turns = float64(dialogs*openAnswers) / time.Since(began).Seconds()
	b.settle(ctx, b.db)
	o.After = b.rss()
	return o, nil
}

// rss is the program's resident memory in MB.
func (b *bench) rss() float64 { return float64(readProcesses()[b.program.pid()].rss) / 1e6 }

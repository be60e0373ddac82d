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
	// openBefore is how many dialogs are held before the first look at the memory: a program that has worked already.
	openBefore = 3000
)

// Open measures the resident memory of the program before and after so many dialogs were left open.
func Open(ctx context.Context, c Config, dialogs int) error {
	dir, remove, err := folder()
	if err != nil {
		return err
	}
	defer remove()
	b := &bench{Config: c}
	defer b.stop()
	if err := b.start(ctx, dir); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%s\n", describe(dir, serverVersion(ctx, b.db)))
	fresh := b.rss()
	if err := b.driver.leave(ctx, openBefore, openChats, openAnswers); err != nil {
		return err
	}
	b.settle(ctx)
	worked, began := b.rss(), time.Now()
	if err := b.driver.leave(ctx, dialogs, openChats, openAnswers); err != nil {
		return err
	}
	took := time.Since(began)
	b.settle(ctx)
	after := b.rss()
	turns := float64(dialogs*openAnswers) / took.Seconds()
	fmt.Fprintf(c.Out, "\nResident memory of the program, MB:\n  just started             %.1f\n  after %6d dialogs     %.1f\n  with %7d more open   %.1f  (%+.1f)\nThey were opened by %.0f turns a second.\n",
		fresh, openBefore, worked, dialogs, after, after-worked, turns)
	return nil
}

// rss is the program's resident memory in MB.
func (b *bench) rss() float64 { return float64(readProcesses()[b.program.pid()].rss) / 1e6 }

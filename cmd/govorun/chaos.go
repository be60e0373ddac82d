package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"govorun/cmd/govorun/chaos"
	"govorun/crm/postgres"
	"govorun/dialogs/kits"
)

type chaosCommand struct {
	Minutes  float64  `default:"30" help:"How long faults strike."`
	Seed     uint64   `placeholder:"N" help:"Repeats a run: the same people, the same faults in the same order. Chosen by chance when left out."`
	Replicas int      `default:"3" help:"How many processes serve each company."`
	Kits     []string `default:"vending,isp,taxi" help:"The companies."`
	Only     []string `placeholder:"FAULT" help:"Only these faults: ${faults}."`
	Report   string   `short:"o" placeholder:"FILE" help:"Write the report into a file as well."`
	Keep     string   `type:"existingdir" placeholder:"DIR" help:"Keep the logs of all processes in this folder."`
}

// Help is shown by chaos --help.
func (c *chaosCommand) Help() string {
	return `People talk to replicas of this program over simulated Telegram and WhatsApp, while processes are killed, stopped and stand still, the
database with them, the disk is full, clocks are wrong and providers misbehave. Then what the phones sent and saw is compared with what
the CRM holds, promise by promise. Everything is on this machine, in a temporary folder, and nothing is left behind.

Examples:
  govorun chaos --minutes 5
  govorun chaos --minutes 30 -o report.md
  govorun chaos --minutes 2 --only kill,drop --kits vending
  sudo govorun chaos                                   as root the disk gets full as well (Linux)

The exit code is 1 when a promise was broken.`
}

// Run strikes and judges.
func (c *chaosCommand) Run(ctx context.Context, std stdio) error {
	if c.Minutes < 0.2 || c.Minutes > 24*60 || c.Replicas < 1 || c.Replicas > 8 {
		return errors.New("--minutes is from 0.2 to 1440, --replicas from 1 to 8")
	}
	for _, kit := range c.Kits {
		if !slices.Contains([]string{"vending", "isp", "taxi"}, kit) || !slices.Contains(kits.Names(), kit) {
			return fmt.Errorf("--kits takes vending, isp and taxi, not %q: nobody knows how to talk to others", kit)
		}
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the file of this program: %w", err)
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64N(1_000_000) + 1
	}
	out := std.out
	if c.Report != "" {
		file, err := os.Create(c.Report)
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		defer file.Close()
		out = io.MultiWriter(std.out, file)
	}
	_, err = chaos.Run(ctx, chaos.Config{Program: program, Length: time.Duration(c.Minutes * float64(time.Minute)), Seed: c.Seed, Replicas: c.Replicas,
		Kits: c.Kits, Only: c.Only, Keep: c.Keep, Out: out, Err: std.err, Stickers: stickersOf})
	return err
}

// stickersOf gives the payloads of stickers on machines, by code.
func stickersOf(ctx context.Context, db *postgres.DB, codes []string) (map[string]string, error) {
	signs, err := newSigner(ctx, db)
	if err != nil {
		return nil, err
	}
	payloads := map[string]string{}
	for _, code := range codes {
		machine, err := db.AssetByCode(ctx, "machine", code)
		if err != nil {
			return nil, err
		}
		payloads[code] = "m_" + signs.sign(machine)
	}
	return payloads, nil
}

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"govorun/crm/outside"
	"govorun/dialogs"
)

// hooksOf are the kit's hooks with their keys from the environment. One without a key is left out: nothing goes out unsigned.
func hooksOf(kit *dialogs.Kit) map[string]outside.Hook {
	hooks := map[string]outside.Hook{}
	for name, h := range kit.Hooks {
		if key := os.Getenv(h.Secret); len(key) >= minKey {
			hooks[name] = outside.Hook{URL: h.URL, Key: []byte(key)}
		}
	}
	return hooks
}

// hooksLack tells which keys are missing, and what to do.
func hooksLack(kit *dialogs.Kit) error {
	have, missing := hooksOf(kit), []string{}
	for name, h := range kit.Hooks {
		if _, there := have[name]; !there && !slices.Contains(missing, h.Secret) {
			missing = append(missing, h.Secret)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("hooks of the kit have no key to sign with: set %s to at least %d characters each, such as those of `openssl rand -hex 32`", strings.Join(missing, ", "), minKey)
}

type hooksCommand struct {
	List  hooksList  `cmd:"" default:"1" help:"What waits to be told, and what could not be."`
	Retry hooksRetry `cmd:"" help:"Try again what could not be told."`
}

type hooksList struct{}

// Run lists hooks with calls that wait or have failed.
func (c *hooksList) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	states, err := db.HookStates(ctx)
	if err != nil {
		return err
	}
	if len(states) == 0 {
		fmt.Fprintln(io.out, "Everything has been told.")
	}
	for _, h := range states {
		fmt.Fprintln(io.out, strings.TrimSpace(fmt.Sprintf("%s: %d %s %s", h.Hook, h.Calls, h.Status, h.Reason)))
	}
	return nil
}

type hooksRetry struct {
	Hook string `arg:"" optional:"" help:"Only this hook of intake.yaml."`
}

// Run lets calls that failed be tried again.
func (c *hooksRetry) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	n, err := db.RetryHooks(ctx, c.Hook)
	if err == nil {
		fmt.Fprintf(io.out, "%d calls are tried again while the program runs.\n", n)
	}
	return err
}

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type readyCommand struct {
	Listen string `env:"GOVORUN_LISTEN" default:"127.0.0.1:8080" help:"Address of the web server of the running program."`
}

// Help is shown by ready --help.
func (c *readyCommand) Help() string {
	return `Examples:
  govorun ready && echo it takes messages

It asks the program on this machine, for supervisors that can run a command and not fetch a page. Exit code 1 when it takes no messages.`
}

// readyPatience bounds the question.
const readyPatience = 4 * time.Second

// Run asks /readyz.
func (c *readyCommand) Run(ctx context.Context, std stdio) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("GOVORUN_LISTEN is no address: write it as 127.0.0.1:8080")
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("nobody answers at %s: start govorun serve, or name its address with GOVORUN_LISTEN", c.Listen)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return fmt.Errorf("it takes no messages: %s", strings.TrimSpace(string(why)))
	}
	fmt.Fprintln(std.out, "It takes messages.")
	return nil
}

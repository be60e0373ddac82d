package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// wrongClock gives the program's own clock when GOVORUN_CLOCK puts it ahead (5m) or behind (-1h), for chaos runs; nil is the true one. What
// people are promised follows the database's clock. It is refused unless the bot speaks to a server on this machine.
func wrongClock(api string) (func() time.Time, error) {
	text := os.Getenv("GOVORUN_CLOCK")
	if text == "" {
		return nil, nil
	}
	off, err := time.ParseDuration(text)
	if err != nil {
		return nil, fmt.Errorf("GOVORUN_CLOCK=%s is no length of time such as 5m or -1h: unset it", text)
	}
	address, err := url.Parse(api)
	if ip := net.ParseIP(hostOf(address)); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, errors.New("GOVORUN_CLOCK makes the clock wrong and is for tests with a Bot API server on this machine only: unset it")
	}
	return func() time.Time { return time.Now().Add(off) }, nil
}

func hostOf(address *url.URL) string {
	if address == nil {
		return ""
	}
	return address.Hostname()
}

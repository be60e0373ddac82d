// Package freeport finds addresses of this machine on which a program that is started next can listen.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Systems give ports from 32768 up (Linux) or 49152 up (others) to whoever calls somebody. Below those nobody takes one by chance
// between the look and the start of the program, or while it is started anew.
const (
	lowest  = 20000
	highest = 32000
	tries   = 100
)

// Address gives a loopback address whose port nobody listens on, such as 127.0.0.1:23456.
func Address() (string, error) {
	var last error
	for range tries {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(highest-lowest)))
		l, err := net.Listen("tcp", address)
		if err == nil {
			return address, l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("find a free port: %w", last)
}

package postgres_test

import (
	"io"
	"net"
)

// forward lets every connection of a network door through to a unix socket, until the door is closed.
func forward(door net.Listener, socket string) {
	for {
		outside, err := door.Accept()
		if err != nil {
			return
		}
		inside, err := net.Dial("unix", socket)
		if err != nil {
			outside.Close()
			return
		}
		go func() { _, _ = io.Copy(inside, outside); inside.Close() }()
		go func() { _, _ = io.Copy(outside, inside); outside.Close() }()
	}
}

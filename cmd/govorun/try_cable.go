package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// cable carries the product's connections to one place and can be cut. To the far end a cut is what kill -9 is: half a request,
// a transaction without its end, and not one word more.
type cable struct {
	listener net.Listener
	dial     func() (net.Conn, error)
	mu       sync.Mutex
	severed  bool
	ends     map[net.Conn]bool
	carrying sync.WaitGroup
}

func layCable(listener net.Listener, dial func() (net.Conn, error)) *cable {
	c := &cable{listener: listener, dial: dial, ends: map[net.Conn]bool{}}
	c.carrying.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			c.carrying.Go(func() { c.carry(near) })
		}
	})
	return c
}

// carry passes bytes both ways until one side ends.
func (c *cable) carry(near net.Conn) {
	defer near.Close()
	far, err := c.dial()
	if err != nil {
		return
	}
	defer far.Close()
	if !c.hold(near, far) {
		return
	}
	defer c.release(near, far)
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(near, far) // either end may go at any time: that is no trouble here
		near.Close()
	})
	io.Copy(far, near)
	far.Close()
	back.Wait()
}

// hold remembers both ends; false when the cable is cut.
func (c *cable) hold(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range ends {
		c.ends[e] = true
	}
	return !c.severed
}

func (c *cable) release(ends ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range ends {
		delete(c.ends, e)
	}
}

// cut breaks all connections for good.
func (c *cable) cut() {
	c.listener.Close()
	c.mu.Lock()
	c.severed = true
	for e := range c.ends {
		e.Close()
	}
	c.mu.Unlock()
	c.carrying.Wait()
}

// cables join one run of the product to its neighbours. These are their addresses as the product is to use them; that of WhatsApp is empty
// when there is none.
type cables struct {
	dsn, api, whatsapp string

	dir   string // of the socket
	lines []*cable
}

func layCables(dsn, api, whatsapp string) (c *cables, err error) {
	c = &cables{}
	laid := c // a failing return sets c to nil
	defer func() {
		if err != nil {
			laid.cut()
		}
	}()
	base, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	far, err := url.Parse(api)
	if err != nil {
		return nil, fmt.Errorf("read the simulated Bot API's address: %w", err)
	}
	if c.dir, err = os.MkdirTemp("", "govorun-cable-"); err != nil { // only this user may enter it, and a socket's path has to be short
		return nil, fmt.Errorf("make a folder for a socket: %w", err)
	}
	q := base.Query()
	name := ".s.PGSQL." + q.Get("port")
	socket := filepath.Join(q.Get("host"), name)
	near, err := net.Listen("unix", filepath.Join(c.dir, name))
	if err != nil {
		return nil, fmt.Errorf("listen for the product's database connections: %w", err)
	}
	c.lines = append(c.lines, layCable(near, func() (net.Conn, error) { return net.Dial("unix", socket) }))
	calls, err := c.calls(far.Host)
	if err != nil {
		return nil, err
	}
	if whatsapp != "" {
		if c.whatsapp, err = c.calls(whatsapp); err != nil {
			return nil, err
		}
	}
	q.Set("host", c.dir)
	base.RawQuery = q.Encode()
	c.dsn, c.api = base.String(), "http://"+calls
	return c, nil
}

// calls lays a cable to a provider and gives its near end.
func (c *cables) calls(far string) (near string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for the product's calls: %w", err)
	}
	c.lines = append(c.lines, layCable(listener, func() (net.Conn, error) { return net.Dial("tcp", far) }))
	return listener.Addr().String(), nil
}

func (c *cables) cut() {
	for _, line := range c.lines {
		line.cut()
	}
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
}

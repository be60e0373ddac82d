package bench

import (
	"context"
	"net"
	"os/exec"
	"time"
)

// Addresses at which another bot finds the stub and is found: it can't be told by settings of ours.
const (
	peerHook = "127.0.0.1:8090"
	peerAPI  = "127.0.0.1:8081"
)

// peer is another bot beside the program.
type peer struct {
	*child
	driver *driver
}

// startPeer runs a command that listens on peerHook and calls peerAPI, and learns how it answers.
func startPeer(ctx context.Context, command string) (*peer, error) {
	api, err := startStub(peerAPI)
	if err != nil {
		return nil, err
	}
	c, err := launch("the other bot", exec.Command("sh", "-c", "exec "+command))
	if err != nil {
		api.close()
		return nil, err
	}
	p := &peer{child: c, driver: newDriver(api, hook{address: peerHook, path: hookPath, secret: hookSecret})}
	err = c.wait(ctx, 10*time.Millisecond, func() bool {
		conn, err := net.Dial("tcp", peerHook)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	if err == nil {
		err = p.driver.learn(ctx)
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *peer) stop() {
	p.child.stop()
	p.driver.stub.close()
}

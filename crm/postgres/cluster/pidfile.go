package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// pidFile is what matters of postmaster.pid: line 1 is the process id, line 8 the server's status.
type pidFile struct {
	pid   int
	ready bool
}

// readPIDFile reads the pid file in a data folder; pid is 0 when the server was killed before it wrote one.
func readPIDFile(data string) (pidFile, error) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(b), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(lines[0]))
	return pidFile{pid: max(pid, 0), ready: len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"}, nil
}

// stopOrphan clears what a killed program may have left in a folder that we hold the lock of: a server that is still shutting
// down (or, where the kernel does not stop it, still runs) is stopped and waited for; the pid file of a server that
// is gone, even if its number now belongs to somebody else, is removed. The server itself would refuse to start on that.
func (c *Cluster) stopOrphan(ctx context.Context) error {
	f, err := readPIDFile(c.site.data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read pid file of %s: %w", c.site.data, err)
	}
	if f.pid != 0 && serves(f.pid, c.site.data) {
		c.log.Info("postgres of a killed program is still running, stopping it", "dir", c.site.dir, "pid", f.pid)
		if err := c.endOrphan(ctx, f.pid); err != nil {
			return err
		}
	}
	socket := filepath.Join(c.site.socket, ".s.PGSQL."+port)
	for _, left := range []string{filepath.Join(c.site.data, "postmaster.pid"), socket, socket + ".lock"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what a server that is gone has left: %w", err)
		}
	}
	return nil
}

// endOrphan stops a server that is not our child: politely, then at once.
func (c *Cluster) endOrphan(ctx context.Context, pid int) error {
	for _, how := range []stopMode{stopFast, stopImmediate} {
		if err := signalServer(c.bin, pid, how); err != nil && serves(pid, c.site.data) {
			return fmt.Errorf("stop PostgreSQL process %d, which a killed program left on %s: %w: end that process", pid, c.site.data, err)
		}
		for until := time.Now().Add(shutdownPatience); time.Now().Before(until); {
			if !serves(pid, c.site.data) {
				return nil
			}
			if err := pause(ctx, 2*time.Millisecond); err != nil {
				return fmt.Errorf("wait for PostgreSQL process %d on %s to end: %w", pid, c.site.data, err)
			}
		}
	}
	return fmt.Errorf("PostgreSQL process %d still runs on %s although it was told to stop: end that process", pid, c.site.data)
}

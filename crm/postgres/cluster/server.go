package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// startPatience bounds a start; recovery after a crash under load reads up to max_wal_size from disk.
	startPatience = 5 * time.Minute
	// slowStart is when a start is worth a line in the log.
	slowStart = 3 * time.Second
	// shutdownPatience is for the shutdown checkpoint; after it the server is ended at once, and the next start recovers.
	shutdownPatience = 20 * time.Second
	// takeoverPatience bounds the wait for processes of a killed server to let go of its shared memory.
	takeoverPatience = 15 * time.Second
	// logLimit is where the server's log starts anew, keeping one older file.
	logLimit = 16 << 20
)

// settings are the server's, as command line options, so that a newer program brings newer settings to an old folder.
func (c *Cluster) settings() []string {
	buffers := "256MB"
	if m := totalMemory(); m != 0 && m < 2<<30 {
		buffers = "128MB"
	}
	set := []string{
		"listen_addresses=", "port=" + port,
		"unix_socket_directories=" + c.site.socket, "unix_socket_permissions=0700",
		"timezone=UTC", "log_timezone=UTC", "shared_buffers=" + buffers,
		"random_page_cost=1.1", "jit=off",
		// A terse log has no DETAIL lines: those print column values, such as phone numbers.
		"log_error_verbosity=terse", "log_checkpoints=off",
	}
	if c.fast {
		// mmap keeps shared memory in the data folder, so that nothing is left in the system when a test's server is killed.
		return append(set, "max_connections=300", "dynamic_shared_memory_type=mmap", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=256MB")
	}
	return append(set, "max_connections="+strconv.Itoa(c.most), "max_wal_size=4GB", "fsync=on", "synchronous_commit=on", "full_page_writes=on")
}

// launch starts the server and waits until it takes connections. When processes of a killed server still hold its
// memory, it tries again until they are gone.
func (c *Cluster) launch(ctx context.Context) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	giveUp := time.Now().Add(takeoverPatience)
	for {
		logFile, offset, err := openLog(c.site)
		if err != nil {
			return nil, err
		}
		p, err := c.run(logFile)
		logFile.Close()
		if err != nil {
			return nil, err
		}
		if err = c.waitReady(ctx, p); err == nil {
			return p, nil
		}
		p.kill()
		reason := readLog(c.site.logFile, offset)
		if errors.Is(err, errEnded) && heldByOthers(reason) && time.Now().Before(giveUp) {
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return nil, fmt.Errorf("start PostgreSQL on %s: %w", c.site.data, err)
			}
			continue
		}
		return nil, fmt.Errorf("start PostgreSQL on %s: %w: %s (its log: %s)", c.site.data, err, lastReason(reason), c.site.logFile)
	}
}

// run starts the server process with its output in the log file.
func (c *Cluster) run(logFile *os.File) (*process, error) {
	args := []string{"-D", c.site.data}
	for _, s := range c.settings() {
		args = append(args, "-c", s)
	}
	cmd := c.site.command(c.bin, "postgres", args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if c.fast {
		dieAtOnce(cmd)
	}
	p, err := spawn(cmd)
	if err != nil {
		return nil, fmt.Errorf("start %s as user %s: %w", cmd.Path, c.site.account.name, err)
	}
	return p, nil
}

// errEnded says that the server ended before it was ready.
var errEnded = errors.New("it ended at once")

// waitReady waits for the word "ready" that the server writes into its pid file: cheaper and sooner than asking by connection.
func (c *Cluster) waitReady(ctx context.Context, p *process) error {
	slow := time.NewTimer(slowStart)
	defer slow.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return errEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-slow.C:
			c.log.Info("postgres is recovering its data", "dir", c.site.data)
			tick.Reset(20 * time.Millisecond)
		case <-tick.C:
			if f, err := readPIDFile(c.site.data); err == nil && f.pid == p.pid() && f.ready {
				return nil
			}
		}
	}
}

// shutDown ends the server: politely, then at once, then by force.
func (c *Cluster) shutDown(ctx context.Context) error {
	polite, cancel := context.WithTimeout(ctx, shutdownPatience)
	defer cancel()
	first := stopFast
	if c.fast {
		first = stopImmediate
	}
	if err := signalServer(c.bin, c.PID(), first); err == nil {
		select {
		case <-c.server.done:
			return nil
		case <-polite.Done():
		}
	}
	if err := signalServer(c.bin, c.PID(), stopImmediate); err == nil {
		select {
		case <-c.server.done:
			return nil
		case <-time.After(5 * time.Second): // it forces its own children after this time
		}
	}
	c.server.kill()
	return fmt.Errorf("stop PostgreSQL of %s: it did not end by itself and was killed; the next start recovers its data", c.site.dir)
}

// openLog opens the server's log for appending and tells its size; one that has grown too large is put aside first.
func openLog(s site) (*os.File, int64, error) {
	if info, err := os.Stat(s.logFile); err == nil && info.Size() > logLimit {
		if err := os.Rename(s.logFile, s.logFile+".old"); err != nil {
			return nil, 0, fmt.Errorf("put log %s aside: %w", s.logFile, err)
		}
	}
	f, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open log of PostgreSQL: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		err = s.own(s.logFile)
	}
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("open log of PostgreSQL: %w", err)
	}
	return f, info.Size(), nil
}

// readLog gives what the log has gained since offset.
func readLog(path string, offset int64) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.NewSectionReader(f, offset, 64<<10)) // a partial reason is better than none
	return string(b)
}

// heldByOthers says whether the log complains that an earlier server of this folder is still there.
func heldByOthers(log string) bool {
	return strings.Contains(log, "is still in use") || strings.Contains(log, `"postmaster.pid" already exists`)
}

// lastReason gives the line of a log that most likely tells what went wrong.
func lastReason(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		for _, mark := range []string{"PANIC:", "FATAL:", "error:", "ERROR:"} {
			if at := strings.Index(lines[i], mark); at >= 0 {
				return strings.TrimSpace(lines[i][at+len(mark):])
			}
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}

// pause waits, or gives why it should not.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

package bench

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"govorun/cmd/govorun/freeport"
)

// Settings of the child: invented, and known to nobody outside this machine.
const (
	token      = "4242:govorun-bench-token"
	hookSecret = "s3cret"
	hookPath   = "/tg"
)

// child is a bot that runs as a process of its own.
type child struct {
	name    string
	cmd     *exec.Cmd
	started time.Time
	ended   chan struct{}
	log     tail
}

// tail keeps the end of what a child writes.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 64 << 10

// Write keeps p.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// launch starts a process whose output is kept.
func launch(name string, cmd *exec.Cmd) (*child, error) {
	c := &child{name: name, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &c.log, &c.log
	c.started = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended stands in what it wrote
		close(c.ended)
	}()
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// stop ends the process, politely first.
func (c *child) stop() {
	if c.cmd.Process.Signal(os.Interrupt) != nil {
		_ = c.cmd.Process.Kill() // a system without signals; or it has ended
	}
	select {
	case <-c.ended:
	case <-time.After(25 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// trouble is an error with the last lines that the child wrote.
func (c *child) trouble(what string) error {
	lines := strings.Split(strings.TrimSpace(c.log.String()), "\n")
	return fmt.Errorf("%s %s; its last lines:\n%s", c.name, what, strings.Join(lines[max(0, len(lines)-8):], "\n"))
}

// wait waits until the child is ready, by a check that is made every millisecond or slower.
func (c *child) wait(ctx context.Context, every time.Duration, ready func() bool) error {
	dead := false
	ok := until(ctx, patience, every, func() bool {
		select {
		case <-c.ended:
			dead = true
			return true
		default:
			return ready()
		}
	})
	switch {
	case dead:
		return c.trouble("ended")
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !ok:
		return c.trouble("was not ready in " + patience.String())
	}
	return nil
}

// program is the program under measurement.
type program struct {
	*child
	hook hook
}

// serving says how the program runs.
type serving struct {
	API    string   // of the stub
	Limits string   // GOVORUN_TELEGRAM_LIMITS
	Log    string   // GOVORUN_LOG
	Kit    string   // GOVORUN_KIT, "lead" when empty
	More   []string // further settings
}

// serve starts the program itself, as a person would, in webhook mode.
func (b *base) serve(s serving) (*program, error) {
	address, err := freeport.Address()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(b.Program, "serve")
	cmd.Dir = b.Dir
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOMAXPROCS", "GOGC", "GODEBUG", "GOVORUN_PPROF", "SYSTEMROOT", "TEMP"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, "GOVORUN_TELEGRAM_TOKEN="+token, "GOVORUN_TELEGRAM_API="+s.API, "GOVORUN_TELEGRAM_SECRET="+hookSecret,
		"GOVORUN_TELEGRAM_WEBHOOK=http://"+address+hookPath, "GOVORUN_LISTEN="+address, "GOVORUN_KIT="+cmp.Or(s.Kit, "lead"), "GOVORUN_DATA="+b.Dir,
		"GOVORUN_LOG="+s.Log, "GOVORUN_TELEGRAM_LIMITS="+s.Limits)
	cmd.Env = append(cmd.Env, s.More...)
	if b.Database != "" {
		cmd.Env = append(cmd.Env, "DATABASE_URL="+b.Database)
	}
	p, err := launch("the program", cmd)
	if err != nil {
		return nil, err
	}
	return &program{child: p, hook: hook{address: address, path: hookPath, secret: hookSecret}}, nil
}

// ready waits until the program says that it can take messages.
func (p *program) ready(ctx context.Context) error {
	client := http.Client{Timeout: 2 * time.Second}
	defer client.CloseIdleConnections()
	return p.wait(ctx, 10*time.Millisecond, func() bool {
		answer, err := client.Get("http://" + p.hook.address + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

var tookPattern = regexp.MustCompile(`msg="postgres started".* took=(\S+)`)

// postgresTook reads how long the private server took to start from what the program logged; zero when it started none.
func postgresTook(log string) time.Duration {
	found := tookPattern.FindStringSubmatch(log)
	if found == nil {
		return 0
	}
	took, _ := time.ParseDuration(found[1])
	return took
}

package chaos

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"govorun/cmd/govorun/freeport"
)

// replica is one process of the program, which is started again whenever it has ended.
type replica struct {
	company *company
	name    string
	address string // of its web server
	profile string // address of its profiles

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
	since time.Time
	wants bool   // it is to run
	over  bool   // it is never started again
	clock string // by how much its own clock is wrong
	early Vitals
}

// watchman reads what a child writes: it keeps the end, looks for secrets and copies all to a file if one is wanted.
type watchman struct {
	company *company
	name    string
	mu      sync.Mutex
	tail    []byte
	file    *os.File
}

const tailSize = 64 << 10

func (t *watchman) read(r io.Reader) {
	if t.file != nil {
		defer t.file.Close()
	}
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		t.line(line)
		if err != nil {
			return
		}
	}
}

func (t *watchman) line(line []byte) {
	t.company.secrets.look(t.name, line)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tail = append(t.tail, line...)
	if over := len(t.tail) - tailSize; over > 0 {
		t.tail = append(t.tail[:0], t.tail[over:]...)
	}
	if t.file != nil {
		_, _ = t.file.Write(line) // a log that is lost harms nothing
	}
}

// secrets are what no log may say.
type secrets struct {
	mu      sync.Mutex
	needles map[string]string // secret to what it is
	found   map[string]bool
}

func (s *secrets) add(what, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.needles[secret] = what
}

func (s *secrets) look(where string, line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret, what := range s.needles {
		if bytes.Contains(line, []byte(secret)) {
			hidden := bytes.ReplaceAll(bytes.TrimSpace(line), []byte(secret), []byte("•••"))
			s.found[fmt.Sprintf("%s wrote %s: %.300s", strings.SplitN(where, ".", 2)[0], what, hidden)] = true
		}
	}
}

// newReplica makes a replica that does not run yet.
func (c *company) newReplica(n int) (r *replica, err error) {
	r = &replica{company: c, name: fmt.Sprintf("%s-%d", c.kit, n+1)}
	if r.address, err = freeport.Address(); err == nil {
		r.profile, err = freeport.Address()
	}
	return r, err
}

// start starts the process.
func (r *replica) start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil
	}
	w := r.company.world
	cmd := exec.Command(w.Program, "serve")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, w.Env...)
	cmd.Env = append(cmd.Env, r.company.env...)
	cmd.Env = append(cmd.Env, "GOVORUN_LISTEN="+r.address, "GOVORUN_PPROF="+r.profile)
	if r.clock != "" {
		cmd.Env = append(cmd.Env, "GOVORUN_CLOCK="+r.clock)
	}
	stdin, err := cmd.StdinPipe() // held open as long as this process lives
	if err != nil {
		return fmt.Errorf("start %s: %w", r.name, err)
	}
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, in
	says := &watchman{company: r.company, name: r.name}
	if w.Keep != "" {
		says.file, _ = os.OpenFile(filepath.Join(w.Keep, r.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", r.name, err)
	}
	ended := make(chan struct{})
	heard := make(chan struct{})
	go func() { defer close(heard); says.read(out) }()
	go func() {
		_ = cmd.Wait() // how it ended stands in what it wrote
		in.Close()
		close(ended)
		<-heard // the last words are the ones that count
		if trace := crash(says.end()); trace != "" {
			r.company.note("%s crashed:\n%s", r.name, trace)
		}
	}()
	r.cmd, r.stdin, r.ended, r.since, r.wants, r.early = cmd, stdin, ended, time.Now(), true, Vitals{}
	return nil
}

func (t *watchman) end() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.tail)
}

// crash gives the beginning of what Go says when a program crashes or races, empty when it did not.
func crash(log []byte) string {
	for _, words := range []string{"panic: ", "fatal error: ", "WARNING: DATA RACE"} {
		if i := bytes.Index(log, []byte("\n"+words)); i >= 0 {
			lines := strings.SplitN(string(log[i+1:]), "\n", 31)
			return strings.Join(lines[:min(30, len(lines))], "\n")
		}
	}
	return ""
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// process gives the running process, nil when there is none.
func (r *replica) process() (*os.Process, chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil {
		return nil, nil
	}
	return r.cmd.Process, r.ended
}

// kill ends the process as a power cut does.
func (r *replica) kill() {
	if p, ended := r.process(); p != nil {
		_ = p.Kill() // it has ended already
		<-ended
	}
}

// finish ends the process for good.
func (r *replica) finish() {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	r.kill()
}

// stop asks the process to end; after half a minute it is killed, which is told.
func (r *replica) stop() {
	p, ended := r.process()
	if p == nil {
		return
	}
	_ = terminate(p.Pid) // it has ended already
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		r.company.note("%s did not end within 30 s of SIGTERM", r.name)
		r.kill()
	}
}

// runs says whether the process has not ended.
func (r *replica) runs() bool {
	p, ended := r.process()
	if p == nil {
		return false
	}
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

// ready says whether the process says that it can take messages.
func (r *replica) ready() bool {
	status, _ := get("http://" + r.address + "/readyz")
	return status == http.StatusOK
}

func get(url string) (status int, body string) {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, string(b)
}

// keep starts the process again whenever it has ended, as a supervisor does, until ctx ends, and notes its early vitals.
func (r *replica) keep(ctx context.Context) {
	for pause(ctx, 250*time.Millisecond) {
		r.mu.Lock()
		wants, since, known := r.wants, r.since, r.early.Memory != 0
		r.mu.Unlock()
		if wants && !r.runs() {
			if err := r.start(); err != nil {
				r.company.note("%v", err)
			}
			continue
		}
		if !known && time.Since(since) > 6*time.Second && r.ready() {
			vitals := r.vitals()
			r.mu.Lock()
			if r.since.Equal(since) {
				r.early = vitals
			}
			r.mu.Unlock()
		}
	}
}

// vitals reads what the process holds.
func (r *replica) vitals() (v Vitals) {
	p, _ := r.process()
	if p == nil {
		return v
	}
	if status, body := get("http://" + r.profile + "/debug/pprof/goroutine?debug=1"); status == http.StatusOK {
		line, _, _ := strings.Cut(body, "\n")
		v.Goroutines, _ = strconv.Atoi(line[strings.LastIndexByte(line, ' ')+1:])
	}
	v.Memory = resident(p.Pid)
	files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.Pid))
	v.Files = len(files)
	return v
}

// resident is the memory of a process in bytes, where /proc tells it.
func resident(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

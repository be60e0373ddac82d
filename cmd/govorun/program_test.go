package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govorun/cmd/govorun/freeport"
	"govorun/crm/postgres/pgtest"
)

// asProgram makes this test binary the program itself, so that tests run the real thing as a process of its own, which can
// be killed.
const asProgram = "GOVORUN_TEST_AS_PROGRAM"

// stopSignal is what a supervisor sends.
const stopSignal = syscall.SIGTERM

// patience bounds every wait of a test, on a machine that runs other tests too.
const patience = 3 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		go func() { // a test that was killed leaves nobody behind
			io.Copy(io.Discard, os.Stdin)
			os.Exit(3)
		}()
		main()
		return
	}
	_ = flag.Set("test.parallel", "8") // these tests mostly wait: for a process, for a lease, for a clock
	os.Exit(pgtest.Run(m))
}

// waiting is a context that ends with the test or when patience does.
func waiting(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// until asks again and again, for what nobody signals: rows of a database that another process writes.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(15 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

// output is what a process has written so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// program is a running `govorun serve`.
type program struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string // of its web server
	out     *output
	done    chan struct{} // closed at its end
	began   time.Time
	slow    float64 // how many times longer than usual it took to get ready; 1 before that
}

// usualStart is how long a program takes to get ready on an idle machine.
const usualStart = 400 * time.Millisecond

// within is a bound for what the program should do in d, as much longer as everything takes on this machine at this hour.
func (p *program) within(d time.Duration) time.Duration { return time.Duration(float64(d) * p.slow) }

// command prepares a run of the program with this environment and no other settings than those.
func command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	// Reading a kit leaves much garbage: a short life is cheaper without looking for it, within bounds.
	cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "GOGC=off", "GOMEMLIMIT=128MiB"}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// runOnce runs a command to its end and gives what it printed and its exit code.
func runOnce(t *testing.T, env []string, args ...string) (printed string, code int) {
	t.Helper()
	cmd := command(waiting(t), env, args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %v: %v", args, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// serve starts the program. It is killed at the end of the test if it still runs then.
func serve(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, address: freeAddress(t), out: &output{}, done: make(chan struct{}), began: time.Now(), slow: 1}
	p.cmd = command(context.Background(), append(env, "GOVORUN_LISTEN="+p.address), append([]string{"serve"}, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if _, err := p.cmd.StdinPipe(); err != nil { // held open by this process as long as it lives
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.kill()
		if printed := p.out.String(); strings.Contains(printed, "DATA RACE") || strings.Contains(printed, "\npanic: ") {
			t.Error("the program raced or panicked")
		}
		if t.Failed() {
			t.Logf("process %d printed:\n%s", p.cmd.Process.Pid, lastLines(p.out.String(), 40))
		}
	})
	return p
}

// kill ends the program as a power cut does.
func (p *program) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// stop asks the program to end, as a supervisor does, and gives its exit code and how long it took.
func (p *program) stop() (code int, took time.Duration) {
	p.t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(stopSignal); err != nil {
		p.t.Fatal(err)
	}
	return p.ended(), time.Since(began)
}

// ended waits for the end of the program and gives its exit code.
func (p *program) ended() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("the program did not end in %v", patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

// runs says whether the program has not ended yet.
func (p *program) runs() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// says waits until the program has printed something.
func (p *program) says(words string) {
	p.t.Helper()
	until(p.t, fmt.Sprintf("the program says %q", words), func() bool { return strings.Contains(p.out.String(), words) })
}

// get asks the program's web server; status is 0 when it does not answer.
func (p *program) get(path string) (status int, body string) {
	resp, err := http.Get("http://" + p.address + path)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// ready waits until the program can take messages.
func (p *program) ready() *program {
	p.t.Helper()
	until(p.t, "the program is ready", func() bool {
		if !p.runs() {
			p.t.Fatalf("the program ended with code %d:\n%s", p.ended(), p.out.String())
		}
		status, _ := p.get("/readyz")
		return status == http.StatusOK
	})
	if p.slow == 1 { // later calls come at any time
		p.slow = max(p.slow, time.Since(p.began).Seconds()/usualStart.Seconds())
	}
	return p
}

// metric is the value of a line of /metrics.
func (p *program) metric(name string) string {
	_, body := p.get("/metrics")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, "govorun_"+name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// freeAddress gives a loopback address on which nobody listens at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := freeport.Address()
	well(t, err)
	return address
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

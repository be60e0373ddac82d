package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// process is a child that ends with this program.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // why, to be read after done
}

// spawn starts a child on a thread that lives as long as the child does: Linux signals the child when the thread that started
// it ends, and Go ends idle threads as it likes.
func spawn(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread goes with this goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// kill ends the child by force, if it still runs, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// command prepares a server program to run as the site's account, in a small environment: variables such as PGPORT or LANG
// of the caller must not reach the server.
func (s site) command(bin Binaries, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin.Dir, exe(name)), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"SYSTEMROOT", "TEMP"} { // Windows programs do not start without
		if v, ok := os.LookupEnv(name); ok && runtime.GOOS == "windows" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	cmd.SysProcAttr = childAttributes(s.account)
	return cmd
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// InUseError says that another program runs its Postgres in the folder.
type InUseError struct {
	Dir string
	PID int // of that program; 0 when it has only just begun
}

// Error is a sentence for people, with the next step.
func (e *InUseError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = "process " + strconv.Itoa(e.PID)
	}
	return fmt.Sprintf("data folder %s is in use by %s: stop it or choose another folder with GOVORUN_DATA", e.Dir, who)
}

// errLocked is what lockFile gives when somebody else holds the lock.
var errLocked = errors.New("locked")

// killedPatience is how long the lock of a killed program is waited for: a child that it was just starting holds a copy of
// the open file until it runs a program of its own, and a loaded system takes its time to clear a dead process.
const killedPatience = 5 * time.Second

// acquire takes the folder for this process. The operating system lets go of it when the process ends, however it ends;
// a holder that lives is refused at once.
func acquire(ctx context.Context, s site) (*os.File, error) {
	for until := time.Now().Add(killedPatience); ; {
		f, err := tryAcquire(s)
		var inUse *InUseError
		if !errors.As(err, &inUse) || lives(inUse.PID) || time.Now().After(until) {
			return f, err
		}
		if pause(ctx, 5*time.Millisecond) != nil {
			return nil, err
		}
	}
}

// tryAcquire takes the folder if nobody holds it.
func tryAcquire(s site) (*os.File, error) {
	path := filepath.Join(s.dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of data folder %s: %w", s.dir, err)
	}
	if err := lockFile(f); err != nil {
		defer f.Close()
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("lock data folder %s: %w", s.dir, err)
		}
		b, _ := io.ReadAll(f) // an unreadable note still leaves the sentence true
		pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
		return nil, &InUseError{Dir: s.dir, PID: pid}
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err == nil {
		err = s.own(path) // so that the owner can later run it without root
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("write lock of data folder %s: %w", s.dir, err)
	}
	return f, nil
}

// release lets go of the folder. The file stays: removing it would let two programs lock two different files.
func release(f *os.File) {
	_ = f.Truncate(0) // only a note for people
	_ = f.Close()
}

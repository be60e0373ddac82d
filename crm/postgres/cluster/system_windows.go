package cluster

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// stopMode is how a server is asked to end, as pg_ctl names it.
type stopMode string

const (
	stopFast      stopMode = "INT"
	stopImmediate stopMode = "QUIT"
)

// signalServer asks a server to end. Windows has no signals; pg_ctl knows the server's substitute for them.
func signalServer(bin Binaries, pid int, how stopMode) error {
	return exec.Command(filepath.Join(bin.Dir, "pg_ctl.exe"), "kill", string(how), strconv.Itoa(pid)).Run()
}

// childAttributes puts a child into a process group of its own.
func childAttributes(account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// dieAtOnce does nothing: the next start ends what a killed program left.
func dieAtOnce(*exec.Cmd) {}

// serves says whether the process is a Postgres server.
func serves(pid int, _ string) bool {
	out, err := exec.Command("tasklist", "/NH", "/FO", "CSV", "/FI", "PID eq "+strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres.exe")
}

// lockFile takes the lock of an open file without waiting; errLocked when somebody has it. The locked byte lies behind
// the note in the file, which others must be able to read.
func lockFile(f *os.File) error {
	at := &windows.Overlapped{Offset: 1 << 20}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// ownerOf is unknown here; folders of the user's profile are private by themselves.
func ownerOf(string) (uid, gid int, err error) { return 0, 0, errors.ErrUnsupported }

// syncPath writes a file to disk; folders cannot be synced here.
func syncPath(path string) error {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// totalMemory is the machine's memory in bytes, 0 when unknown.
func totalMemory() uint64 { return 0 }

// lives says whether there is a process with that number.
func lives(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}

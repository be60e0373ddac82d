//go:build unix

package cluster

import (
	"errors"
	"os"
	"syscall"
)

// stopMode is how a server is asked to end.
type stopMode syscall.Signal

const (
	stopFast      = stopMode(syscall.SIGINT)  // ends sessions, writes everything down, ends
	stopImmediate = stopMode(syscall.SIGQUIT) // ends now; the next start recovers
)

// signalServer asks a server to end.
func signalServer(_ Binaries, pid int, how stopMode) error {
	return syscall.Kill(pid, syscall.Signal(how))
}

// unixAttributes is childAttributes without what only Linux has.
func unixAttributes(a account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.dropped {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// lockFile takes the lock of an open file without waiting; errLocked when somebody has it.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// ownerOf gives user and group of a file.
func ownerOf(path string) (uid, gid int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, errors.ErrUnsupported
	}
	return int(stat.Uid), int(stat.Gid), nil
}

// syncPath writes a file or folder to disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lives says whether there is a process with that number. Numbers below 1 mean groups of processes, and are nobody's.
func lives(pid int) bool {
	return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

//go:build unix && !linux

package cluster

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes makes a child run as the account, in a process group of its own.
func childAttributes(a account) *syscall.SysProcAttr { return unixAttributes(a) }

// dieAtOnce does nothing: without the kernel's help the next start ends what a killed program left.
func dieAtOnce(*exec.Cmd) {}

// serves says whether the process is a Postgres server that runs on that data folder, as its command line tells.
func serves(pid int, data string) bool {
	out, err := exec.Command("ps", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	line := strings.TrimSpace(string(out))
	return err == nil && !strings.HasPrefix(line, "Z") && strings.Contains(line, "postgres") && strings.Contains(line, filepath.Clean(data))
}

// totalMemory is the machine's memory in bytes, 0 when unknown.
func totalMemory() uint64 { return 0 }

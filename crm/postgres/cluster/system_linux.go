package cluster

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes makes a child run as the account, in a process group of its own (Ctrl-C is for the program, which drains
// first), and be told to shut down by the kernel when the program ends in whatever way.
func childAttributes(a account) *syscall.SysProcAttr {
	attr := unixAttributes(a)
	attr.Pdeathsig = syscall.SIGINT
	return attr
}

// dieAtOnce makes the child end without a shutdown checkpoint when the program ends.
func dieAtOnce(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }

// serves says whether the process is a Postgres server that runs on that data folder. A dead one that nobody has reaped
// does not, nor does another program that got the same number.
func serves(pid int, data string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(proc, "stat"))
	if err != nil {
		return false
	}
	// pid (name) state …; the name may hold anything, so count from its closing bracket
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	if state := strings.TrimSpace(string(rest)); state == "" || strings.ContainsAny(state[:1], "ZX") {
		return false
	}
	if name := string(stat[:len(stat)-len(rest)]); !strings.Contains(name, "(postgres)") && !strings.Contains(name, "(postmaster)") {
		return false
	}
	cwd, err := os.Readlink(filepath.Join(proc, "cwd"))
	return err != nil || cwd == data // a server works inside its data folder
}

// totalMemory is the machine's memory in bytes, 0 when unknown.
func totalMemory() uint64 {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit)
}

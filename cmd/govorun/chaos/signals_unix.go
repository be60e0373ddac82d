//go:build unix

package chaos

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// freeze makes processes stand still; what it gives lets them go on.
func freeze(pids ...int) (thaw func(), err error) {
	for _, pid := range pids {
		if e := syscall.Kill(pid, syscall.SIGSTOP); e != nil && err == nil {
			err = e
		}
	}
	return func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT) // one that has ended meanwhile needs nothing
		}
	}, err
}

// terminate asks a process to end, as a supervisor does.
func terminate(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) }

// family are a process and its children, where /proc tells them; else it alone.
func family(pid int) []int {
	all := []int{pid}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		text := string(raw)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			if child, err := strconv.Atoi(text[:strings.IndexByte(text, ' ')]); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: USER_HZ, 100 a second on every Linux ("man 5 proc").
const tick = 10 * time.Millisecond

// process is one process as /proc tells it; its CPU includes that of its ended children.
type process struct {
	name   string
	parent int
	cpu    time.Duration
	rss    int64 // bytes
}

// processes are all of the machine, by id; none where there is no /proc.
type processes map[int]process

func readProcesses() processes {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	all := make(processes, len(files))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if pid, p, ok := parseStat(raw); ok {
			all[pid] = p
		}
	}
	return all
}

// parseStat reads /proc/PID/stat. The name stands in brackets and may hold anything, also brackets.
func parseStat(raw []byte) (pid int, p process, ok bool) {
	open, shut := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
	if open < 1 || shut < open {
		return 0, p, false
	}
	fields := strings.Fields(string(raw[shut+1:]))
	if len(fields) < 22 {
		return 0, p, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw[:open])))
	p.name = string(raw[open+1 : shut])
	p.parent, _ = strconv.Atoi(fields[1])
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, _ := strconv.ParseInt(field, 10, 64)
		p.cpu += time.Duration(ticks) * tick
	}
	pages, _ := strconv.ParseInt(fields[21], 10, 64)
	p.rss = pages * int64(os.Getpagesize())
	return pid, p, err == nil
}

// cpu adds up a process and everything below it, leaving out the tree of another.
func (all processes) cpu(root, without int) time.Duration {
	below := make(map[int][]int, len(all))
	for pid, p := range all {
		below[p.parent] = append(below[p.parent], pid)
	}
	var sum func(int) time.Duration
	sum = func(pid int) time.Duration {
		if pid == without || pid == 0 {
			return 0
		}
		total := all[pid].cpu
		for _, child := range below[pid] {
			total += sum(child)
		}
		return total
	}
	return sum(root)
}

// busy is the time that all processors of the machine have worked.
func busy() time.Duration {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	var total int64
	for i, field := range strings.Fields(line) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // the name, idle, iowait; guests are in user already
			continue
		}
		ticks, _ := strconv.ParseInt(field, 10, 64)
		total += ticks
	}
	return time.Duration(total) * tick
}

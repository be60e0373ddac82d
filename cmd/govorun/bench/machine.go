package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// probes is how many writes the disk is asked to keep.
const probes = 101

// describe tells what the figures were measured on, in one line.
func describe(dir, postgres string) string {
	line := host() + ", PostgreSQL " + postgres
	sync, err := diskSync(dir)
	switch {
	case err != nil:
		return line
	case sync < 20*time.Microsecond:
		return line + ", fdatasync in no time: the temporary folder is no disk, set TMPDIR to one"
	}
	return line + fmt.Sprintf(", fdatasync %.2f ms", milliseconds(sync))
}

// host tells the machine itself.
func host() string {
	line := fmt.Sprintf("%s, %d processors for Go, %s, %s/%s", processor(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if memory := memory(); memory != "" {
		line += ", " + memory
	}
	return line
}

func processor() string { return procLine("/proc/cpuinfo", "model name", runtime.GOARCH) }

func memory() string {
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(procLine("/proc/meminfo", "MemTotal", ""), " kB"), 10, 64)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%.0f GiB", float64(kilobytes)/(1<<20))
}

// procLine gives the first value of a name in a file of "name: value" lines.
func procLine(file, name, otherwise string) string {
	raw, err := os.ReadFile(file)
	if err != nil {
		return otherwise
	}
	for line := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}

// diskSync gives the median time that the disk of a folder takes to keep 8 kB written in place.
func diskSync(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, 8192)
	times := make([]time.Duration, 0, probes)
	for i := range probes + 1 {
		began := time.Now()
		if _, err := f.WriteAt(block, 0); err != nil {
			return 0, err
		}
		if err := dataSync(f); err != nil {
			return 0, err
		}
		if i > 0 { // the first makes the file
			times = append(times, time.Since(began))
		}
	}
	slices.Sort(times)
	return quantile(times, 0.5), nil
}

package bench

import (
	"os"
	"syscall"
)

// dataSync is what Postgres does at a commit.
func dataSync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

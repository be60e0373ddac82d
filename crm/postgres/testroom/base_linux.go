package testroom

import (
	"os"
	"syscall"
)

// ample is the free space that makes memory a safe place: a server takes 50 MB and 8 MB a database.
const ample = 2 << 30

// Base is where the folders of test servers are: in memory when there is ample room, else among temporary files.
func Base() string {
	const shared = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shared, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < ample || os.Getenv("TMPDIR") != "" {
		return os.TempDir()
	}
	if f, err := os.MkdirTemp(shared, "govorun-"); err != nil || os.Remove(f) != nil {
		return os.TempDir()
	}
	return shared
}

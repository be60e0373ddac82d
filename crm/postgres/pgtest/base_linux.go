package pgtest

import (
	"os"
	"syscall"
)

// roomInMemory is the free space that makes memory a safe place for test servers: one takes 50 MB and 8 MB a database.
const roomInMemory = 2 << 30

// base is where test servers live: in memory, where a database is cloned four times faster, when there is ample room.
func base() string {
	const shared = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shared, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < roomInMemory || os.Getenv("TMPDIR") != "" {
		return os.TempDir()
	}
	if f, err := os.MkdirTemp(shared, "govorun-"); err != nil || os.Remove(f) != nil {
		return os.TempDir()
	}
	return shared
}

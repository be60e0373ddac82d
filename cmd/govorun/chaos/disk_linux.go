package chaos

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// disk is a small disk in memory that a ballast file can fill.
type disk struct{ dir string }

// mountDisk puts a disk of so many bytes at a folder. It needs the rights of root.
func mountDisk(dir string, size int64) (*disk, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("a small disk can be mounted by root only")
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0711", size)); err != nil {
		return nil, fmt.Errorf("a small disk can't be mounted here: %w", err)
	}
	return &disk{dir}, nil
}

// fill takes all room that is left and gives what frees it.
func (d *disk) fill() (free func(), err error) {
	name := filepath.Join(d.dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("fill the disk: %w", err)
	}
	defer f.Close()
	for at, step := int64(0), int64(32<<20); step >= 4<<10; { // ever smaller pieces until nothing fits any more
		if err := syscall.Fallocate(int(f.Fd()), 0, at, step); err != nil {
			step /= 2
			continue
		}
		at += step
	}
	return func() { os.Remove(name) }, nil
}

func (d *disk) close() { _ = syscall.Unmount(d.dir, syscall.MNT_DETACH) }

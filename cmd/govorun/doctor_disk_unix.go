//go:build linux || darwin || freebsd

package main

import "syscall"

// freeSpace gives the bytes that this program may still write below a folder.
func freeSpace(dir string) (bytes uint64, known bool) {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) != nil {
		return 0, false
	}
	return uint64(max(fs.Bavail, 0)) * uint64(fs.Bsize), true
}

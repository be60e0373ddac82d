//go:build !linux

package bench

import "os"

// dataSync is what Postgres does at a commit, as far as this system has it.
func dataSync(f *os.File) error { return f.Sync() }

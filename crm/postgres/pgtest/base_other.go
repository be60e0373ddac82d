//go:build !linux

package pgtest

import "os"

// base is where test servers live.
func base() string { return os.TempDir() }

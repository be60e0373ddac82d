//go:build !linux

package testroom

import "os"

// Base is where the folders of test servers are.
func Base() string { return os.TempDir() }

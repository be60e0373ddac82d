package bots_test

import (
	"os"
	"runtime/pprof"
)

func profStart(name string) func() {
	f, _ := os.Create(name)
	pprof.StartCPUProfile(f)
	return func() { pprof.StopCPUProfile(); f.Close() }
}

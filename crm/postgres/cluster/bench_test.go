package cluster

import (
	"context"
	"path/filepath"
	"testing"
)

// BenchmarkFirstStart is initdb, the server's start, role and database, all on disk.
func BenchmarkFirstStart(b *testing.B) {
	dir := openFolder(b)
	for i := 0; b.Loop(); i++ {
		c := mustStartAsItIs(b, Options{Dir: filepath.Join(dir, string(rune('a'+i%26)), "c")})
		b.StopTimer()
		mustStop(b, c)
		if err := Remove(context.Background(), c.Dir()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkLaterStart is a start on a folder that was stopped cleanly.
func BenchmarkLaterStart(b *testing.B) {
	dir := openFolder(b)
	mustStop(b, mustStart(b, Options{Dir: dir}))
	for b.Loop() {
		c := mustStart(b, Options{Dir: dir})
		b.StopTimer()
		mustStop(b, c)
		b.StartTimer()
	}
}

// BenchmarkStop is a clean stop of an idle server.
func BenchmarkStop(b *testing.B) {
	dir := openFolder(b)
	for b.Loop() {
		b.StopTimer()
		c := mustStart(b, Options{Dir: dir})
		b.StartTimer()
		mustStop(b, c)
	}
}

package bots_test

import (
	"context"
	"time"
	"os"
	"fmt"
	"strings"
	"strconv"
	"syscall"
	"path/filepath"

	"govorun/crm"
)

type timed struct{ *store }

func (s *timed) Due(ctx context.Context, channel string, room [3]int, known []crm.MessageID, full []crm.ConversationID) ([]crm.Outbound, time.Time, error) {
	b := time.Now()
	r, n, e := s.store.Due(ctx, channel, room, known, full)
	println("due", len(r), len(known), time.Since(b).Milliseconds())
	return r, n, e
}
func (s *timed) Gone(ctx context.Context, c []crm.ConversationID, i []crm.MessageID) ([]crm.MessageID, error) {
	b := time.Now()
	r, e := s.store.Gone(ctx, c, i)
	println("gone", len(i), time.Since(b).Milliseconds())
	return r, e
}
func (s *timed) Sent(ctx context.Context, rows []crm.Outbound, refs []string) error {
	b := time.Now()
	e := s.store.Sent(ctx, rows, refs)
	println("sent", len(rows), time.Since(b).Milliseconds())
	return e
}

func cpu(h *house) (self, pg float64) {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	self = float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
	var pm int
	h.scan(`SELECT pg_backend_pid()`, []any{&pm})
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pm))
	ppid := strings.Fields(string(b[strings.LastIndex(string(b), ")"):]))[2]
	ds, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, d := range ds {
		b, err := os.ReadFile(d)
		if err != nil {
			continue
		}
		f := strings.Fields(string(b[strings.LastIndex(string(b), ")"):]))
		if f[2] == ppid {
			x, _ := strconv.ParseFloat(f[12], 64)
			y, _ := strconv.ParseFloat(f[13], 64)
			pg += (x + y) / 100
		}
	}
	return
}

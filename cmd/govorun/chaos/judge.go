package chaos

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
)

// judge collects the records of all companies and lets the oracle judge them.
func (w *world) judge(ctx context.Context, s *striker) Report {
	r := Report{Seed: w.Seed, Length: w.Length, Replicas: w.Replicas, Kits: w.Kits, Struck: s.struck, Quiet: w.quiet}
	for name := range s.blocked {
		r.LeftOut = append(r.LeftOut, name+": "+w.base.why)
	}
	for _, c := range w.companies {
		record := c.record(ctx, s)
		r.add(c.kit, record, Judge(record))
	}
	return r
}

// record is what a company did and what came of it. Dead letters are replayed first, twice.
func (c *company) record(ctx context.Context, s *striker) (r Record) {
	r = Record{Kit: c.kit, Quiet: c.night, Poison: slices.Clone(c.poison)}
	c.vitals(ctx, &r)
	r.Replay = c.replay(ctx)
	c.mu.Lock()
	r.Tales, r.Leaks = slices.Clone(c.tales), nil
	r.Undone = slices.Clone(c.notes)
	hands := slices.Clone(c.hands)
	c.mu.Unlock()
	for _, what := range c.unquiet {
		if strings.HasPrefix(what, c.kit+":") {
			r.Undone = append(r.Undone, what)
		}
	}
	c.secrets.mu.Lock()
	r.Leaks = slices.Sorted(keys(c.secrets.found))
	c.secrets.mu.Unlock()
	r.Faults.Doubling = s.doubling(c.kit)
	for _, one := range s.struck {
		if one.Name == "wa-garble" && one.Where == c.kit {
			r.Faults.Garbled++
		}
	}
	// Reminders still come: what the phones show and what the CRM holds are of one moment when the CRM is the same before and after.
	var err error
	for tries := 0; ; tries++ {
		before := r.Ledger.Messages
		if r.Ledger, err = c.db.ReadLedger(ctx); err != nil {
			r.Undone = append(r.Undone, "the ledger can't be read: "+err.Error())
			return r
		}
		if tries > 0 && (tries == steadyTries || slices.EqualFunc(before, r.Ledger.Messages, same)) {
			return r
		}
		r.Chats = nil
		for _, h := range hands {
			r.Chats = append(r.Chats, h.chat())
		}
		if c.number != nil {
			r.Chats = append(r.Chats, c.number.chats()...)
		}
		r.Calls = calls(c.sim)
	}
}

// same tells whether nothing has become of a message.
func same(a, b postgres.LedgerMessage) bool {
	return a.ID == b.ID && a.Status == b.Status && a.Ref == b.Ref
}

// steadyTries is how often a moment is looked for in which nothing changes.
const steadyTries = 20

// doubling counts what struck a company that can double a message. What strikes the database strikes all; what was left out, nobody.
func (s *striker) doubling(kit string) (n int) {
	for _, one := range s.struck {
		i := slices.IndexFunc(s.kinds, func(k kind) bool { return k.name == one.Name })
		if i >= 0 && s.kinds[i].doubles && (one.Where == kit || s.kinds[i].everywhere()) && !one.leftOut() {
			n++
		}
	}
	return n
}

// calls are those that went to a chat, in order.
func calls(sim *simulator.Server) (list []Call) {
	for _, one := range sim.Calls("") {
		if one.Chat == "" {
			continue
		}
		call := Call{At: one.At, Method: one.Method, Chat: one.Chat}
		if one.Fault == string(simulator.TooMany) {
			call.RetryAfter = retryAfter(one.Answer)
		}
		list = append(list, call)
	}
	return list
}

// retryAfter reads the wait out of an answer 429.
func retryAfter(answer []byte) time.Duration {
	_, rest, _ := strings.Cut(string(answer), `"retry_after":`)
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	seconds, _ := strconv.Atoi(rest[:max(0, end)])
	return time.Duration(seconds) * time.Second
}

// vitals notes what each replica holds, now that nobody talks any more.
func (c *company) vitals(ctx context.Context, r *Record) {
	clients, _ := c.db.Clients(ctx) // not known is zero
	for _, one := range c.replicas {
		one.mu.Lock()
		h := Health{Replica: one.name, Early: one.early, Lived: time.Since(one.since)}
		one.mu.Unlock()
		if h.Early.Memory == 0 || !one.runs() {
			continue // it was started a moment ago, or there is no /proc
		}
		h.Late = one.vitals()
		h.Late.Clients = max(0, clients-1) / len(c.replicas)
		r.Health = append(r.Health, h)
	}
}

// replay lifts the poison and replays all dead letters by the command, twice.
func (c *company) replay(ctx context.Context) (r Replay) {
	if len(c.poison) == 0 {
		return r
	}
	if err := c.db.Poison(ctx, ""); err != nil {
		r.Trouble = err.Error()
		return r
	}
	before, err := c.db.ReadLedger(ctx)
	if err != nil {
		r.Trouble = err.Error()
		return r
	}
	args := []string{"dead", "replay"}
	for _, d := range before.Dead {
		args = append(args, strconv.FormatInt(d.ID, 10))
	}
	r.Tried = len(before.Dead)
	for n := range 2 {
		if r.Tried == 0 {
			break
		}
		cmd := exec.CommandContext(ctx, c.Program, args...)
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, c.Env...)
		cmd.Env = append(cmd.Env, c.env...)
		stdin, err := cmd.StdinPipe()
		if err == nil {
			_, err = cmd.CombinedOutput()
			stdin.Close()
		}
		if err != nil && n == 0 { // the second time it says that there is nothing left to replay
			r.Trouble = err.Error()
		}
		count := 0
		limit, cancel := context.WithTimeout(ctx, 20*time.Second)
		until(limit, 300*time.Millisecond, func() bool {
			if now, err := c.db.ReadLedger(limit); err == nil {
				count = 0
				for _, m := range now.Messages {
					if m.Direction == "in" && m.Text == poisonText && m.Status == "received" {
						count++
					}
				}
			}
			return n == 0 && count >= r.Tried
		})
		cancel()
		if n == 0 {
			r.First = count
		} else {
			r.Second = count
		}
	}
	return r
}

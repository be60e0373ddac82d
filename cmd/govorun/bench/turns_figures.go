package bench

import (
	"context"
	"fmt"

	"govorun/cmd/govorun/bench/report"
)

// figures are those of turns, of one round.
func (t Turns) figures(ctx context.Context, c Config) ([]report.Figure, error) {
	r, err := t.measure(ctx, c)
	if err != nil {
		return nil, err
	}
	var f figures
	for i, chats := range t.Chats {
		f.ofCell(chats, r.Cells[i][0], t)
	}
	f.ofAccount(r.Account)
	return f, r.wrong()
}

// ofCell adds what one number of chats found: the program, the parts below it, the other bots.
func (f *figures) ofCell(chats int, m cell, t Turns) {
	at := func(what string) string { return counted(chats, "chat") + ": " + what }
	f.key(at("turns"), "1/s", m.Pace.Turns, when(chats == 64, report.AtLeast(5000, aimOfSpine)))
	f.key(at("a turn, p50"), "ms", m.Pace.at(0.5), when(chats == 1, report.AtMost(1.5, aimOfSpine)))
	f.key(at("a turn, p99"), "ms", m.Pace.at(0.99), nil)
	if m.knowsProcesses {
		f.key(at("CPU a turn, program + PostgreSQL"), "µs", m.Program+m.Postgres, when(chats == 64, report.AtMost(250, aimOfSpine)))
		f.add(at("of it the program"), "µs", m.Program, nil)
		f.add(at("memory"), "MB", float64(m.RSS)/1e6, nil)
	}
	if t.Floors {
		f.add(at("floor without a database"), "1/s", m.Null, nil)
		f.add(at("floor, rows in one call"), "1/s", m.Fn, nil)
		f.add(at("floor, rows grouped"), "1/s", m.Gc2, nil)
		if bottom := m.bottom(); bottom > 0 {
			f.key(at("share of what the floors allow together"), "", m.Pace.Turns/bottom, when(chats == 64, report.AtLeast(0.65, aimOfSpine)))
		}
	}
	for i, its := range m.Peers {
		f.ofPeer(chats, t.Against[i].Name, m.Pace, its)
	}
}

// timesOfPeers is how many times as many turns as another bot's are aimed at, by the number of chats.
var timesOfPeers = map[int]float64{16: 3, 64: 4}

// ofPeer adds what another bot did in the same minutes.
func (f *figures) ofPeer(chats int, name string, ours pace, its peerCell) {
	at := func(what string) string { return fmt.Sprintf("%s, %s: %s", counted(chats, "chat"), name, what) }
	times := timesOfPeers[chats]
	note := f.add
	if times > 0 {
		note = f.key
	}
	note(at("turns"), "1/s", its.Pace.Turns, nil)
	f.add(at("a turn, p50"), "ms", its.Pace.at(0.5), nil)
	f.add(at("a turn, p99"), "ms", its.Pace.at(0.99), nil)
	note(at("CPU a turn, bot + PostgreSQL"), "µs", its.Bot+its.Postgres, nil)
	if its.Pace.Turns > 0 {
		note(at("times its turns"), "", ours.Turns/its.Pace.Turns, when(times > 0, report.AtLeast(times, aimOfPeers)))
	}
	if late := its.Pace.at(0.99); late > 0 {
		note(at("share of its p99"), "", ours.at(0.99)/late, when(times > 0, report.AtMost(0.5, aimOfPeers)))
	}
}

// ofAccount adds what must be zero.
func (f *figures) ofAccount(a Account) {
	f.key("turns that were lost", "", float64(a.Lost), report.AtMost(0, aimOfPromises))
	f.key("turns that were doubled", "", float64(a.Doubled), report.AtMost(0, aimOfPromises))
}

// figures are those of turns over WhatsApp, of one round.
func (w WhatsApp) figures(ctx context.Context, c Config) ([]report.Figure, error) {
	r, err := w.measure(ctx, c)
	if err != nil {
		return nil, err
	}
	var f figures
	for i, phones := range w.Chats {
		m := r.Cells[i][0]
		at := func(what string) string { return counted(phones, "phone") + ": " + what }
		f.key(at("turns"), "1/s", m.Pace.Turns, nil)
		f.key(at("a turn, p50"), "ms", m.Pace.at(0.5), nil)
		f.key(at("a turn, p99"), "ms", m.Pace.at(0.99), nil)
		f.key(at("CPU a turn, program + PostgreSQL"), "µs", m.Program+m.Postgres, nil)
		f.add(at("floor, the library that echoes"), "1/s", m.Echo.Turns, nil)
		if m.Echo.Turns > 0 {
			f.key(at("share of it"), "", m.Pace.Turns/m.Echo.Turns, nil)
		}
	}
	if len(r.Cold) > 0 {
		f.key("start of a linked number to its first answer, without PostgreSQL's", "ms", milliseconds(quantile(r.Cold, 0.5)), nil)
	}
	if w.Numbers > 0 {
		f.key("memory of one more number", "MB", r.PerNumber, nil)
	}
	f.ofAccount(r.Account)
	return f, r.wrong()
}

package main

import (
	"context"
	"time"

	"govorun/bots"
	"govorun/bots/telegram"
	"govorun/crm"
	"govorun/crm/jobs"
	"govorun/crm/postgres"
	"govorun/dialogs/turn"
)

// stateNow is a change of the state of a channel; read gives what it is by the time it is written.
type stateNow struct {
	channel, kind, sentence string
	lease                   string // which the process that may speak of it holds; empty: any may
	bad                     bool
	read                    func() (kind, sentence string)
}

// reportTelegram tells of a change of the bot's state.
func (y *system) reportTelegram(state telegram.State) {
	if state.Kind == telegram.Listening {
		y.listened.Store(true)
	}
	bad := false
	switch state.Kind {
	case telegram.BadCredentials, telegram.WebhookSet, telegram.Offline, telegram.StoreAway:
		bad = true
	}
	y.report(stateNow{y.telegram.Name(), string(state.Kind), state.Sentence, y.telegramLease(), bad, func() (string, string) {
		now := y.telegram.State()
		return string(now.Kind), now.Sentence
	}})
}

// report keeps the state of a channel for people and tells a change once.
func (y *system) report(s stateNow) {
	level := y.log.Info
	if s.bad {
		level = y.log.Error
	}
	level("channel state", "channel", s.channel, "state", s.kind, "sentence", s.sentence)
	if y.db == nil {
		return
	}
	go func() {
		y.stating.Lock()
		defer y.stating.Unlock()
		kind, sentence := s.read() // of several changes the last one is kept, whichever writer comes last
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := y.keepState(ctx, s.lease, postgres.ChannelState{Channel: s.channel, State: kind, Detail: sentence}); err != nil {
			y.log.Debug("channel state not kept", "err", err)
		}
	}()
}

func (y *system) keepState(ctx context.Context, lease string, s postgres.ChannelState) error {
	if lease != "" {
		return y.db.SetLedState(ctx, lease, s)
	}
	return y.db.SetChannelState(ctx, s.Channel, s.State, s.Detail)
}

// alert writes what a person should know of sending into the timeline and the log.
func (y *system) alert(a bots.Alert) {
	y.log.Error("alert", "kind", a.Kind, "channel", a.Channel, "count", a.Count, "detail", a.Detail)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := y.db.Alert(ctx, string(a.Kind), a.Conversation, a.Count, a.Detail); err != nil {
			y.log.Warn("alert not kept", "kind", a.Kind, "err", err)
		}
		if note, is := y.noteOf(a); is {
			y.tell(ctx, note)
		}
	}()
}

// tellAgain is how long people do not hear the same again: the timeline and govorun doctor have every alert.
const tellAgain = time.Hour

// noteOf is what people hear of an alert, for those that ask something of them.
func (y *system) noteOf(a bots.Alert) (note turn.Note, is bool) {
	switch string(a.Kind) {
	case string(bots.AlertDead):
		return turn.Note{Key: "dead_letter", Args: map[string]any{"n": max(a.Count, 1)}}, true
	case string(bots.AlertPaused):
		return turn.Note{Key: "credentials", By: a.Channel}, y.telegram != nil && a.Channel == y.telegram.Name()
	case jobs.AlertStoreDown:
		return turn.Note{Key: "files"}, true
	}
	return turn.Note{}, false
}

// tell says something of the program to the people who look after it, each thing once in a while.
func (y *system) tell(ctx context.Context, note turn.Note) {
	now := time.Now()
	if last, told := y.warned.Load(note.Key); told && now.Sub(last.(time.Time)) < tellAgain {
		return
	}
	y.warned.Store(note.Key, now)
	if err := y.runner.TellNote(ctx, note); err != nil {
		y.log.Warn("nobody told of an alert", "alert", note.Key, "err", err)
	}
}

// greet does at start what needs Telegram but must not delay the first answer: the command menus, and a word to the
// administrator when messages may be missing after a long outage.
func (y *system) greet(ctx context.Context) {
	for ctx.Err() == nil {
		backlog, err := y.telegram.Backlog(ctx)
		if err == nil {
			y.gap(ctx, y.heard, backlog)
			err = y.telegram.SetMenus(ctx, y.menus()...)
		}
		if err == nil {
			return
		}
		y.log.Debug("menus not set yet", "err", err)
		sleep(ctx, 30*time.Second)
	}
}

// keptByTelegram is how long the Bot API keeps updates that nobody fetched ("Getting updates" of its documentation).
const keptByTelegram = 24 * time.Hour

// gap tells the window in which messages may be lost: when the bot heard nothing for longer than Telegram keeps them.
func (y *system) gap(ctx context.Context, heard time.Time, b telegram.Backlog) {
	if heard.IsZero() || time.Since(heard) < keptByTelegram {
		return
	}
	upto := time.Now().Add(-keptByTelegram)
	y.tell(ctx, turn.Note{Key: "gap", Args: map[string]any{"from": heard, "to": upto}})
	y.alert(bots.Alert{Kind: "gap", Channel: y.telegram.Name(), Count: b.Pending,
		Detail: "messages from " + heard.UTC().Format(time.RFC3339) + " to " + upto.UTC().Format(time.RFC3339) + " may be missing"})
}

// menus are the command menus of the kit's languages; people outside see those of the dialogs.
func (y *system) menus() []telegram.Menu {
	var menus []telegram.Menu
	for i, lang := range y.kit.Languages {
		var items []crm.MenuItem
		for _, command := range []string{"start", "help", "lang", "human"} {
			text, _ := y.kit.Texts.Text(lang, "menu."+command, nil)
			items = append(items, crm.MenuItem{Command: command, Text: text})
		}
		code := lang
		if i == 0 {
			code = ""
		}
		menus = append(menus, telegram.Menu{Scope: telegram.ScopePrivate, Lang: code, Items: items})
	}
	return menus
}

// lastHeard tells when Telegram last answered the program, before this start; zero at the first.
func (y *system) lastHeard(ctx context.Context) (time.Time, error) {
	if y.telegram == nil {
		return time.Time{}, nil
	}
	states, err := y.db.ChannelStates(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, s := range states {
		if s.Channel == y.telegram.Name() {
			return s.HeardAt, nil
		}
	}
	return time.Time{}, nil
}

// heardEvery is how often it is noted that Telegram answers.
const heardEvery = 30 * time.Second

// noteHeard keeps the time at which Telegram last answered, so that the next start knows how long the bot was away.
func (y *system) noteHeard(ctx context.Context) {
	for ctx.Err() == nil {
		if y.telegram.State().Kind == telegram.Listening {
			if err := y.db.HeardFrom(ctx, y.telegram.Name()); err != nil && ctx.Err() == nil {
				y.log.Debug("hearing not noted", "err", err)
			}
		}
		sleep(ctx, heardEvery)
	}
}

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"govorun/bots/simulator"
	"govorun/dialogs"
)

// simulatedToken opens the simulated Bot API, which listens on a loopback port of its own; it opens nothing else anywhere.
const simulatedToken = "7777777777:simulated-token-of-try"

// idRoom is left free above the ids of earlier tries, for messages that were said and never stored.
const idRoom = 1000

// openPhones starts the simulated provider with the people of the story and gives the address of its Bot API.
func (t *trial) openPhones(ctx context.Context) (api string, err error) {
	last, err := t.db.Board().LastMessage(ctx)
	if err != nil {
		return "", err
	}
	t.sim = simulator.New(simulator.Options{Token: simulatedToken, Username: botName, Name: "Govorun", Clock: t.clock.now, Control: true,
		FirstID: int64(last) + idRoom})
	if err := t.openCast(ctx); err != nil {
		return "", err
	}
	people := map[int64]*simulator.Person{}
	for _, p := range t.cast {
		if people[p.ID], err = t.phoneOf(p, t.firstLanguage()); err != nil {
			return "", err
		}
	}
	t.recallPhones()
	for _, p := range t.cast {
		chat, _ := t.sim.View(p.ID)
		if p.Role == "" || chat.Started { // employees have met the bot before: it may write to them
			continue
		}
		if _, err := people[p.ID].Start(""); err != nil {
			return "", fmt.Errorf("make simulated people: %w", err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("open the simulated Bot API: %w", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(t.botAPI)}
	go server.Serve(listener)
	t.stops = append(t.stops, func() {
		t.sim.Close()
		server.Close()
	})
	t.stops = append(t.stops, t.keepPhones())
	return "http://" + listener.Addr().String(), nil
}

// phonesKept is how often what is on the phones is written: that much is lost when the program is killed.
const phonesKept = time.Second

// recallPhones puts the chats of the try before onto the phones. Without them the try goes on: the CRM has what was said.
func (t *trial) recallPhones() {
	if err := t.sim.Recall(filepath.Join(t.dir, "phones")); err != nil {
		t.log.Warn("the phones begin empty", "err", err)
	}
}

// keepPhones writes what is on the phones while it changes, and once more when the function that it gives is called.
func (t *trial) keepPhones() (stop func()) {
	return keepWhile(phonesKept, t.sim.Seq, func() error {
		err := t.sim.Keep(filepath.Join(t.dir, "phones"))
		if err != nil {
			t.log.Warn("the phones are not kept", "err", err)
		}
		return err
	})
}

// keepWhile calls keep each time the count has changed, and a last time at the end.
func keepWhile(every time.Duration, count func() int64, keep func() error) (stop func()) {
	ending, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		kept := int64(-1)
		for last := false; !last; {
			select {
			case <-tick.C:
			case <-ending:
				last = true
			}
			if n := count(); n != kept && keep() == nil {
				kept = n
			}
		}
	}()
	return func() {
		close(ending)
		<-ended
	}
}

// botAPI is the provider's side; acting as people is for the page only.
func (t *trial) botAPI(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.Path) > 4 && r.URL.Path[:5] == "/sim/" {
		http.NotFound(w, r)
		return
	}
	t.sim.ServeHTTP(w, r)
}

// kitNames gives the kit's names of pipelines, stages and roles to the board.
type kitNames struct{ kit *dialogs.Kit }

// Pipeline names a pipeline.
func (n kitNames) Pipeline(lang, pipeline string) string {
	if p := n.kit.Pipelines[pipeline]; p != nil {
		return n.text(lang, p.Key, pipeline)
	}
	return pipeline
}

// Stage names a stage of a pipeline.
func (n kitNames) Stage(lang, pipeline, stage string) string {
	if p := n.kit.Pipelines[pipeline]; p != nil {
		for _, s := range p.Stages {
			if s.Name == stage {
				return n.text(lang, s.Key, stage)
			}
		}
	}
	return stage
}

// Role names a role of employees.
func (n kitNames) Role(lang, role string) string {
	if key := n.kit.Roles[role]; key != "" {
		return n.text(lang, key, role)
	}
	return role
}

func (n kitNames) text(lang, key, word string) string {
	if text, err := n.kit.Texts.Text(n.kit.Texts.Match(lang), key, nil); err == nil {
		return text
	}
	return word
}

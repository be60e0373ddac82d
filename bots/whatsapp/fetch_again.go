package whatsapp

import (
	"sync"

	"go.mau.fi/whatsmeow/types/events"
)

// mediaRetries are the files that phones were asked to upload anew. The zero value can be used.
type mediaRetries struct {
	mu      sync.Mutex
	waiting map[string][]chan *events.MediaRetry
}

// ask waits for the answer about the file of a message, until it is forgotten.
func (r *mediaRetries) ask(id string) (answer <-chan *events.MediaRetry, forget func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		r.waiting = map[string][]chan *events.MediaRetry{}
	}
	mine := make(chan *events.MediaRetry, 1)
	r.waiting[id] = append(r.waiting[id], mine)
	return mine, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		others := r.waiting[id][:0]
		for _, w := range r.waiting[id] {
			if w != mine {
				others = append(others, w)
			}
		}
		if r.waiting[id] = others; len(others) == 0 {
			delete(r.waiting, id)
		}
	}
}

// answered hands an answer to whoever waits for it.
func (r *mediaRetries) answered(evt *events.MediaRetry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.waiting[evt.MessageID] {
		select {
		case w <- evt:
		default: // it has an answer
		}
	}
}

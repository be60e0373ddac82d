package board

import (
	"net/http"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

func address(r *http.Request) crm.Address {
	q := r.URL.Query()
	return crm.Address{Channel: q.Get("channel"), Chat: q.Get("chat")}
}

// recent is how many messages a conversation shows.
const recent = 60

func (b *board) conversation(r *http.Request) (any, error) {
	c, err := b.rows.Conversation(r.Context(), address(r))
	if err != nil {
		return nil, err
	}
	messages, err := b.rows.Messages(r.Context(), c.ID, recent)
	if err != nil {
		return nil, err
	}
	role := ""
	if c.Role != "" {
		role = b.Names.Role(r.URL.Query().Get("lang"), c.Role)
	}
	return struct {
		postgres.BoardConversation
		RoleName string                  `json:"role_name"`
		Messages []postgres.BoardMessage `json:"messages"`
	}{c, role, orEmpty(messages)}, nil
}

// turnView is all that one inbound message made.
type turnView struct {
	Cause    *postgres.BoardMessage  `json:"cause"`
	Messages []postgres.BoardMessage `json:"messages"`
	Events   []postgres.BoardEvent   `json:"events"`
	Files    []postgres.BoardFile    `json:"files"`
	Deals    []dealView              `json:"deals"`
}

func (b *board) turn(r *http.Request) (any, error) {
	n, err := id(r)
	if err != nil {
		return nil, err
	}
	return b.caused(r, crm.MessageID(n))
}

func (b *board) caused(r *http.Request, by crm.MessageID) (turnView, error) {
	ctx := r.Context()
	view := turnView{Messages: []postgres.BoardMessage{}}
	messages, err := b.rows.Caused(ctx, by)
	if err != nil {
		return view, err
	}
	for _, m := range messages {
		if m.ID == by {
			view.Cause = &m
		} else {
			view.Messages = append(view.Messages, m)
		}
	}
	events, err := b.rows.MessageEvents(ctx, by)
	if err != nil {
		return view, err
	}
	files, err := b.rows.MessageFiles(ctx, by)
	if err != nil {
		return view, err
	}
	deals, err := b.rows.DealsTouched(ctx, by)
	if err != nil {
		return view, err
	}
	view.Events, view.Files, view.Deals = orEmpty(events), orEmpty(files), b.nameAll(r, deals)
	return view, nil
}

// message tells what a message did: the rows it is stored in, and for each turn it belongs to everything that turn wrote.
// A person's message has a turn of its own; ours was written by one, and presses of its buttons are others.
func (b *board) message(r *http.Request) (any, error) {
	ref, out := r.URL.Query().Get("ref"), r.URL.Query().Get("dir") == "out"
	inbound, err := b.rows.Inbound(r.Context(), address(r), ref)
	if err != nil {
		return nil, err
	}
	var rows []postgres.BoardMessage
	if out {
		if rows, err = b.rows.Outbound(r.Context(), address(r), ref); err != nil {
			return nil, err
		}
	}
	var causes []crm.MessageID
	for _, m := range rows {
		if m.Cause != 0 {
			causes = append(causes, m.Cause)
		}
	}
	for _, m := range inbound {
		if pressed := strings.HasPrefix(m.Ref, "p:"); pressed == out {
			causes = append(causes, m.ID)
			if !out {
				rows = append(rows, m)
			}
		}
	}
	view := struct {
		Rows  []postgres.BoardMessage `json:"rows"`
		Turns []turnView              `json:"turns"`
	}{orEmpty(rows), []turnView{}}
	seen := map[crm.MessageID]bool{}
	for _, cause := range causes {
		if seen[cause] {
			continue
		}
		seen[cause] = true
		t, err := b.caused(r, cause)
		if err != nil {
			return nil, err
		}
		view.Turns = append(view.Turns, t)
	}
	return view, nil
}

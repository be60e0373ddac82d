package board

import (
	"net/http"
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// dealView is a deal with the names people read.
type dealView struct {
	postgres.BoardDeal
	PipelineName string `json:"pipeline_name"`
	StageName    string `json:"stage_name"`
	RoleName     string `json:"owner_role_name"`
}

func (b *board) name(lang string, d postgres.BoardDeal) dealView {
	v := dealView{BoardDeal: d, PipelineName: b.Names.Pipeline(lang, d.Pipeline), StageName: b.Names.Stage(lang, d.Pipeline, d.Stage)}
	if d.OwnerRole != "" {
		v.RoleName = b.Names.Role(lang, d.OwnerRole)
	}
	return v
}

func (b *board) nameAll(r *http.Request, list []postgres.BoardDeal) []dealView {
	lang := r.URL.Query().Get("lang")
	views := make([]dealView, len(list))
	for i, d := range list {
		views[i] = b.name(lang, d)
	}
	return views
}

func (b *board) deals(r *http.Request) (any, error) {
	list, err := b.rows.Deals(r.Context(), crm.DealID(before(r)), pageSize)
	return b.nameAll(r, list), err
}

// line is one entry of a deal's story: an event, or a message of its conversation.
type line struct {
	At      time.Time              `json:"at"`
	Event   *postgres.BoardEvent   `json:"event,omitempty"`
	Message *postgres.BoardMessage `json:"message,omitempty"`
	// Stage is the name of the stage that a move led to.
	Stage string `json:"stage,omitempty"`
}

// story is how many messages of the conversation stand in a deal's timeline.
const story = 100

func (b *board) deal(r *http.Request) (any, error) {
	n, err := id(r)
	if err != nil {
		return nil, err
	}
	d, err := b.rows.Deal(r.Context(), crm.DealID(n))
	if err != nil {
		return nil, err
	}
	files, err := b.rows.DealFiles(r.Context(), d.ID)
	if err != nil {
		return nil, err
	}
	timeline, err := b.timeline(r, d)
	if err != nil {
		return nil, err
	}
	return struct {
		Deal     dealView             `json:"deal"`
		Timeline []line               `json:"timeline"`
		Files    []postgres.BoardFile `json:"files"`
	}{b.nameAll(r, []postgres.BoardDeal{d})[0], timeline, orEmpty(files)}, nil
}

// timeline merges what happened to a deal with what was said in its conversation meanwhile, oldest first.
func (b *board) timeline(r *http.Request, d postgres.BoardDeal) ([]line, error) {
	events, err := b.rows.DealEvents(r.Context(), d.ID)
	if err != nil {
		return nil, err
	}
	lang := r.URL.Query().Get("lang")
	lines := []line{}
	for _, e := range events {
		l := line{At: e.At, Event: &e}
		if stage := e.Data.Text("stage"); stage != "" {
			l.Stage = b.Names.Stage(lang, d.Pipeline, stage)
		}
		lines = append(lines, l)
	}
	if d.Conversation != 0 {
		said, err := b.rows.Messages(r.Context(), d.Conversation, story)
		if err != nil {
			return nil, err
		}
		for _, m := range slices.Backward(said) {
			at := m.CreatedAt
			if m.Direction == "out" && (m.Kind == string(crm.OutEdit) || m.Kind == string(crm.OutReaction)) {
				continue // how it looked, not what was said
			}
			if at.Before(d.CreatedAt.Add(-time.Hour)) || d.ClosedAt != nil && at.After(d.ClosedAt.Add(time.Hour)) {
				continue // of another story
			}
			lines = append(lines, line{At: at, Message: &m})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.At.Compare(b.At) })
	return lines, nil
}

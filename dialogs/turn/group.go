package turn

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"runtime"
	"runtime/debug"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// group is one transaction and what its turns share: a second input of the same chat goes on where the first one ended.
type group struct {
	*Runner
	ctx      context.Context
	tx       *postgres.Turns
	now      time.Time // the database's, shifted
	talks    map[crm.ConversationID]*postgres.Talk
	sessions map[crm.ConversationID]*dialogs.Session
	people   map[crm.ConversationID]*crm.Contact
	hurried  []crm.Inbound                  // signals to run right after the commit
	arrived  bool                           // files wait to be fetched
	raw      map[*postgres.Turn]crm.Inbound // what held an account number, as it came
	veils    veils
	meant    map[*postgres.Turn]*meant // whose authors pressed by number
	failed   error                     // of an id that could not be taken
	memory   *memory                   // of cascade
	cascade  *rules.Cascade            // nil until something may follow

	answering  *postgres.Turn                        // whose answer tells its author of a visit
	under      map[crm.ConversationID][][]crm.Button // for the answer of a talk, when it asks nothing
	wished     crm.ConversationID                    // where the author of the turn has taken their talk: what is said there answers them
	superseded []crm.MessageID
	links      []LinkWish                       // to begin right after the commit
	notices    []notice                         // to employees, not sent yet
	staffNow   map[crm.EmployeeID]*crm.Employee // whom this transaction hired, moved or (nil) dismissed
	telling    telling                          // what was read for those who are being told
	mistakes   []crm.Recorded                   // of the kit, to be told after the commit
	undoable   []crm.DealID                     // to which the author of this turn has just done what can be taken back
	forgotten  []crm.ContactID                  // people who asked for it, to be erased after the commit
	justDone   []crm.DealID                     // the same, of the press before
}

func (r *Runner) group(jobs []*job) (outcomes []outcome, err error) {
	defer func() { // what only writing finds, such as a number without end in a field, must not end the program either
		if p := recover(); p != nil {
			outcomes, err = nil, panicked(p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	ins := make([]crm.Inbound, len(jobs))
	for i, j := range jobs {
		ins[i] = withoutSecrets(j.in) // only a step that asks for secrets sees them
	}
	veiled := r.veil(ins)
	begun := time.Now()
	tx, turns, err := r.DB.BeginTurns(ctx, ins)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	tx.Linked = r.acts
	g := r.newGroup(ctx, tx, len(jobs))
	for _, t := range turns {
		g.talks[t.Talk.ID] = t.Talk
	}
	stored := time.Now()
	for i, t := range turns {
		if in, was := veiled[i]; was {
			g.veils.keep(t, in)
		}
		if t.In.Text != jobs[i].in.Text {
			g.raw[t] = unmasked(jobs[i].in)
		}
	}
	outcomes = make([]outcome, len(jobs))
	traces := make([]Trace, 0, len(jobs))
	for i, t := range turns {
		stepping := time.Now()
		trace := Trace{Channel: t.In.Address.Channel, Chat: t.In.Address.Chat, Kind: t.In.Kind, Message: t.Message, Conversation: t.Talk.ID,
			Fresh: t.Fresh, Arrived: jobs[i].arrived, Stored: stored.Sub(begun), Group: len(jobs)}
		if outcomes[i].receipt, err = g.turn(t, &trace); err != nil {
			return nil, fmt.Errorf("turn of conversation %d: %w", t.Talk.ID, err)
		}
		if g.memory != nil { // the next turn finds the cards of what this one opened, and may have to redraw them
			clear(g.memory.opened)
		}
		trace.Stepped = time.Since(stepping)
		traces = append(traces, trace)
	}
	committing := time.Now()
	if err := g.commit(); err != nil {
		return nil, err
	}
	if r.Observe != nil {
		for _, t := range traces {
			t.Committed = time.Since(committing)
			r.Observe(t)
		}
	}
	return outcomes, nil
}

// newGroup is for about n turns that share a transaction.
func (r *Runner) newGroup(ctx context.Context, tx *postgres.Turns, n int) *group {
	return &group{Runner: r, ctx: ctx, tx: tx, now: r.clock(tx),
		sessions: make(map[crm.ConversationID]*dialogs.Session, n), people: make(map[crm.ConversationID]*crm.Contact, n),
		talks: make(map[crm.ConversationID]*postgres.Talk, n), raw: map[*postgres.Turn]crm.Inbound{}}
}

// commit writes everything and hands over what is to happen next.
func (g *group) commit() error {
	if g.failed != nil {
		return g.failed
	}
	if err := g.finish(); err != nil {
		return err
	}
	out := g.written()
	if err := g.tx.Commit(g.ctx); err != nil {
		return err
	}
	g.noLongerAsked()
	g.Committed(out, append(g.superseded, g.tx.Cancelled...))
	g.alert()
	for _, wish := range g.links {
		g.Link(wish)
	}
	if g.arrived {
		g.Arrived()
	}
	for _, in := range g.hurried {
		g.enqueue(in) // what doesn't fit stays a waiting row, and the sweep finds it
	}
	if own := g.tx.Own; len(own) > 0 { // waiting for other talks must not hold up other turns
		g.joins.Go(func() { g.join(context.Background(), own) })
	}
	if gone := g.forgotten; len(gone) > 0 {
		g.joins.Go(func() { g.forget(context.Background(), gone) })
	}
	return nil
}

// clock is the time of a transaction: the database's, shifted, as exact as the database keeps it.
func (r *Runner) clock(tx *postgres.Turns) time.Time {
	return tx.Now.Add(r.Shift()).Truncate(time.Microsecond).In(r.Kit.Zone)
}

// turn does one input. A panic is an error like any other: the input is replayed alone and put aside if it fails again.
func (g *group) turn(t *postgres.Turn, trace *Trace) (receipt Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	if !t.Fresh {
		return Receipt{}, nil
	}
	if err := g.veilEdit(t); err != nil {
		return Receipt{}, err
	}
	if err := g.readAtLast(t); err != nil {
		return Receipt{}, err
	}
	g.current(t)
	if len(t.In.Media) > 0 && t.In.Kind == crm.InMedia {
		g.files(t)
	}
	if done, err := g.byNumber(t); done || err != nil {
		return Receipt{Fresh: true}, err
	}
	switch t.In.Kind {
	case crm.InIgnored, crm.InReaction:
		return Receipt{Fresh: true}, nil
	case crm.InUnread:
		return Receipt{Fresh: true}, g.unread(t)
	case crm.InRevoke:
		return Receipt{Fresh: true}, g.revoked(t)
	case crm.InForm, crm.InCall:
		return Receipt{Fresh: true}, g.listen(t, trace)
	case crm.InOwn:
		return Receipt{Fresh: true}, g.own(t)
	case crm.InBlocked, crm.InReturned:
		g.blocked(t)
		return Receipt{Fresh: true}, nil
	case crm.InMigrated:
		t.Talk.NewChatID = t.In.NewChat
		if err := g.tx.MoveRooms(g.ctx, t.Talk.Address, t.In.NewChat); err != nil {
			return Receipt{}, err
		}
		g.event(t, postgres.EventRow{Kind: "chat_moved"})
		g.touch(t.Talk)
		return Receipt{Fresh: true}, nil
	}
	if t.Talk.Blocked && !t.Talk.Group && !ours(t.In.Kind) { // who writes can be written to, also one who had never begun
		t.Talk.Blocked = false
		g.touch(t.Talk)
	}
	if t.Employee != nil {
		if err := g.inTopic(t); err != nil {
			return Receipt{}, err
		}
	}
	switch {
	case isInvite(t):
		err = g.acceptInvite(t)
	case viewOnce(t):
		err = g.askOpenly(t)
	case t.Employee != nil && g.scanned(t):
		err = g.came(t)
	case t.Employee != nil && g.forStaff(t):
		receipt, err = g.staff(t, trace)
	case t.Talk.Group && t.In.Press != nil:
		receipt.Toast = g.text(g.speaks(t.In.From.Lang), "grammar.not_yours", nil)
	case t.Employee == nil && t.In.Press != nil && g.refusedPress(t): // of somebody who works here no more, or made up
		receipt.Toast = html.UnescapeString(g.text(g.speaks(t.In.From.Lang), "grammar.stale", nil))
	case g.handsOff(t):
		receipt, err = g.handoff(t, trace)
	case t.Talk.Group: // strangers in a group of employees are not relayed to anybody
		err = g.stranger(t)
	default:
		receipt, err = g.person(t, trace)
	}
	receipt.Fresh = true
	if err == nil && !g.shows(t.In.Address.Channel) {
		err, receipt.Toast = g.sayToast(t, receipt.Toast), ""
	}
	g.settleWords(t)
	if err == nil {
		err = g.failed
	}
	return receipt, err
}

// panicked makes an error of a panic. Only the runtime's own words are kept: any other value may hold what a person wrote.
func panicked(p any) error {
	said := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		said = e.Error()
	}
	return fmt.Errorf("panic: %s\n%s", said, debug.Stack())
}

// session gives the conversation's session, shared by the inputs of this group.
func (g *group) session(k *postgres.Talk) (*dialogs.Session, error) {
	if s := g.sessions[k.ID]; s != nil {
		return s, nil
	}
	s := &dialogs.Session{}
	if len(k.Session) > 0 {
		if err := json.Unmarshal(k.Session, s); err != nil {
			return nil, fmt.Errorf("read session of conversation %d: %w", k.ID, err)
		}
	}
	g.sessions[k.ID] = s
	return s, nil
}

// touch makes Commit write the conversation.
func (g *group) touch(k *postgres.Talk) {
	if !k.Dirty {
		k.Dirty = true
		g.tx.Changes.Talks = append(g.tx.Changes.Talks, k)
	}
}

// finish turns the sessions back into rows.
func (g *group) finish() error {
	for _, k := range g.tx.Changes.Talks {
		s := g.sessions[k.ID]
		if s == nil {
			continue
		}
		k.Session = nil
		if s.Dialog != "" || s.Nonce != "" || s.Previous != "" || s.Tour != 0 {
			b, err := json.Marshal(s)
			if err != nil {
				return fmt.Errorf("write session of conversation %d: %w", k.ID, err)
			}
			k.Session = b
		}
	}
	return nil
}

// written tells what the sender must know.
func (g *group) written() []crm.Outbound {
	rows := g.tx.Outbound()
	out := make([]crm.Outbound, len(rows))
	for i, row := range rows {
		out[i] = row.Outbound
		out[i].Cause = row.Cause
		if !row.NotBefore.IsZero() { // the sender waits by its own clock, which may differ from the database's
			out[i].NotBefore = time.Now().Add(row.NotBefore.Sub(g.tx.Now))
		}
	}
	return out
}

// files makes rows for what is to be fetched.
func (g *group) files(t *postgres.Turn) {
	g.arrived = true
	for _, m := range t.In.Media {
		g.tx.Changes.Attachments = append(g.tx.Changes.Attachments, postgres.AttachmentRow{Conversation: t.Talk.ID, Message: t.Message,
			Contact: t.Contact.ID, Kind: m.Kind, Ref: m.Ref, Unique: m.Unique, Name: m.Name, MIME: m.MIME, Size: m.Size, Width: m.Width, Height: m.Height})
	}
}

// event adds a line to the timeline, by the author of the turn.
func (g *group) event(t *postgres.Turn, e postgres.EventRow) {
	e.Conversation, e.Message = t.Talk.ID, t.Message
	if e.Contact == 0 {
		e.Contact = t.Contact.ID
	}
	if e.Author == "" {
		e.Author = crm.ByPerson
		if t.Employee != nil {
			e.Author, e.Employee = crm.ByEmployee, t.Employee.ID
		} else if t.In.Kind == crm.InTimeout || t.In.Kind == crm.InSignal {
			e.Author = crm.ByBot
		}
	}
	g.tx.Changes.Events = append(g.tx.Changes.Events, e)
}

// blocked notes that a person (or a group) can't be written to, or can again. Nothing is restarted by itself.
func (g *group) blocked(t *postgres.Turn) {
	t.Talk.Blocked = t.In.Kind == crm.InBlocked
	kind := "bot_returned"
	if t.Talk.Blocked {
		kind = "bot_blocked"
		t.Talk.DueAt = time.Time{}
		g.tx.Changes.Silenced = append(g.tx.Changes.Silenced, postgres.Silenced{Conversation: t.Talk.ID})
	}
	g.event(t, postgres.EventRow{Kind: kind})
	g.touch(t.Talk)
	g.roomBlocked(t)
}

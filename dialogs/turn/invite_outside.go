package turn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/locales"
)

// What administrators do on the command line instead of in a chat: the first person of a new installation is invited so.

// InviteWanted says for whom an invitation is: Role by any name it has, the others as they are called here or empty. Slot says all but the name.
type InviteWanted struct {
	Role string
	City string
	Crew string
	Slot string
	Name string
}

// Invited is an invitation that can be accepted once, until Until: Payload is what the link hands to the bot.
type Invited struct {
	Payload string
	Role    string
	City    string
	Until   time.Time
}

// InviteOutside makes an invitation outside of a chat. An error says which word is not understood, and what it may be.
func (r *Runner) InviteOutside(ctx context.Context, w InviteWanted) (made Invited, err error) {
	err = r.act(ctx, func(g *group, t *postgres.Turn) error {
		words, err := g.lexicon()
		if err != nil {
			return err
		}
		v, err := words.wanted(w)
		if err != nil {
			return err
		}
		if v.ID, err = g.tx.DraftInvite(g.ctx, v); err != nil {
			return err
		}
		token := g.newToken()
		made = Invited{Payload: InviteMark + token, Role: v.Role, City: *v.City}
		made.Until, err = g.tx.OpenInvite(g.ctx, v.ID, token)
		g.event(t, postgres.EventRow{Kind: "invite_made", Author: crm.BySystem, Data: crm.Fields{"invite": int64(v.ID), "role": v.Role}})
		return err
	})
	return made, err
}

// wanted finds what the words of an invitation name.
func (l *lexicon) wanted(w InviteWanted) (v postgres.Invite, err error) {
	none := ""
	v.Name, v.City, v.CrewAsked = strings.TrimSpace(w.Name), &none, true
	if w.Slot != "" {
		m, err := l.called(w.Slot, "slot", func(m meaning) bool { return m.slot != 0 })
		if err != nil {
			return v, err
		}
		v.Slot = m.slot
		l.complete(&v)
		return v, nil
	}
	role, err := l.called(w.Role, "role", func(m meaning) bool { return m.role != "" })
	if err != nil {
		return v, err
	}
	v.Role = role.role
	if w.City != "" { // the first people of a city make it known
		v.City = &w.City
		if m, known := l.words[locales.Fold(w.City)]; known && m.city != "" {
			v.City = &m.city
		}
	}
	if w.Crew != "" {
		crew, err := l.called(w.Crew, "crew", func(m meaning) bool { return m.crew != 0 })
		if err != nil {
			return v, err
		}
		v.Crew = crew.crew
		if w.City == "" {
			v.City = nil
		}
	}
	l.complete(&v)
	if v.City == nil {
		v.City = &none
	}
	return v, nil
}

// called finds a word of a kind, or says what there is.
func (l *lexicon) called(word, what string, kind func(meaning) bool) (meaning, error) {
	if m, known := l.words[locales.Fold(word)]; known && kind(m) {
		return m, nil
	}
	if m, i := l.near([]string{word}, kind); i >= 0 {
		return m, fmt.Errorf("there is no %s %q: did you mean %q?", what, word, m.word)
	}
	var all []string
	for _, m := range l.words {
		if kind(m) {
			all = append(all, m.word)
		}
	}
	if len(all) == 0 {
		return meaning{}, fmt.Errorf("there is no %s %q, and no other either", what, word)
	}
	slices.Sort(all)
	return meaning{}, fmt.Errorf("there is no %s %q: say one of %s", what, word, strings.Join(slices.Compact(all), ", "))
}

// AddSlot makes a vacant place of work. An error says what is not understood.
func (r *Runner) AddSlot(ctx context.Context, name string, w InviteWanted) (s postgres.Slot, err error) {
	err = r.act(ctx, func(g *group, _ *postgres.Turn) error {
		words, err := g.lexicon()
		if err != nil {
			return err
		}
		v, err := words.wanted(w)
		if err != nil {
			return err
		}
		s = postgres.Slot{Name: strings.Join(strings.Fields(name), " "), Role: v.Role, City: *v.City, Crew: v.Crew, CrewName: v.CrewName}
		if n := len([]rune(s.Name)); n == 0 || n > 60 {
			return errors.New("the name of a slot has 1 to 60 letters")
		}
		s.ID, err = g.tx.AddSlot(g.ctx, s)
		if errors.Is(err, crm.ErrDuplicate) {
			return fmt.Errorf("there is a slot %q already: `govorun slots` lists them", s.Name)
		}
		return err
	})
	return s, err
}

// GiveSlot makes an employee the holder of a slot, nobody when who is zero, and gives how many deals changed hands. Who holds another slot exchanges
// with the former holder. crm.ErrNotFound when there is no such slot or employee, crm.ErrTaken when nothing is to be changed.
func (r *Runner) GiveSlot(ctx context.Context, id postgres.SlotID, who crm.EmployeeID) (deals int, err error) {
	err = r.act(ctx, func(g *group, t *postgres.Turn) error {
		s, err := g.tx.Slot(g.ctx, id)
		switch {
		case err != nil:
			return err
		case s.Holder == who:
			return crm.ErrTaken
		case who == 0:
			deals = s.Deals
			return g.vacate(t, s, 0, slotCause)
		}
		done, err := g.seat(t, swap{slot: s, who: who})
		deals = done.deals
		return err
	})
	return deals, err
}

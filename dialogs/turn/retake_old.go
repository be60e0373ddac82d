package turn

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// wantedMark begins the mark of messages that ask a contact for something their deal needs.
const wantedMark = "wanted:"

// markWanted marks a question that somebody waits for, so that files sent in reply to it are known when it is an old one.
func markWanted(s dialogs.Session) string {
	if s.Deal == 0 || !dialogs.Insists(s.Dialog) {
		return ""
	}
	return wantedMark + strconv.FormatInt(int64(s.Deal), 10)
}

// wanted reads the deal for which something is wanted that the person has put aside.
func (g *group) wanted(t *postgres.Turn, s dialogs.Session, in *dialogs.Input) error {
	if t.In.Kind == crm.InSignal || !s.Insists() {
		return nil
	}
	id := s.Wanted()
	if id == 0 || id == s.Deal {
		return nil
	}
	d, err := g.tx.Deal(g.ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	in.Facts.Wanted = &d.Deal
	return err
}

// answersOld explains files that answer a question which nobody waits for any more: it was answered, or the deal is decided. It reports false
// for any other input.
func (g *group) answersOld(t *postgres.Turn, s dialogs.Session) (bool, error) {
	if t.In.ReplyTo == "" || len(t.In.Media) == 0 {
		return false, nil
	}
	mark, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.ReplyTo)
	number, is := strings.CutPrefix(mark, wantedMark)
	id, _ := strconv.ParseInt(number, 10, 64)
	if err != nil || !is || id <= 0 {
		return false, err
	}
	waits := func(dialog string, deal crm.DealID) bool { return int64(deal) == id && dialogs.Insists(dialog) }
	if waits(s.Dialog, s.Deal) || slices.ContainsFunc(s.Stack, func(f dialogs.Frame) bool { return waits(f.Dialog, f.Deal) }) {
		return false, nil
	}
	return true, g.say(t, "retake.old", map[string]any{"id": int(id)})
}

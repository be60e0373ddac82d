package turn

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff/filter"
)

// listPress does what a button of a list says: f:<token>:<revision>:<action>. A token that nobody gave, or one of another chat, is the same as none.
func (g *group) listPress(t *postgres.Turn, parts []string) (toast string, err error) {
	if strings.HasPrefix(t.In.Press.Data, runMark) {
		return g.runPress(t)
	}
	if strings.HasPrefix(t.In.Press.Data, savedMark) {
		return g.savedPress(t, parts)
	}
	if len(parts) != 4 || parts[3] == "" {
		return "", crm.ErrNotFound
	}
	l, err := g.tx.List(g.ctx, parts[1])
	if err == nil && l.Conversation != t.Talk.ID {
		err = crm.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	if l.Employee != t.Employee.ID {
		return g.notYours(t), nil
	}
	action, value := parts[3][:1], parts[3][1:]
	n, err := strconv.ParseInt(value, 10, 64)
	if value != "" && (err != nil || n < 0) {
		return "", crm.ErrNotFound
	}
	if action == "d" {
		shown, err := g.card(t, crm.DealID(n))
		if err == nil && !shown {
			toast = g.text(g.lang(t), "staff.deal_not_found", nil)
		}
		return toast, err
	}
	current := parts[2] == strconv.Itoa(l.Revision)
	if l.Base == postgres.BaseExport {
		if !current {
			return g.text(g.lang(t), "grammar.already_done", nil), nil
		}
		return g.exportPress(t, l, action+value)
	}
	return g.changeList(t, l, change{action: action, n: int(min(n, 1_000_000)), current: current})
}

// change is what a button does to a list; current is false when the list is another one since.
type change struct {
	action  string
	n       int
	current bool
}

// changeList changes a list and shows it anew in its place.
func (g *group) changeList(t *postgres.Turn, l postgres.List, c change) (toast string, err error) {
	a, err := g.readList(t, l)
	if err != nil {
		return "", err
	}
	if a.problem != nil { // a stage or a colleague that the filter names is gone
		return "", g.problem(t, a.problem)
	}
	switch {
	case c.action == "p":
		l.Page = c.n
	case c.current:
		if err := g.refilter(t, &a, &l, c); err != nil {
			return "", err
		}
	}
	out, err := g.page(t, a, &l)
	if errors.Is(err, crm.ErrTooBroad) {
		return g.text(g.lang(t), "list.too_broad", nil), nil
	}
	if err != nil {
		return "", err
	}
	if err := g.tx.ChangeList(g.ctx, l); err != nil {
		return "", err
	}
	return "", g.replaceList(t, l, out)
}

// refilter takes a part of the filter away, adds a usual one or sorts otherwise.
func (g *group) refilter(t *postgres.Turn, a *asked, l *postgres.List, c change) (err error) {
	f := a.typed
	switch {
	case c.action == "x" && c.n < len(f.Conditions):
		f = filter.Without(f, c.n)
		l.Query = filter.String(f, a.world)
	case c.action == "u" && c.n < len(usual):
		l.Query = strings.TrimSpace(l.Query + " " + usual[c.n])
	case c.action == "s":
		at := slices.Index(sorts[:], f.Sort)
		f.Sort, f.Desc = sorts[(at+1)%len(sorts)], false
		l.Query = filter.String(f, a.world)
	default:
		return crm.ErrNotFound
	}
	l.Page, l.Revision = 0, l.Revision+1
	if *a, err = g.readList(t, *l); err != nil {
		return err
	}
	if a.problem != nil {
		return crm.ErrNotFound
	}
	l.Query = filter.String(a.typed, a.world)
	return nil
}

// replaceList shows a list anew in the message that shows it.
func (g *group) replaceList(t *postgres.Turn, l postgres.List, out crm.Outbound) error {
	out.Kind, out.Target = crm.OutEdit, l.Message
	if t.In.Press != nil {
		out.TargetRef = t.In.Press.Message
	}
	g.edited(t.Talk.ID, out)
	_, err := g.send(t, out)
	return err
}

package turn

import (
	"errors"
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// why tells an employee the story of a deal that they may see: what was sent, held or skipped and why.
func (g *group) why(t *postgres.Turn) error {
	n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(t.In.Args), "№# "), 10, 64)
	if err != nil || n <= 0 {
		return g.say(t, "staff.why_usage", nil)
	}
	id := crm.DealID(n)
	d, _, err := g.dealFor(t, id)
	if errors.Is(err, crm.ErrNotFound) {
		return g.say(t, "staff.deal_not_found", nil)
	}
	if err != nil {
		return err
	}
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	lang := g.lang(t)
	lines, err := Story(g.ctx, g.tx, g.Kit, StoryWanted{Deal: id, Lang: lang, Now: g.now})
	if err != nil {
		return err
	}
	text := g.text(lang, "why.title", map[string]any{"id": int(id), "title": html.EscapeString(g.Kit.Localized(d.Title, lang)), "stage": html.EscapeString(g.stageName(d.Pipeline, d.Stage, lang))})
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text + "\n" + html.EscapeString(strings.Join(lines, "\n"))})
	return err
}

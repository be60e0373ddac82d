package play

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"govorun/crm"
)

const (
	sqlDeal = `SELECT d.pipeline, d.stage, d.status, d.title, coalesce(a.code, ''), coalesce(d.owner_id, 0), coalesce(d.contact_id, 0),
			coalesce(d.parent_id, 0), coalesce(d.lost_reason, ''), d.city, d.fields
		FROM deals d LEFT JOIN assets a ON a.id = d.asset_id WHERE d.id = $1`
	sqlLinked = `SELECT name, CASE WHEN deal_id = $1 THEN other_id ELSE deal_id END FROM links WHERE $1 IN (deal_id, other_id) ORDER BY 2, 1`
)

// opened tells a new deal as it stands after all that followed, except for the stage.
func (p *player) opened(ctx context.Context, id int64, data crm.Fields) (string, error) {
	_, rest, err := p.deal(ctx, id)
	return "opened " + plain(data["pipeline"]) + "." + plain(data["stage"]) + rest, err
}

// deal tells where a deal stands, and what it is.
func (p *player) deal(ctx context.Context, id int64) (place, rest string, err error) {
	var pipeline, stage, status, title, asset, reason, city string
	var owner, contact, parent int64
	var fields crm.Fields
	err = p.db.Pool.QueryRow(ctx, sqlDeal, id).Scan(&pipeline, &stage, &status, &title, &asset, &owner, &contact, &parent, &reason, &city, &fields)
	if err != nil {
		return "", "", fmt.Errorf("look at deal %d: %w", id, err)
	}
	place = pipeline + "." + stage + " " + status
	if reason != "" {
		place += " (" + reason + ")"
	}
	place += " owner=" + p.employee(float64(owner))
	about := []string{"title", title, "asset", asset, "city", city, "contact", p.news.contacts[contact]}
	if parent != 0 {
		about = append(about, "parent", number(parent))
	}
	for i := 0; i < len(about); i += 2 {
		if about[i+1] != "" {
			rest += " " + about[i] + "=" + quoted(about[i+1])
		}
	}
	return place, rest + p.fields(fields), nil
}

// show writes a deal as it stands.
func (p *player) show(ctx context.Context, which string) error {
	id, err := strconv.ParseInt(strings.TrimSpace(which), 10, 64)
	if err != nil {
		return errors.New("say the number of a deal: show 1")
	}
	if err := p.recognise(ctx); err != nil {
		return err
	}
	place, rest, err := p.deal(ctx, id)
	if err != nil {
		return err
	}
	var name string
	var other int64
	err = p.each(ctx, func() { rest += " " + name + "→" + number(other) }, []any{&name, &other}, sqlLinked, id)
	p.out.WriteString("= " + number(id) + " " + place + rest + "\n")
	return err
}

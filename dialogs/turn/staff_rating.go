package turn

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	ratingLimit  = 30   // people whom the table of a head shows
	ratingPeople = 1000 // people looked at for it: most have no points
)

// rating tells an employee their points of this month by reason; a head sees everybody's as well.
func (g *group) rating(t *postgres.Turn) error {
	lang := g.lang(t)
	month := thisMonth(g.tx.Now, g.Kit.Zone) // points bear the database's time
	mine, err := g.tx.EmployeePoints(g.ctx, t.Employee.ID, month)
	if err != nil {
		return err
	}
	lines, sum := []string{""}, 0
	for _, r := range mine {
		sum += r.Points
		reason := r.Reason
		if g.Kit.Texts.Has(lang, reason) {
			reason = g.text(lang, reason, nil)
		} else {
			reason = html.EscapeString(reason)
		}
		lines = append(lines, fmt.Sprintf("%+d · %s × %d", r.Points, reason, r.Times))
	}
	lines[0] = g.text(lang, "rating.mine", map[string]any{"points": fmt.Sprintf("%+d", sum)})
	if len(mine) == 0 {
		lines[0] = g.text(lang, "rating.none", nil)
	}
	if t.Employee.Role == g.Kit.Head {
		table, err := g.ratingTable(lang, month)
		if err != nil {
			return err
		}
		lines = append(lines, table...)
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n")})
	return err
}

func (g *group) ratingTable(lang string, month postgres.Period) ([]string, error) {
	people, err := g.tx.Rating(g.ctx, month, ratingPeople)
	if err != nil {
		return nil, err
	}
	lines := []string{"", g.text(lang, "rating.all", nil)}
	for i, p := range people {
		if len(lines) == 2+ratingLimit {
			break
		}
		if p.Points == 0 { // they come after those who have some, and before who lost some; nothing is to be said of them
			continue
		}
		where := p.City
		if where != "" {
			where = " · " + where
		}
		lines = append(lines, strconv.Itoa(i+1)+". "+html.EscapeString(p.Name+where)+": "+fmt.Sprintf("%+d", p.Points))
	}
	if len(lines) == 2 {
		return nil, nil // nobody has any
	}
	return lines, nil
}

// thisMonth is the month of a moment in a zone.
func thisMonth(now time.Time, zone *time.Location) postgres.Period {
	now = now.In(zone)
	from := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone)
	return postgres.Period{From: from, Until: from.AddDate(0, 1, 0)}
}

package play

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"govorun/crm"
)

// told tells an event in a line.
func (p *player) told(ctx context.Context, e event) (string, error) {
	cause, _ := e.data["cause"].([]any)
	by := p.by(e, cause)
	data := maps.Clone(e.data)
	delete(data, "cause")
	line := ""
	var err error
	switch e.kind {
	case "deal_opened":
		line, err = p.opened(ctx, e.deal, data)
	case "deal_moved":
		line = "moved " + plain(data["from"]) + " → " + plain(data["stage"]) + outcome(data)
	case "deal_changed":
		line = "set" + p.fields(data)
	case "deal_owned":
		line = "owner " + p.employee(data["owner"])
	case "task_added":
		line, err = p.task(ctx, e.deal, data)
	case "contact_changed":
		line = p.news.contacts[e.contact] + " contact: " + plain(data["changed"])
	case "rated":
		line = "points " + p.rated(e, data) + " " + plain(data["points"]) + " " + plain(data["reason"])
	default:
		line = strings.TrimPrefix(e.kind, "deal_") + p.fields(data)
	}
	return strings.TrimSpace(number(e.deal)+" "+line) + by, err
}

// outcome tells how a deal ended, and why.
func outcome(data crm.Fields) string {
	status, reason := crm.DealStatus(data.Text("status")), data.Text("reason")
	switch {
	case status == crm.DealOpen || status == "":
		return ""
	case reason == "":
		return " (" + string(status) + ")"
	}
	return " (" + string(status) + ", " + reason + ")"
}

// by tells who did it: a person of the company, or what it follows from, the nearest first.
func (p *player) by(e event, cause []any) string {
	if len(cause) > 0 {
		line := ""
		for _, c := range slices.Backward(cause) {
			line += " ← " + plain(c)
		}
		return line
	}
	if e.author == string(crm.ByEmployee) {
		return " by " + p.news.employees[e.employee]
	}
	return ""
}

func (p *player) task(ctx context.Context, deal int64, data crm.Fields) (string, error) {
	var due *time.Time
	var points int
	var assignee int64
	if err := p.db.Pool.QueryRow(ctx, sqlTask, deal, plain(data["title"])).Scan(&due, &points, &assignee); err != nil {
		return "", fmt.Errorf("look at the task of deal %d: %w", deal, err)
	}
	who := plain(data["role"])
	if assignee != 0 {
		who = p.employee(float64(assignee))
	}
	line := "task " + quoted(plain(data["title"])) + " for " + who
	if due != nil {
		line += ", due " + p.when(*due)
	}
	if points != 0 {
		line += fmt.Sprintf(", %d points", points)
	}
	return line, nil
}

func (p *player) rated(e event, data crm.Fields) string {
	if id, _ := data["employee"].(float64); id != 0 {
		return p.employee(id)
	}
	return p.news.contacts[e.contact]
}

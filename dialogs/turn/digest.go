package turn

import (
	"context"
	"html"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// Once a week the head hears which deals only robots keep alive.

const (
	// ParkedTouches and ParkedIdle are what counts as parked unless somebody asks otherwise: robots touched a deal as often and
	// people did nothing for as long.
	ParkedTouches = 3
	ParkedIdle    = 7 * 24 * time.Hour

	digestRule  = "digest.parked"
	digestOwner = 3  // deals of each owner that a digest names
	digestLines = 20 // a message that is read on a phone
	digestHour  = 9  // of Monday, in the kit's zone
)

// armDigest makes sure that the weekly digest will come. A kit without a head has nobody to send it to.
func (r *Runner) armDigest(ctx context.Context) error {
	if r.Kit.Head == "" {
		return nil
	}
	return r.DB.ArmLoose(ctx, digestRule, nextDigest(time.Now().Add(r.Shift()), r.Kit.Zone))
}

// nextDigest is the next Monday morning of a zone.
func nextDigest(now time.Time, zone *time.Location) time.Time {
	now = now.In(zone)
	ahead := (int(time.Monday) - int(now.Weekday()) + 7) % 7
	at := time.Date(now.Year(), now.Month(), now.Day()+ahead, digestHour, 0, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+ahead+7, digestHour, 0, 0, 0, zone)
	}
	return at
}

// loose does what a timer without a deal is for, and lets it wait for its next time in the same row: it is one, whoever armed it.
func (g *group) loose(t *postgres.Turn, d postgres.DueTimer) error {
	if id, is := postgres.SavedOfRule(d.Rule); is {
		return g.sendSaved(t, d, id)
	}
	if d.Rule == monthlyRule {
		return g.monthly(t, d)
	}
	if d.Rule != digestRule || g.Kit.Head == "" {
		g.tx.Changes.Ends = append(g.tx.Changes.Ends, postgres.TimerEnd{ID: d.ID, Status: postgres.TimerSkipped, Reason: "gone"})
		return nil
	}
	g.tx.Changes.Ends = append(g.tx.Changes.Ends, postgres.TimerEnd{ID: d.ID, Status: postgres.TimerWaiting, DueAt: nextDigest(g.now, g.Kit.Zone)})
	people, err := g.tx.ReachPeople(g.ctx, g.Kit.Head, 0, "")
	if err != nil {
		return err
	}
	deals := 0
	for _, p := range people {
		list, err := g.tx.Parked(g.ctx, postgres.ParkedWanted{Touches: ParkedTouches, Idle: ParkedIdle, PerOwner: digestOwner, Except: g.othersCities(p.Employee, people)})
		if err != nil {
			return err
		}
		deals += parkedDeals(list)
		_, err = g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: g.parked(list, g.speaks(p.Lang))})
		if err != nil {
			return err
		}
	}
	g.event(t, postgres.EventRow{Kind: "digest_sent", Data: crm.Fields{"rule": d.Rule, "people": len(people), "deals": deals}})
	return nil
}

// othersCities are the cities of the kit for which other heads answer: those of the city, else of its region. What is nobody's is told to all,
// and who has no city hears of every one.
func (g *group) othersCities(head crm.Employee, heads []postgres.Reached) (cities []string) {
	if head.City == "" {
		return nil
	}
	for city := range g.Kit.Cities {
		near := func(p postgres.Reached) bool { return p.City == city }
		if !slices.ContainsFunc(heads, near) {
			region := g.Kit.RegionOf(city)
			near = func(p postgres.Reached) bool { return region != "" && g.Kit.RegionOf(p.City) == region }
		}
		if slices.ContainsFunc(heads, near) && !near(postgres.Reached{Employee: head}) {
			cities = append(cities, city)
		}
	}
	return cities
}

// parkedDeals counts all deals that are parked, listed or not.
func parkedDeals(list []postgres.Parked) (n int) {
	seen := map[crm.EmployeeID]bool{}
	for _, p := range list {
		if !seen[p.Owner] {
			seen[p.Owner], n = true, n+p.OfOwner
		}
	}
	return n
}

// parked is the digest in words: each owner with the deals that were left alone longest.
func (g *group) parked(list []postgres.Parked, lang string) string {
	if len(list) == 0 {
		return g.text(lang, "digest.nothing_parked", nil)
	}
	lines := []string{g.text(lang, "digest.parked", map[string]any{"n": parkedDeals(list), "days": int(ParkedIdle.Hours() / 24)})}
	owner := crm.EmployeeID(-1)
	for _, p := range list {
		if len(lines) >= digestLines {
			lines = append(lines, "…")
			break
		}
		if p.Owner != owner {
			owner = p.Owner
			name := html.EscapeString(either(p.OwnerName, g.text(lang, "digest.nobody", nil)))
			lines = append(lines, g.text(lang, "digest.owner", map[string]any{"name": name, "n": p.OfOwner}))
		}
		lines = append(lines, g.text(lang, "digest.deal", map[string]any{"id": int(p.ID), "title": html.EscapeString(p.Title),
			"stage": html.EscapeString(g.stageName(p.Pipeline, p.Stage, lang)), "days": int(g.tx.Now.Sub(p.HumanAt).Hours() / 24)}))
	}
	return strings.Join(lines, "\n")
}

package dialogs

import (
	"slices"
	"strings"

	"govorun/crm/rules"
)

// circles lists the closed ways of a graph, each once: a, b, a.
func circles(arrows map[string][]string) [][]string {
	const visiting, done = 1, 2
	mark := map[string]int{}
	var path []string
	var found [][]string
	var visit func(name string)
	visit = func(name string) {
		switch mark[name] {
		case visiting:
			found = append(found, append(slices.Clone(path[slices.Index(path, name):]), name))
			return
		case done:
			return
		}
		mark[name] = visiting
		path = append(path, name)
		for _, to := range arrows[name] {
			visit(to)
		}
		path, mark[name] = path[:len(path)-1], done
	}
	for _, name := range sortedKeys(arrows) {
		visit(name)
	}
	return found
}

// checkCircles reports rules without conditions that cause themselves: by moving a deal round, by changing the field that they wait
// for, by opening deals where they wait for opened ones.
func (d *draft) checkCircles() {
	arrows := map[string][]string{}
	at := map[string]actRead{}
	for _, a := range d.acts {
		if a.rule == nil || a.rule.If != nil {
			continue
		}
		when, who := a.rule.When, "rule “"+a.rule.ID+"”"
		switch {
		case when.Kind == rules.Entered && a.action.MoveDeal != nil && a.at.Pipeline == when.Pipeline:
			from, to := rules.Place{Pipeline: when.Pipeline, Stage: when.Stage}.String(), when.Pipeline+"."+a.action.MoveDeal.Stage
			if from != to { // told already
				arrows[from] = append(arrows[from], to)
				at[from] = a
			}
		case when.Kind == rules.Entered && a.action.OpenDeal != nil && when.Pipeline == a.action.OpenDeal.Pipeline && when.Stage == a.action.OpenDeal.Stage:
			d.add(a.place, "Add “if”, so that it ends.", "%s opens a deal at “%s” for every deal that enters there", who, when.Stage)
		case when.Kind == rules.Changed && a.action.SetDeal[when.Field] != nil:
			d.add(a.place, "Add “if”, so that it ends.", "%s changes the field “%s”, for whose change it waits", who, when.Field)
		case when.Kind == rules.Opened && a.action.OpenDeal != nil && a.action.OpenDeal.Pipeline == when.Pipeline:
			d.add(a.place, "Add “if”, so that it ends.", "%s opens a deal in pipeline “%s” for every deal opened there", who, when.Pipeline)
		}
	}
	for _, circle := range circles(arrows) {
		var ids []string
		for _, place := range circle[:len(circle)-1] {
			ids = append(ids, at[place].rule.ID)
		}
		d.add(at[circle[0]].place, "Add “if” to one of them, so that it ends.", "the rules “%s” move deals round: %s", strings.Join(ids, "”, “"), strings.Join(circle, " → "))
	}
}

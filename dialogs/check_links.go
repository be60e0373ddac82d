package dialogs

import "strings"

// checkLinks reports links that mix two kinds, map one stage twice, or open deals in a circle.
func (d *draft) checkLinks() {
	for _, l := range d.links {
		who := "link “" + l.Name + "”"
		d.checkLinkMoves(l)
		if l.From == l.To {
			d.add(l.at("to"), "Open the deal in another pipeline.", "%s opens a deal at the stage that opens it", who)
		}
		if l.Mirror {
			for _, key := range []string{"back", "results"} {
				if l.at(key) != l.key {
					d.add(l.at(key), "Write “stages” and “keep”, or remove “mirror: true”.", "%s is a mirror, and “%s” is of a deal that reports back", who, key)
				}
			}
			d.checkMirror(l, who)
			continue
		}
		for _, key := range []string{"stages", "keep"} {
			if l.at(key) != l.key {
				d.add(l.at(key), "Add “mirror: true”, or write “back” and “results”.", "%s keeps “%s” in step and is no mirror", who, key)
			}
		}
		if len(l.Results) > 0 && len(l.Back) == 0 {
			d.add(l.at("results"), "Add “back” with the stages that report.", "%s has results and never comes back", who)
		}
	}
	d.checkLinkCircles()
}

// checkMirror reports a stage of the other side that goes with two of ours: nobody could say which one is meant on the way back.
func (d *draft) checkMirror(l linkRead, who string) {
	if len(l.Stages) == 0 && len(l.Keep) == 0 {
		d.add(l.key, "Add “stages” or “keep”.", "%s is a mirror and keeps nothing in step", who)
	}
	if l.From.Pipeline == l.To.Pipeline {
		d.add(l.at("to"), "Mirror another pipeline.", "%s mirrors a pipeline in itself", who)
	}
	ours := map[string]string{}
	for _, stage := range sortedKeys(l.Stages) {
		theirs := l.Stages[stage]
		if before, twice := ours[theirs]; twice {
			d.add(l.at("stages", stage), "Give each stage of the other pipeline one stage here.", "%s mirrors stage “%s” twice, as “%s” and as “%s”", who, theirs, before, stage)
		}
		ours[theirs] = stage
	}
}

// checkLinkCircles reports links that would open deals without end.
func (d *draft) checkLinkCircles() {
	arrows := map[string][]string{}
	at := map[string]place{}
	for _, l := range d.links {
		at[l.Name] = l.at("to")
		for _, next := range d.links {
			if next.From == l.To && l.From != l.To {
				arrows[l.Name] = append(arrows[l.Name], next.Name)
			}
		}
	}
	for _, circle := range circles(arrows) {
		d.add(at[circle[0]], "Open one of them at another stage.", "the links “%s” open deals in a circle", strings.Join(circle, "” → “"))
	}
}

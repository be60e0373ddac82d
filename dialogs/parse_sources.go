package dialogs

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// mostSteps is how many steps a report counts: more make no table that a phone shows.
const mostSteps = 3

func sourcesShape() *shape {
	city := aText("a city", "the city that is inside of the link; \"\" when there is none")
	city.empty = true
	return mapOf("“sources”", "where leads come from, by name", anObject("a source", "Where leads come from.",
		must("text", aTextKey("the text key of what people call it")),
		may("links", mapOf("“links” of a source", "codes of its links, t.me/BOT?start=PREFIX_CODE, with the city inside", city))))
}

func reportsShape() *shape {
	return anObject("“reports”", "What /reports counts.",
		must("leads", listOf("“leads”", aText("a pipeline", "pipelines whose deals are leads"))),
		may("currency", aText("“currency” of reports", "of the costs: ISO code such as KZT")),
		must("steps", listOf("“steps” of reports", anObject("a step of a report", "Something that a lead reaches.",
			must("text", aTextKey("the text key that heads its column: a word or two")),
			must("stages", listOf("“stages” of a step", aText("a stage", "stages on which a lead has reached it: pipeline.stage")))))))
}

// sources reads where leads come from. A code means one source only.
func (r *reader) sources(n *yaml.Node) {
	kit := r.draft.kit
	kit.Sources = map[string]*Source{}
	of := map[string]string{} // code → source
	for key, v := range pairs(n) {
		who := "source “" + key.Value + "”"
		s := &Source{Name: r.name(key, "a source"), Key: r.text(child(v, "text"), scope{who: who}), Links: map[string]string{}}
		for code, item := range pairs(child(v, "links")) {
			city := scalar(item)
			switch other, taken := of[code.Value]; {
			case SourceCode(code.Value) != code.Value || code.Value == "":
				r.report(code, "Write small Latin letters, digits and “-”.", "%s has the code “%s”", who, code.Value)
			case taken:
				r.report(code, "Give each advertisement its own code.", "%s has the code “%s”, which is that of “%s”", who, code.Value, other)
			}
			of[code.Value] = key.Value
			if _, known := kit.Cities[city]; !known && city != "" && len(kit.Cities) > 0 {
				r.report(item, r.instead(city, sortedKeys(kit.Cities), "a city of kit.yaml, or \"\""), "%s has links for “%s”, which is no city of the kit", who, city)
			}
			s.Links[code.Value] = city
		}
		kit.Sources[s.Name] = s
	}
}

// reports reads what /reports counts.
func (r *reader) reports(n *yaml.Node) {
	if n == nil || !r.fits {
		return
	}
	who := "the report"
	all := &Reports{Leads: r.names(child(n, "leads"), usePipeline, "", who+" counts leads of pipeline"), Currency: scalar(child(n, "currency"))}
	if c := all.Currency; c != "" && (len(c) != 3 || strings.ToUpper(c) != c) {
		r.report(child(n, "currency"), "Write a code such as KZT.", "“%s” is no currency", c)
	}
	for _, item := range elements(child(n, "steps")) {
		step := ReportStep{Key: r.text(child(item, "text"), scope{who: who})}
		for _, stage := range elements(child(item, "stages")) {
			step.Stages = append(step.Stages, r.place(stage, who+" counts stage"))
		}
		all.Steps = append(all.Steps, step)
	}
	if len(all.Steps) == 0 || len(all.Steps) > mostSteps {
		r.report(child(n, "steps"), "Name one to three.", "%s counts %d steps", who, len(all.Steps))
	}
	r.draft.kit.Reports = all
}

package dialogs

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/rules"
)

// A lead comes from somewhere: the link of an advertisement bears a code, which stands for a source and perhaps a city. The first source that is
// known of a person is kept in two fields of the contact, and every deal of theirs bears it.

// Fields of contacts and deals that hold where somebody came from.
const (
	FieldSource     = "source"      // of contacts and deals: the name of the source
	FieldSourceCode = "source_code" // of contacts: the code of the link
)

// Source is where leads come from. Links are the codes of its advertisements with the city inside, empty for none.
type Source struct {
	Name  string
	Key   string // text key of what people call it
	Links map[string]string
}

// Origin is what a link says about who follows it. An unknown code has no Source.
type Origin struct {
	Code   string
	Source string
	City   string
}

// Reports say what /reports counts. Leads are pipelines whose deals are leads; a person counts once.
type Reports struct {
	Leads    []string
	Currency string
	Steps    []ReportStep
}

// ReportStep is something that a lead reaches: the text key of its name, and the stages on which it has reached it.
type ReportStep struct {
	Key    string
	Stages []rules.Place
}

// codePattern is what a code of a link looks like: it stands in a payload, of which “_” parts the words.
var codePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// SourceCode brings the code of a link to the form in which it is kept, empty when it is none.
func SourceCode(text string) string {
	code := strings.ToLower(strings.TrimSpace(text))
	if !codePattern.MatchString(code) {
		return ""
	}
	return code
}

// OriginOf finds a code among the links of the kit.
func (k *Kit) OriginOf(code string) (Origin, bool) {
	for _, name := range sortedKeys(k.Sources) {
		if city, is := k.Sources[name].Links[code]; is {
			return Origin{Code: code, Source: name, City: city}, true
		}
	}
	return Origin{}, false
}

// SourceIn is what a source is called in a language; one that the kit doesn't name stays as it is.
func (k *Kit) SourceIn(lang, source string) string {
	if s := k.Sources[source]; s != nil {
		if text, err := k.Texts.Text(lang, s.Key, nil); err == nil {
			return text
		}
	}
	return source
}

// PlacesOf are the stages of a step with those that the kit has renamed to them: the timeline keeps the old names.
func (k *Kit) PlacesOf(step ReportStep) []rules.Place {
	places := slices.Clone(step.Stages)
	for _, p := range step.Stages {
		if pipeline := k.Pipelines[p.Pipeline]; pipeline != nil {
			for _, old := range sortedKeys(pipeline.Was) {
				if pipeline.Was[old] == p.Stage {
					places = append(places, rules.Place{Pipeline: p.Pipeline, Stage: old})
				}
			}
		}
	}
	return places
}

// needsOfSource asks for the source of a code that the kit doesn't know.
func (k *Kit) needsOfSource(rest string) []Need {
	code := SourceCode(rest)
	if _, known := k.OriginOf(code); known || code == "" {
		return nil
	}
	return []Need{{Kind: NeedSource, Text: code}}
}

// cameBy keeps where a person came from, unless a first source is known already. Employees who try a link came from nowhere.
func (t *step) cameBy(rest string) {
	code := SourceCode(rest)
	origin, known := t.kit.OriginOf(code)
	switch found := t.in.Facts.Source; {
	case known:
	case found != nil && found.Code == code:
		origin = *found
	default:
		origin = Origin{Code: code}
	}
	t.origin = origin
	delete(t.vars, "link")
	if origin.Source == "" || t.me != nil || t.contact.Fields.Text(FieldSource) != "" {
		return
	}
	first := crm.Fields{FieldSource: origin.Source, FieldSourceCode: origin.Code}
	fields := maps.Clone(t.contact.Fields)
	if fields == nil {
		fields = crm.Fields{}
	}
	maps.Copy(fields, first)
	t.contact.Fields = fields
	delete(t.vars, "contact")
	t.effect(crm.ContactChanged{Contact: t.contact.ID, Fields: first})
}

// Sourced gives a new deal the source of its contact, unless it has one of its own. The fields that it was given stay as they are.
func Sourced(fields crm.Fields, c crm.Contact) crm.Fields {
	source := c.Fields.Text(FieldSource)
	if source == "" || fields[FieldSource] != nil {
		return fields
	}
	with := maps.Clone(fields)
	if with == nil {
		with = crm.Fields{}
	}
	with[FieldSource] = source
	return with
}

// linkVariable is what expressions see of the link that started this step.
func (v *view) linkVariable() map[string]any {
	return map[string]any{"code": v.origin.Code, "source": v.origin.Source, "city": v.origin.City}
}

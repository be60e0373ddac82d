package dialogs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// Names in generated dialogs.
const (
	demandPrefix = "demand."
	reasonSlot   = "reason"
)

// Demand names the dialog that asks whoever moves a deal to a stage for what is still missing, and then moves it; empty when nothing is
// ever demanded there. It is held in the mover's own chat about the deal: a signal with Deal set, in a turn that knows the deal.
func (k *Kit) Demand(pipeline, stage string) string {
	if name := demandPrefix + pipeline + "." + stage; k.Dialogs[name] != nil {
		return name
	}
	return ""
}

// demand is what a stage demands of a deal that comes there: fields, of which some only those need who come from certain stages.
type demand struct {
	pipeline *Pipeline
	stage    *Stage
	fields   []string
	from     map[string][]string // field → stages whose leaving demands it; none: entering does
	reason   bool
}

// demandOf collects what is demanded on entering a stage, and on leaving those that lead there.
func (p *Pipeline) demandOf(stage *Stage) demand {
	d := demand{pipeline: p, stage: stage, from: map[string][]string{}, fields: slices.Clone(stage.Enter)}
	for i := range p.Stages {
		from := &p.Stages[i]
		if from.Name == stage.Name || !p.leads(from.Name, stage.Name) {
			continue
		}
		for _, field := range from.Leave {
			if slices.Contains(stage.Enter, field) {
				continue
			}
			if !slices.Contains(d.fields, field) {
				d.fields = append(d.fields, field)
			}
			d.from[field] = append(d.from[field], from.Name)
		}
	}
	d.reason = stage.Status == crm.DealLost && len(p.Reasons) > 0
	return d
}

// addDemands adds a dialog for every stage that demands something. They are files like those that people write, so that everything
// that holds for dialogs (versions, back, cancel, pictures) holds for them.
func (d *draft) addDemands() {
	for _, p := range d.kit.inFile() {
		for i := range p.Stages {
			demand := p.demandOf(&p.Stages[i])
			if len(demand.fields) == 0 && !demand.reason {
				continue
			}
			name := demandPrefix + p.Name + "." + demand.stage.Name
			d.addDemand("dialogs/"+name+".yaml", demand.source(name, d.kit.Fields))
		}
	}
}

func (d *draft) addDemand(file, source string) {
	before := d.fsys
	d.fsys, d.trusted = files{file: []byte(source)}.open(), true
	if r, n := d.open(file, dialogShape(), true); n != nil {
		r.dialog(n)
	}
	d.fsys, d.trusted = before, false
}

// source writes the dialog: for each field a state that looks whether it is needed and one that asks for it.
func (d demand) source(name string, fields map[string]*Field) string {
	var slots, states, attach, booked strings.Builder
	asked := slices.Clone(d.fields)
	if d.reason {
		asked = append(asked, reasonSlot)
		fmt.Fprintf(&slots, "  %s: {type: choice, options: %s}\n", reasonSlot, quotedList(d.pipeline.Reasons))
	}
	for i, field := range asked {
		next := "moved"
		if i+1 < len(asked) {
			next = "need_" + asked[i+1]
		}
		fmt.Fprintf(&states, "  need_%s:\n    next:\n      - {if: %q, to: ask_%s}\n      - {to: %s}\n", field, d.needs(field), field, next)
		if field == reasonSlot {
			fmt.Fprintf(&states, "  ask_%s: {ask: %q, slot: %s, next: %s}\n", field, first(d.pipeline.Reason, d.stage.Key), field, next)
			continue
		}
		f := fields[field]
		fmt.Fprintf(&slots, "  %s: %s\n", field, f.source())
		fmt.Fprintf(&states, "  ask_%s: {ask: %q, slot: %s, next: %s%s}\n", field, f.Ask, field, next, f.share())
		if isMedia(f.Type) {
			fmt.Fprintf(&attach, "      - attach: %s\n", field)
		}
		if f.Type == "window" {
			fmt.Fprintf(&booked, "      - book: %s\n", field)
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "dialog: %s\nstart: need_%s\nslots:\n%sstates:\n%s  moved:\n    do:\n%s", name, asked[0], slots.String(), states.String(), booked.String())
	if len(d.fields) > 0 {
		fmt.Fprintf(&out, "      - fill_deal: [%s]\n", strings.Join(d.fields, ", "))
	}
	reason := ""
	if d.reason {
		reason = ", reason: " + reasonSlot
	}
	fmt.Fprintf(&out, "%s      - move_deal: {stage: %s%s}\n    say: staff.done\n    end: done\n", attach.String(), d.stage.Name, reason)
	return out.String()
}

// needs is when a field is asked for: the deal lacks it, nobody gave it beforehand, and the stage that is left demands it.
func (d demand) needs(field string) string {
	if field == reasonSlot {
		return reasonSlot + " == nil"
	}
	needs := fmt.Sprintf("%s == nil and (deal.fields.%s ?? '') == ''", field, field)
	if from := d.from[field]; len(from) > 0 {
		needs += " and deal.stage in ['" + strings.Join(from, "', '") + "']"
	}
	return needs
}

// source writes what describes the answer.
func (f *Field) source() string {
	parts := []string{"type: " + f.Type}
	add := func(set bool, format string, value any) {
		if set {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add(f.Kind != "", "kind: %q", f.Kind)
	add(f.Visit != "", "visit: %s", f.Visit)
	add(f.Currency != "", "currency: %q", f.Currency)
	add(f.Min != 0, "min: %v", f.Min)
	add(f.Max != 0, "max: %v", f.Max)
	add(len(f.Regions) > 0, "regions: %s", quotedList(f.Regions))
	add(len(f.Options) > 0, "options: %s", quotedList(f.Options))
	add(f.Secret, "secret: %v", true)
	add(f.Day, "day: %v", true)
	add(f.Future, "future: %v", true)
	add(f.Side != 0, "side: %v", f.Side)
	add(f.Checks != slot.Checks{}, "checks: %s", checksSource(f.Checks))
	return "{" + strings.Join(parts, ", ") + "}"
}

// quotedList writes texts of a kit, whatever is in them.
func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// share offers the key that shares a place; a phone number would be that of the employee.
func (f *Field) share() string {
	if f.Type == "location" {
		return ", share: location"
	}
	return ""
}

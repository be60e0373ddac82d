package dialogs

import (
	"path"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm/rules"
)

// scope is where a text, an expression or an action stands, and what may be named there.
type scope struct {
	dialog string      // "" in a card or a rule
	who    string      // for problems: "state “problem”"
	env    exprEnv     // of expressions
	shown  exprEnv     // of placeholders
	path   string      // for names of reminders: "job/take"
	rule   *Rule       // in which an action stands
	at     rules.Place // where the deal stands, as far as that is known
}

// cardTexts is what texts of cards may show.
func cardTexts() exprEnv {
	env := cardEnv()
	return exprEnv{"deal": {members: dealTexts()}, "contact": env["contact"], "asset": env["asset"], "me": env["me"], "n": numberMember}
}

// ruleTexts is what texts of pipelines and rules may show.
func ruleTexts() exprEnv {
	env := cardTexts()
	env["parent"] = env["deal"]
	return env
}

// dialogTexts is what texts of a dialog may show, besides the args of a state.
func dialogTexts(slots map[string]*Slot) exprEnv {
	base := baseEnv()
	env := exprEnv{"deal": {members: dealTexts()}, "contact": base["contact"], "n": numberMember}
	for name, slot := range slots {
		if slot.Type == "asset" {
			env[name] = member{members: assetEnv()}
		} else {
			env[name] = textMember
		}
	}
	return env
}

func (r *reader) dialog(n *yaml.Node) {
	d := &Definition{File: r.file, Slots: map[string]*Slot{}, States: map[string]*State{}}
	if name := child(n, "dialog"); name != nil {
		d.Name = scalar(name)
		if d.Demand = r.trusted && generated(d.Name); !d.Demand {
			d.Name = r.name(name, "a dialog")
		}
		if file := strings.TrimSuffix(path.Base(r.file), ".yaml"); d.Name != file {
			r.report(name, "Write “"+file+"”, or rename the file.", "dialog “%s” lies in %s", d.Name, r.file)
			d.Name = file
		}
	} else {
		d.Name = strings.TrimSuffix(path.Base(r.file), ".yaml")
	}
	r.declare(n, "dialog", "", d.Name)
	r.draft.broken[d.Name] = !r.fits
	for key, v := range pairs(child(n, "slots")) {
		slot := r.slot(key, v, "slot")
		r.declare(key, "slot", d.Name, slot.Name)
		d.Slots[key.Value] = slot
	}
	s := scope{dialog: d.Name, who: "dialog “" + d.Name + "”", env: dialogEnv(d.Slots), shown: dialogTexts(d.Slots)}
	for i, entry := range elements(child(n, "entry")) {
		r.declare(entry, "entry", d.Name, strconv.Itoa(i))
		d.Entries = append(d.Entries, r.entry(entry, s))
	}
	d.ContinueIn = scalar(child(n, "continue_in"))
	d.Start = r.use(child(n, "start"), useState, d.Name, s.who+" starts with state")
	for _, step := range elements(child(n, "steps")) {
		d.Steps = append(d.Steps, r.use(step, useState, d.Name, s.who+" counts the step"))
	}
	common := r.timeouts(child(n, "timeouts"), s)
	for key, v := range pairs(child(n, "states")) {
		state := r.state(key, v, s)
		if state.waits() && child(v, "timeouts") == nil {
			state.Timeouts = common
		}
		d.States[key.Value] = state
	}
	if len(d.States) == 0 && r.fits {
		r.report(n, "Add at least one under “states”.", "dialog “%s” has no states", d.Name)
	}
	r.draft.kit.Dialogs[d.Name] = d
}

// slot reads what describes an answer: a slot of a dialog or a field of deals, as noun says.
func (r *reader) slot(key, n *yaml.Node, noun string) *Slot {
	slot := &Slot{
		Name: r.name(key, "a "+noun), Type: scalar(child(n, "type")), Kind: scalar(child(n, "kind")), Currency: scalar(child(n, "currency")),
		Min: numberOf(child(n, "min")), Max: numberOf(child(n, "max")), Regions: scalars(child(n, "regions")),
		Secret: isTrue(child(n, "secret")), Day: isTrue(child(n, "day")), Future: isTrue(child(n, "future")), Elsewhere: isTrue(child(n, "elsewhere")),
		Visit: r.use(child(n, "visit"), useVisit, "", noun+" “"+key.Value+"” is a time of visit"),
	}
	slot.Side, slot.Checks = int(numberOf(child(n, "side"))), checksOf(child(n, "checks"))
	if (slot.Side != 0 || child(n, "checks") != nil) && !isMedia(slot.Type) && r.fits {
		r.report(key, "Remove “side” and “checks”, or write “type: photo”.", "%s “%s” has type “%s”, which takes no photos", noun, slot.Name, slot.Type)
	}
	var ids []string
	for _, option := range elements(child(n, "options")) {
		key := r.text(option, scope{who: noun + " “" + slot.Name + "”"})
		id := &yaml.Node{Kind: yaml.ScalarNode, Value: key[strings.LastIndex(key, ".")+1:], Line: option.Line, Column: option.Column}
		r.optionID(id, &ids, noun+" “"+slot.Name+"”")
		slot.Options = append(slot.Options, key)
	}
	if _, taken := baseEnv()[slot.Name]; taken || slot.Name == "n" || slot.Name == "nil" {
		r.report(key, "Choose another name.", "%s “%s” has the name of something that is always there", noun, slot.Name)
	}
	if slot.Max != 0 && slot.Min > slot.Max {
		r.report(key, "Swap them.", "%s “%s” has min %v over max %v", noun, slot.Name, slot.Min, slot.Max)
	}
	if (slot.Type == "asset") != (slot.Kind != "") && r.fits {
		r.report(key, "A "+noun+" of type asset needs “kind: machine” (or another kind), and only such a "+noun+" has it.", "%s “%s” has type “%s” and kind “%s”", noun, slot.Name, slot.Type, slot.Kind)
	}
	if slot.Elsewhere && slot.Type != "city" && r.fits {
		r.report(key, "Remove “elsewhere”, or write “type: city”.", "%s “%s” has type “%s” and “elsewhere”", noun, slot.Name, slot.Type)
	}
	if (slot.Type == "money") != (slot.Currency != "") && r.fits {
		r.report(key, "A "+noun+" of type money needs “currency: RUB” (or another), and only such a "+noun+" has it.", "%s “%s” has type “%s” and currency “%s”", noun, slot.Name, slot.Type, slot.Currency)
	}
	if (slot.Type == "window") != (slot.Visit != "") && r.fits {
		r.report(key, "A "+noun+" of type window needs “visit: KIND”, one of “visits” in pipelines.yaml, and only such a "+noun+" has it.", "%s “%s” has type “%s” and visit “%s”", noun, slot.Name, slot.Type, slot.Visit)
	}
	return slot
}

func (r *reader) entry(n *yaml.Node, s scope) Entry {
	e := Entry{Link: scalar(child(n, "link")), Command: scalar(child(n, "command"))}
	set := 0
	for _, key := range []string{"link", "command", "words"} {
		if child(n, key) != nil {
			set++
		}
	}
	if set != 1 {
		r.report(n, "Make each an entry of its own.", "an entry has exactly one of “link”, “command” and “words”, this has %d", set)
	}
	if slot := child(n, "slot"); slot != nil {
		if e.Link == "" {
			r.report(slot, "Remove it, or add “link”.", "only a link fills a slot")
		}
		e.Slot = r.fills(slot, s.dialog, "the link “"+e.Link+"” fills slot")
	}
	if words := child(n, "words"); words != nil {
		e.Words = r.text(words, scope{who: "an entry of " + s.who})
	}
	r.entryNames(n, e)
	return e
}

// inviteLink begins the links that make an employee of whoever opens them; no dialog would ever see one.
const inviteLink = "e"

// entryNames checks what Telegram allows in links and commands.
func (r *reader) entryNames(n *yaml.Node, e Entry) {
	if e.Link != "" && (strings.Contains(e.Link, "_") || !namePattern.MatchString(e.Link) || len(e.Link) > 8) {
		r.report(child(n, "link"), "Write one to eight small Latin letters or digits.", "“%s” can't begin a link", e.Link)
	}
	if e.Link == inviteLink {
		r.report(child(n, "link"), "Choose another word.", "the link “%s” is that of invitations", inviteLink)
	}
	if e.Command != "" && (!namePattern.MatchString(e.Command) || len(e.Command) > 32) {
		r.report(child(n, "command"), "Write small Latin letters, digits and _, at most 32, without the slash.", "“%s” is no command", e.Command)
	}
}

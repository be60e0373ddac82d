package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

type previewCommand struct {
	Kit   string `arg:"" help:"A folder with kit.yaml in it, or a built-in kit."`
	Stage string `arg:"" optional:"" help:"PIPELINE or PIPELINE.STAGE; all when empty."`
	Lang  string `help:"One language; all of the kit when empty."`
}

// Help is shown by preview --help.
func (c *previewCommand) Help() string {
	return `Examples:
  govorun preview vending                     what contacts are told on each stage, in every language
  govorun preview vending technicians --lang en
  govorun preview ./my-kit sales.contract

Names, numbers and fields are made up; reminders of rules are shown as well.`
}

// Run prints the templates as the contact would read them.
func (c *previewCommand) Run(io stdio) error {
	kit, err := openKit(c.Kit)
	if err != nil {
		return err
	}
	langs := kit.Languages
	if c.Lang != "" {
		if !slices.Contains(kit.Languages, c.Lang) {
			return fmt.Errorf("kit %s does not speak %q: choose one of %v", kit.Name, c.Lang, kit.Languages)
		}
		langs = []string{c.Lang}
	}
	shown := 0
	for _, name := range sortedNames(kit.Pipelines) {
		for _, stage := range kit.Pipelines[name].Stages {
			place := name + "." + stage.Name
			if stage.Template == "" || c.Stage != "" && c.Stage != name && c.Stage != place {
				continue
			}
			shown++
			fmt.Fprintf(io.out, "%s\n", place)
			for _, lang := range langs {
				fmt.Fprintf(io.out, "  %s  %s\n", lang, sample(kit, stage.Template, name, stage.Name, lang))
			}
		}
	}
	for _, rule := range kit.Rules {
		for _, action := range rule.Do {
			if action.Remind == nil || c.Stage != "" && c.Stage != rule.When.Pipeline && c.Stage != rule.When.Pipeline+"."+rule.When.Stage {
				continue
			}
			shown++
			fmt.Fprintf(io.out, "reminder of rule %s\n", rule.ID)
			for _, lang := range langs {
				fmt.Fprintf(io.out, "  %s  %s\n", lang, sample(kit, action.Remind.Text, rule.When.Pipeline, rule.When.Stage, lang))
			}
		}
	}
	if shown == 0 {
		return fmt.Errorf("kit %s tells contacts nothing on %q: give a stage a “template” in pipelines.yaml", kit.Name, cmp.Or(c.Stage, "any stage"))
	}
	return nil
}

// sample is a text about a made-up deal.
func sample(kit *dialogs.Kit, key, pipeline, stage, lang string) string {
	now := time.Date(2026, 11, 23, 14, 30, 0, 0, kit.Zone)
	deal := crm.Deal{ID: 5512, Pipeline: pipeline, Stage: stage, Status: crm.DealOpen, Title: "…", EnteredAt: now, CreatedAt: now, Fields: crm.Fields{}}
	if p := kit.Pipelines[pipeline]; p != nil && len(p.Reasons) > 0 {
		deal.LostReason = p.Reasons[0][strings.LastIndex(p.Reasons[0], ".")+1:]
	}
	for name, field := range kit.Fields {
		switch field.Type {
		case "number", "money":
			deal.Fields[name] = max(field.Min, 150)
		default:
			deal.Fields[name] = "…"
		}
	}
	for _, path := range kit.Texts.Placeholders(key) { // fields that only texts name
		if len(path) == 3 && path[0] == "deal" && deal.Fields[path[2]] == nil {
			deal.Fields[path[2]] = "…"
		}
	}
	scope := dialogs.Scope{Deal: deal, Contact: crm.Contact{ID: 1, Name: "Анна", Phone: "+79161234567", Lang: lang}, Now: now, Lang: lang,
		Asset: &dialogs.Asset{ID: 1, Kind: "machine", Code: "214", Name: "№ 214", City: "Москва", Address: "…"}}
	text, err := kit.Texts.Text(lang, key, dialogs.Escape(kit.Args(key, scope)))
	if err != nil {
		return fmt.Sprintf("(%v)", err)
	}
	return dialogs.Rendered{Text: text}.Plain()
}

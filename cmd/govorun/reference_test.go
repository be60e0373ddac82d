package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"govorun/dialogs/staff/filter"
	"govorun/dialogs/turn"
	"govorun/locales"
)

// update rewrites what is generated from the code: go test ./cmd/govorun -run Reference -update
var update = flag.Bool("update", false, "rewrite the reference and other generated files")

// asKept compares a generated file with the one in the repository, or rewrites that.
func asKept(t *testing.T, name, got, how string) {
	t.Helper()
	path := filepath.Join(house, name)
	if *update {
		well(t, os.MkdirAll(filepath.Dir(path), 0o755))
		well(t, os.WriteFile(path, []byte(got), 0o644))
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != got {
		t.Errorf("%s is not what the code says now (%v): go test ./cmd/govorun -run %s -update", name, err, how)
	}
}

// TestTheReferenceIsWhatTheProgramUnderstands writes REFERENCE.md beside the commands.
func TestTheReferenceIsWhatTheProgramUnderstands(t *testing.T) {
	understood := model(t)
	var p strings.Builder
	p.WriteString("# Reference of the program\n\nWritten by `go test ./cmd/govorun -run Reference -update` from the code. Keys of kits, effects and expressions: [dialogs/REFERENCE.md](../../dialogs/REFERENCE.md).\n\n" +
		"[Commands](#commands), [settings](#settings), [commands in the chat](#commands-in-the-chat), [filters](#filters), [metrics](#metrics).\n")
	writeSettings(t, &p, understood)
	writeChatCommands(t, &p)
	writeFilters(&p)
	writeMetrics(t, &p)
	p.WriteString("\n## Commands\n\nEvery command has `--help`. Exit codes: 0 it is done, 1 it ran and failed, 2 it was called wrongly.\n")
	for _, command := range understood.Children {
		writeCommand(&p, command)
	}
	asKept(t, "cmd/govorun/REFERENCE.md", p.String(), "Reference")
}

// cell makes a text safe for a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func row(p *strings.Builder, cells ...string) {
	for i := range cells {
		cells[i] = cell(cells[i])
	}
	p.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func table(p *strings.Builder, heads ...string) {
	row(p, heads...)
	p.WriteString("|" + strings.Repeat("---|", len(heads)) + "\n")
}

// writeCommand writes a command with its flags, examples and commands of its own.
func writeCommand(p *strings.Builder, n *kong.Node) {
	if n.Hidden {
		return
	}
	path := n.FullPath()
	fmt.Fprintf(p, "\n### %s\n\n%s\n", path, strings.TrimSuffix(n.Help, ".")+".")
	var flags []*kong.Flag
	for _, f := range n.Flags {
		if !f.Hidden && f.Name != "help" {
			flags = append(flags, f)
		}
	}
	if len(n.Positional)+len(flags) > 0 {
		p.WriteString("\n")
		table(p, "Argument", "Default", "What it is")
		for _, a := range n.Positional {
			row(p, "`"+a.Summary()+"`", shown(a.Default), a.Help)
		}
		for _, f := range flags {
			row(p, "`--"+f.Name+"`"+short(f), shown(f.Default), f.Help)
		}
	}
	if n.Detail != "" {
		p.WriteString("\n```\n" + strings.TrimRight(n.Detail, "\n") + "\n```\n")
	}
	for _, child := range n.Children {
		writeCommand(p, child)
	}
}

func short(f *kong.Flag) string {
	if f.Short == 0 {
		return ""
	}
	return ", `-" + string(f.Short) + "`"
}

func shown(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// envsOf are the settings that are flags, too, by name.
func envsOf(n *kong.Node, all map[string]*kong.Flag) {
	for _, f := range n.Flags {
		for _, name := range f.Envs {
			if all[name] == nil && !f.Hidden {
				all[name] = f
			}
		}
	}
	for _, child := range n.Children {
		envsOf(child, all)
	}
}

func writeSettings(t *testing.T, p *strings.Builder, model *kong.Application) {
	p.WriteString("\n## Settings\n\nSettings are environment variables; those with a flag may be given by it as well.\n\n")
	table(p, "Setting", "Flag", "Default", "What it is")
	flags := map[string]*kong.Flag{}
	envsOf(model.Node, flags)
	told := map[string]string{}
	for _, s := range settingsTold() {
		told[s.name] = s.about
	}
	for _, name := range sortedNames(settingsInCode(t)) {
		switch f := flags[name]; {
		case f != nil:
			row(p, "`"+name+"`", "`--"+f.Name+"`", shown(f.Default), f.Help)
		case told[name] != "":
			row(p, "`"+name+"`", "", "", told[name])
		default:
			t.Errorf("the program reads %s: say in settingsTold what it is", name)
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("settingsTold tells of %s, which nothing reads", name)
	}
}

func writeChatCommands(t *testing.T, p *strings.Builder) {
	texts, err := locales.Load(locales.ProductLanguages(), locales.Product())
	well(t, err)
	p.WriteString("\n## Commands in the chat\n\nOf employees; menus and `/help` show each role its own. The rights are those of `may` in [kit.yaml](../../dialogs/REFERENCE.md#a-role); heads have all.\n\n")
	table(p, "Command", "Also", "What it does", "Right")
	for _, c := range turn.CommandsTold() {
		about, err := texts.Text("en", "menu."+c.Name, nil)
		if err != nil || about == "" {
			t.Errorf("menu.%s has no text: %v", c.Name, err)
		}
		var also []string
		for _, name := range c.Also {
			also = append(also, "`/"+name+"`")
		}
		row(p, "`/"+c.Name+"`", strings.Join(also, " "), about, strings.ReplaceAll(string(c.Right), "|", " or "))
	}
}

func writeFilters(p *strings.Builder) {
	p.WriteString("\n## Filters\n\nWhat may follow `/my`, `/deals`, `/find`, `/export` and `/broadcast`: keys with values, in Russian, English and Kazakh, several of them at once. Words without a key are looked for. Values are those of the kit.\n\n")
	table(p, "Key", "Example", "What it finds")
	for _, line := range filter.Reference("en") {
		row(p, line.Keys, "`"+line.Example+"`", line.Means)
	}
}

// metric is a figure for Prometheus as the code declares it.
type metric struct{ name, about string }

// metricsInCode finds where figures are declared: by calls whose first two arguments are a name and a sentence, and by options with Name and Help. They are
// in the order of the code, where one sentence may lean on the one before.
func metricsInCode(t *testing.T) (all []metric) {
	text := func(e ast.Expr) string {
		if b, ok := e.(*ast.BinaryExpr); ok { // "govorun_" + name: the call tells it
			e = b.Y
		}
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			value, _ := strconv.Unquote(l.Value)
			return value
		}
		return ""
	}
	add := func(prefix, name, about string) {
		if name != "" && strings.Contains(about, " ") {
			all = append(all, metric{prefix + strings.TrimPrefix(name, "govorun_"), about})
		}
	}
	for _, s := range sources(t) {
		if s.isTest() || s.file.Name.Name != "main" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				f, ok := n.Fun.(*ast.Ident)
				if !ok || len(n.Args) < 2 {
					return true
				}
				switch f.Name {
				case "describe":
					add("govorun_whatsapp_", text(n.Args[0]), text(n.Args[1]))
				case "gauge", "counter", "histogram", "figure", "metric":
					add("govorun_", text(n.Args[0]), text(n.Args[1]))
				}
			case *ast.CompositeLit:
				name, about := "", ""
				for _, e := range n.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok {
						if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Name" {
							name = text(pair.Value)
						} else if ok && key.Name == "Help" {
							about = text(pair.Value)
						}
					}
				}
				if about != "" {
					add("govorun_", name, about)
				}
			}
			return true
		})
	}
	return all
}

func writeMetrics(t *testing.T, p *strings.Builder) {
	p.WriteString("\n## Metrics\n\nFor Prometheus at `/metrics`: on `GOVORUN_LISTEN` to this machine, or on `GOVORUN_METRICS` to others. `/healthz` says that the process lives, `/readyz` that it takes messages.\n\n")
	table(p, "Metric", "What it is")
	all := metricsInCode(t)
	if len(all) < 10 {
		t.Errorf("only %d metrics were found in the code", len(all))
	}
	for _, m := range all {
		row(p, "`"+m.name+"`", m.about)
	}
}

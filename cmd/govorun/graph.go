package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"govorun/dialogs"
)

type graphCommand struct {
	Kit     string `arg:"" help:"A built-in kit, or a folder with kit.yaml in it (./vending when it is called like a built-in one)."`
	Format  string `enum:"svg,mermaid" default:"svg" help:"svg or mermaid."`
	Lang    string `help:"Language of the texts; the kit's first when empty."`
	Out     string `short:"o" default:"graph" help:"Folder to write to; - prints (mermaid)."`
	Dialogs bool   `help:"Only dialogs, no pipelines and no whole business."`
}

// Help is shown by graph --help.
func (c *graphCommand) Help() string {
	return `Examples:
  govorun graph vending                      graph/business.svg, graph/report.svg, graph/pipeline-call_centre.svg, …
  govorun graph ./my-kit --lang en -o pictures
  govorun graph vending --format mermaid -o -`
}

// Run draws every dialog and pipeline of the kit, and all pipelines together.
func (c *graphCommand) Run(io stdio) error {
	kit, err := openKit(c.Kit)
	if err != nil {
		return err
	}
	tellKit(io.err, c.Kit)
	if c.Lang == "" {
		c.Lang = kit.Languages[0]
	}
	if !slices.Contains(kit.Languages, c.Lang) {
		return fmt.Errorf("kit %s does not speak %q: choose one of %v", kit.Name, c.Lang, kit.Languages)
	}
	for _, name := range sortedNames(kit.Dialogs) {
		if kit.Dialogs[name].Demand { // generated from the fields of a stage: it is in the picture of its pipeline
			continue
		}
		g, err := kit.Graph(name, c.Lang)
		if err == nil {
			err = c.write(g, name, io)
		}
		if err != nil {
			return err
		}
	}
	if c.Dialogs {
		return nil
	}
	if err := c.write(kit.BusinessGraph(c.Lang), "business", io); err != nil {
		return err
	}
	for _, name := range sortedNames(kit.Pipelines) {
		g, err := kit.PipelineGraph(name, c.Lang)
		if err == nil {
			err = c.write(g, "pipeline-"+name, io)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *graphCommand) write(g *dialogs.Graph, name string, io stdio) error {
	draw, ext := g.SVG, ".svg"
	if c.Format == "mermaid" {
		draw, ext = g.Mermaid, ".mmd"
	}
	if c.Out == "-" {
		return draw(io.out)
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fmt.Errorf("write pictures: %w", err)
	}
	path := filepath.Join(c.Out, name+ext)
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write pictures: %w", err)
	}
	if err := errors.Join(draw(file), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	fmt.Fprintln(io.out, path)
	return nil
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

package main

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// operateFiles are what a person deploys, beside the program itself.
//
//go:embed operate
var operateFiles embed.FS

type operateCommand struct {
	Name string `arg:"" optional:"" help:"The file to print; without it they are listed."`
}

// Help is shown by operate --help.
func (c *operateCommand) Help() string {
	return `Examples:
  govorun operate
  govorun operate govorun.service | sudo tee /etc/systemd/system/govorun.service
  govorun operate alerts.yaml > /etc/prometheus/govorun.yaml
  govorun operate README.md

How to install, upgrade, go back, back up and rotate stands in its README.md.`
}

// operateSays is what each file is for.
func operateSays() map[string]string {
	return map[string]string{
		"README.md":               "install, upgrade, go back, back up, rotate, watch",
		"govorun.service":         "a unit for systemd",
		"Dockerfile":              "an image without root and without secrets",
		"Dockerfile.dockerignore": "what its build does not see",
		"compose.yaml":            "the program with a PostgreSQL, for docker compose",
		"dashboard.json":          "a dashboard for Grafana",
		"alerts.yaml":             "rules for Prometheus",
	}
}

// Run lists the files or prints one.
func (c *operateCommand) Run(std stdio) error {
	entries, err := fs.ReadDir(operateFiles, "operate")
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	switch {
	case c.Name == "":
		for _, name := range names {
			fmt.Fprintf(std.out, "%-24s %s\n", name, operateSays()[name])
		}
		return nil
	case !slices.Contains(names, c.Name):
		return fmt.Errorf("there is no file %s: choose one of %s", c.Name, strings.Join(names, ", "))
	}
	text, err := operateFiles.ReadFile("operate/" + c.Name)
	if err == nil {
		_, err = std.out.Write(text)
	}
	return err
}

package main

import (
	"errors"
	"fmt"

	"govorun/dialogs"
)

type checkCommand struct {
	Kit string `arg:"" help:"A folder with kit.yaml in it, or a built-in kit."`
}

// Help is shown by check --help.
func (c *checkCommand) Help() string {
	return `Examples:
  govorun check ./my-kit
  govorun check vending

Exit code 0 means that the kit may run; 1 that it has mistakes, each with file, line, column and what to write instead.`
}

// Run lists every mistake at once.
func (c *checkCommand) Run(io stdio) error {
	files, err := kitFiles(c.Kit)
	if err != nil {
		return err
	}
	kit, err := dialogs.Load(files)
	var problems dialogs.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintln(io.out, p)
		}
		return fmt.Errorf("kit %s has mistakes: %d", c.Kit, len(problems))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "kit %s is in order: %d dialogs, %d pipelines, languages %v\n", kit.Name, len(kit.Dialogs), len(kit.Pipelines), kit.Languages)
	return nil
}

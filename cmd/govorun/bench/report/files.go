package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Save writes the table to a file and the raw values beside it, as the same name with .json. Each file is whole at any moment, so that what was
// found before somebody pulled the plug is there.
func (r *Run) Save(file string) error {
	raw, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("write the figures as JSON: %w", err)
	}
	if err := replace(RawFile(file), append(raw, '\n')); err != nil {
		return err
	}
	return replace(file, []byte(r.Markdown()))
}

// RawFile is where Save puts the raw values.
func RawFile(file string) string { return strings.TrimSuffix(file, filepath.Ext(file)) + ".json" }

func replace(file string, text []byte) error {
	fresh := file + ".new"
	if err := os.WriteFile(fresh, text, 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.Rename(fresh, file); err != nil {
		return fmt.Errorf("write the report to %s: %w", file, err)
	}
	return nil
}

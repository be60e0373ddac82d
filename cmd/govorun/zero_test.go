package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheKitFromZeroIsMadeAsItsPageSays follows dialogs/docs/zero.md in an empty folder: it writes the files and compares
// what the program answers. The play at its end is walked through by the test of the guide (dialogs/turn/play).
func TestTheKitFromZeroIsMadeAsItsPageSays(t *testing.T) {
	const page = "dialogs/docs/zero.md"
	text := textOf(t, page)
	kept, err := filepath.Abs(filepath.Join(house, page))
	well(t, err)
	t.Chdir(t.TempDir())
	steps := 0
	blocks := regexp.MustCompile("(?s)```(yaml|console)\n(.*?)```")
	walked := blocks.ReplaceAllStringFunc(text, func(block string) string {
		parts := blocks.FindStringSubmatch(block)
		steps++
		switch parts[1] {
		case "yaml":
			writeFile(t, parts[2])
		case "console":
			return "```console\n" + onConsole(t, parts[2]) + "```"
		}
		return block
	})
	if steps < 15 {
		t.Errorf("the page has only %d steps", steps)
	}
	if *update {
		well(t, os.WriteFile(kept, []byte(walked), 0o644))
	} else if walked != text {
		t.Errorf("the page goes otherwise now: go test ./cmd/govorun -run FromZero -update\n%s", walked)
	}
}

// writeFile writes a file as its block says: whole, or only some lines of it, in place of those of the same name or below the rest.
func writeFile(t *testing.T, block string) {
	t.Helper()
	first, text, _ := strings.Cut(block, "\n")
	name, some, _ := strings.Cut(strings.TrimPrefix(first, "# "), ", ")
	if some != "" {
		had, err := os.ReadFile(name)
		well(t, err)
		text = withLines(string(had), text)
	}
	well(t, os.MkdirAll(filepath.Dir(name), 0o755))
	well(t, os.WriteFile(name, []byte(text), 0o644))
}

func withLines(text, lines string) string {
	for line := range strings.Lines(lines) {
		key, _, _ := strings.Cut(line, ":")
		old := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(key) + `:.*\n`)
		if !old.MatchString(text) {
			text += line
			continue
		}
		text = old.ReplaceAllLiteralString(text, line)
	}
	return text
}

// onConsole runs the commands of a block (lines that begin with $) with what is typed into them (lines that begin with >), and gives what a terminal shows.
func onConsole(t *testing.T, block string) string {
	var screen bytes.Buffer
	for _, part := range regexp.MustCompile(`(?m)^\$ `).Split(block, -1)[1:] {
		line, shown, _ := strings.Cut(part, "\n")
		screen.WriteString("$ " + line + "\n")
		typed := &typist{screen: &screen}
		for answer := range strings.Lines(shown) {
			if said, is := strings.CutPrefix(answer, "> "); is {
				typed.lines = append(typed.lines, said)
			}
		}
		run(t.Context(), strings.Fields(line)[1:], stdio{typed, &screen, &screen})
	}
	return strings.TrimSuffix(screen.String(), "\n> ") + map[bool]string{true: "\n"}[strings.HasSuffix(screen.String(), "\n> ")]
}

// typist types a line whenever the program reads one, and the terminal shows it.
type typist struct {
	lines  []string
	screen io.Writer
}

func (y *typist) Read(p []byte) (int, error) {
	if len(y.lines) == 0 {
		return 0, io.EOF
	}
	line := y.lines[0]
	y.lines = y.lines[1:]
	io.WriteString(y.screen, line)
	return copy(p, line), nil
}

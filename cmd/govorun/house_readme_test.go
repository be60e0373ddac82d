package main

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/alecthomas/kong"

	"govorun/dialogs"
)

func textOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(house, name))
	well(t, err)
	return string(text)
}

// model is what the program understands, as its help shows it.
func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("govorun"), kong.Vars{"data": "/data"})
	well(t, err)
	return parser.Model
}

var (
	inTicks = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	// A call of the program with what follows it on the line.
	call = regexp.MustCompile(`(?:^|[\s(=;` + "`" + `])(?:\./)?(?:go run \./cmd/)?govorun((?: +[^\s` + "`" + `|;#)]+)+)`)
)

// callsIn gives the calls of the program that a text shows.
func callsIn(text string) (calls [][]string) {
	for _, code := range inTicks.FindAllString(text, -1) {
		for _, line := range strings.Split(code, "\n") {
			for _, found := range call.FindAllStringSubmatch(line, -1) {
				if args := strings.Fields(found[1]); args[0] != "./cmd/govorun" { // go build -o govorun ./cmd/govorun
					calls = append(calls, args)
				}
			}
		}
	}
	return calls
}

var guides = []string{"README.md", "CONTRIBUTING.md", "dialogs/README.md"}

func TestEveryCommandOfTheGuidesExists(t *testing.T) {
	for _, guide := range guides {
		calls := callsIn(textOf(t, guide))
		if len(calls) == 0 {
			t.Errorf("%s shows no command", guide)
		}
		for _, args := range calls {
			if why := unknown(model(t).Node, args); why != "" {
				t.Errorf("%s shows `govorun %s`: %s", guide, strings.Join(args, " "), why)
			}
		}
	}
	readme := textOf(t, "README.md")
	for _, command := range model(t).Children {
		if !strings.Contains(readme, "govorun "+command.Name) {
			t.Errorf("README.md does not show the command %s", command.Name)
		}
	}
}

// unknown says what in a call the program does not know.
func unknown(node *kong.Node, args []string) string {
	for _, arg := range args {
		if flag, ok := strings.CutPrefix(arg, "--"); ok {
			flag, _, _ = strings.Cut(flag, "=")
			known := flag == "help"
			for _, group := range node.AllFlags(false) {
				known = known || slices.ContainsFunc(group, func(f *kong.Flag) bool { return f.Name == flag || f.Tag.Negatable != "" && "no-"+f.Name == flag })
			}
			if !known {
				return "there is no flag --" + flag
			}
			continue
		}
		next := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == arg })
		switch {
		case next >= 0:
			node = node.Children[next]
		case len(node.Children) > 0 && node.DefaultCmd == nil:
			return "there is no command " + arg
		}
	}
	return ""
}

var setting = regexp.MustCompile(`\b(GOVORUN_[A-Z_]+|DATABASE_URL)\b`)

// settingsInCode are the environment variables that the program reads.
func settingsInCode(t *testing.T) map[string]bool {
	t.Helper()
	read := map[string]bool{}
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		for _, flag := range n.Flags {
			for _, name := range flag.Envs {
				read[name] = true
			}
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(model(t).Node)
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if name, isName := call.Args[0].(*ast.BasicLit); ok && isName && (f.Sel.Name == "Getenv" || f.Sel.Name == "LookupEnv") {
				if name := strings.Trim(name.Value, `"`); setting.MatchString(name) {
					read[name] = true
				}
			}
			return true
		})
	}
	return read
}

func TestTheGuidesNameEverySettingAndNoOther(t *testing.T) {
	inCode := settingsInCode(t)
	if len(inCode) < 8 {
		t.Fatalf("only %d settings found in the code", len(inCode))
	}
	named := map[string]bool{}
	for _, guide := range guides {
		for _, name := range setting.FindAllString(textOf(t, guide), -1) {
			named[name] = true
			if !inCode[name] && !strings.HasPrefix(name, "GOVORUN_HOOK_") { // a kit names those
				t.Errorf("%s names %s, which nothing reads", guide, name)
			}
		}
	}
	for name := range inCode {
		if !named[name] {
			t.Errorf("the program reads %s: put it into the table of README.md, or into CONTRIBUTING.md when it is for developers", name)
		}
	}
}

func TestWhatTheGuidesPromiseHasItsTest(t *testing.T) {
	tests := map[string]bool{}
	for _, s := range sources(t) {
		for _, declared := range s.file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && s.isTest() {
				tests[f.Name.Name] = true
			}
		}
	}
	for _, guide := range guides {
		text := textOf(t, guide)
		for _, name := range regexp.MustCompile(`\bTest[A-Z0-9]\w+`).FindAllString(text, -1) {
			if !tests[name] && !strings.HasSuffix(name, "_") {
				t.Errorf("%s names the test %s, which does not exist", guide, name)
			}
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(house, filepath.Dir(guide), link[1])); err != nil {
				t.Errorf("%s leads to %s, which does not exist", guide, link[1])
			}
		}
	}
	if lines := strings.Count(textOf(t, "README.md"), "\n"); lines > 170 {
		t.Errorf("README.md has %d lines, more than 170", lines)
	}
}

// The guide to the language of dialogs builds a kit from beginning to end: blocks that begin with a file's name are that
// file, or the rest of it, and blocks that begin with "> " or "# " and hold a talk are transcripts.
func TestTheExamplesOfTheLanguageOfDialogsRun(t *testing.T) {
	files := fstest.MapFS{}
	var talks []string
	for _, block := range regexp.MustCompile("(?s)```(yaml|talk)\n(.*?)```").FindAllStringSubmatch(textOf(t, "dialogs/README.md"), -1) {
		if block[1] == "talk" {
			talks = append(talks, block[2])
			continue
		}
		first, rest, _ := strings.Cut(block[2], "\n")
		name, isFile := strings.CutPrefix(first, "# ")
		if !isFile || !strings.HasSuffix(name, ".yaml") {
			t.Errorf("an example does not begin with the name of its file: %s", first)
			continue
		}
		if files[name] == nil {
			files[name] = &fstest.MapFile{}
		}
		files[name].Data = append(files[name].Data, rest...)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatalf("the examples do not load:\n%v", err)
	}
	for _, warning := range kit.Warnings {
		t.Error(warning)
	}
	if len(talks) == 0 {
		t.Error("there is no talk")
	}
	for _, talk := range talks {
		if played, err := dialogs.Play(kit, talk); err != nil || played != talk {
			t.Errorf("%v: the talk goes otherwise:\n%s", err, played)
		}
	}
}

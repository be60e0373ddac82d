package main

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"govorun/cmd/govorun/chaos"
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
	parser, err := kong.New(&commands{}, kong.Name("govorun"), kong.Vars{"data": "/var/lib/govorun for root, else ~/.local/share/govorun", "faults": strings.Join(chaos.Names(), ", ")})
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

// guides are all pages for people, from the root of the repository.
func guides(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md", "CONTRIBUTING.md", "dialogs/README.md", "dialogs/REFERENCE.md", "dialogs/kits/README.md", "cmd/govorun/REFERENCE.md", "cmd/govorun/operate/README.md"}
	more, err := filepath.Glob(filepath.Join(house, "dialogs/docs/*.md"))
	well(t, err)
	for _, page := range more {
		pages = append(pages, "dialogs/docs/"+filepath.Base(page))
	}
	return pages
}

func TestEveryCommandOfTheGuidesExists(t *testing.T) {
	for _, guide := range guides(t) {
		if guide == "cmd/govorun/REFERENCE.md" { // it is made of the help of the commands
			continue
		}
		calls := callsIn(textOf(t, guide))
		if len(calls) == 0 && filepath.Dir(guide) == "." {
			t.Errorf("%s shows no command", guide)
		}
		for _, args := range calls {
			if why := unknown(model(t).Node, args); why != "" {
				t.Errorf("%s shows `govorun %s`: %s", guide, strings.Join(args, " "), why)
			}
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
	for _, guide := range guides(t) {
		for _, name := range setting.FindAllString(textOf(t, guide), -1) {
			named[name] = true
			if !inCode[name] && !strings.HasPrefix(name, "GOVORUN_HOOK_") { // a kit names those
				t.Errorf("%s names %s, which nothing reads", guide, name)
			}
		}
	}
	for name := range inCode {
		if !named[name] {
			t.Errorf("the program reads %s: go test ./cmd/govorun -run Reference -update puts it into the reference", name)
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
	for _, guide := range guides(t) {
		text := textOf(t, guide)
		for _, name := range regexp.MustCompile(`\bTest[A-Z0-9]\w+`).FindAllString(text, -1) {
			if !tests[name] && !strings.HasSuffix(name, "_") {
				t.Errorf("%s names the test %s, which does not exist", guide, name)
			}
		}
	}
	if lines := strings.Count(textOf(t, "README.md"), "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, more than 150", lines)
	}
}

var (
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	mdCode    = regexp.MustCompile("(?s)```.*?```")
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// slugs are the places of a page that a link may lead to.
func slugs(text string) map[string]bool {
	all := map[string]bool{}
	for _, heading := range mdHeading.FindAllStringSubmatch(mdCode.ReplaceAllString(text, ""), -1) {
		all[strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading[1]), ""), " ", "-")] = true
	}
	return all
}

func TestEveryLinkOfTheGuidesLeadsSomewhere(t *testing.T) {
	seen := 0
	for _, guide := range guides(t) {
		for _, link := range mdLink.FindAllStringSubmatch(mdCode.ReplaceAllString(textOf(t, guide), ""), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			seen++
			file, place, _ := strings.Cut(link[1], "#")
			to := filepath.Join(filepath.Dir(guide), file)
			if file == "" {
				to = guide
			}
			if _, err := os.Stat(filepath.Join(house, to)); err != nil {
				t.Errorf("%s leads to %s, which does not exist", guide, link[1])
			} else if place != "" && !slugs(textOf(t, to))[place] {
				t.Errorf("%s leads to %s: %s has no such heading", guide, link[1], to)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d links were found", seen)
	}
}

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// house is the repository, seen from this package.
const house = "../.."

// mayImport is which rooms each room may use: imports point down. A new room gets its line here.
var mayImport = map[string][]string{
	"bots":                       {"crm"},
	"bots/telegram":              {"bots", "crm"},
	"bots/simulator":             {"bots", "crm"},
	"bots/simulator/browsertest": {},
	"bots/whatsapp":              {"bots", "crm"},
	"bots/whatsapp/simulator":    {},
	"bots/whatsapp/floor":        {},

	"dialogs":              {"crm", "crm/guard", "crm/rules", "crm/visits", "locales", "dialogs/dates", "dialogs/slot", "crm/seal"},
	"dialogs/slot":         {"crm", "locales", "dialogs/dates", "crm/seal"},
	"dialogs/dates":        {"locales"},
	"dialogs/kits":         {},
	"dialogs/staff":        {"crm", "dialogs"},
	"dialogs/staff/filter": {"crm", "dialogs", "dialogs/dates", "dialogs/slot", "locales"},
	"dialogs/turn/play":    {"dialogs", "dialogs/turn", "crm", "crm/passport", "crm/postgres", "crm/seal"},
	"dialogs/turn":         {"dialogs", "dialogs/slot", "dialogs/staff", "dialogs/staff/filter", "crm", "crm/documents", "crm/guard", "crm/postgres", "crm/rules", "crm/sheet", "crm/visits", "crm/visits/picture", "locales", "crm/seal", "crm/reports", "dialogs/dates"},

	"crm":                   {},
	"crm/rules":             {"crm"},
	"crm/postgres":          {"crm", "crm/guard", "migrations", "crm/postgres/cluster"},
	"crm/postgres/cluster":  {},
	"crm/postgres/floor":    {},
	"crm/postgres/testroom": {},
	"crm/postgres/pgtest":   {"crm/postgres", "crm/postgres/cluster", "crm/postgres/testroom"},
	"crm/importer":          {"crm", "crm/postgres", "crm/sheet"},
	"crm/demo":              {"crm", "crm/postgres"},
	"crm/jobs":              {"crm", "crm/postgres", "crm/seal"},
	"crm/board":             {"crm", "crm/postgres", "crm/seal"},
	"crm/outside":           {"crm/postgres", "crm/seal"},
	"crm/passport":          {"crm"},
	"crm/seal":              {},
	"crm/guard":             {},
	"crm/sheet":             {},
	"crm/documents":         {},
	"crm/letters":           {},
	"crm/stickers":          {"crm", "crm/letters"},
	"crm/visits":            {"crm"},
	"crm/visits/picture":    {"crm/letters"},
	"crm/reports":           {"crm/letters"},

	"locales":    {},
	"migrations": {},
}

// owners is who may import each outside library: one room each, or a few with a reason.
var owners = map[string][]string{
	"github.com/jackc/pgx/v5":                    {"crm/postgres", "crm/postgres/cluster", "crm/postgres/floor", "crm/postgres/pgtest"},
	"github.com/fergusstrange/embedded-postgres": {"crm/postgres/cluster"},
	"github.com/pressly/goose/v3":                {"migrations"},
	"golang.org/x/sys":                           {"crm/postgres/cluster"}, // processes of Windows
	"github.com/go-telegram/bot":                 {"bots/telegram"},
	"golang.org/x/time":                          {"bots"},
	"github.com/looplab/fsm":                     {"dialogs"},
	"github.com/expr-lang/expr":                  {"dialogs"},
	"go.yaml.in/yaml/v4":                         {"dialogs", "locales"}, // both keep positions for messages
	"github.com/nicksnyder/go-i18n/v2":           {"locales"},
	"github.com/nyaruka/phonenumbers":            {"dialogs/slot"},
	"golang.org/x/text":                          {"locales", "dialogs/slot", "crm/importer"}, // languages, normal forms, windows-1251
	"codeberg.org/go-pdf/fpdf":                   {"crm/stickers", "crm/documents"},
	"rsc.io/qr":                                  {"crm/stickers"},
	"github.com/go-fonts/dejavu":                 {"crm/letters", "crm/stickers", "crm/documents"}, // pictures; PDF
	"golang.org/x/image":                         {"crm/letters", "crm/jobs"},                      // letters; checking of photos
	"github.com/xuri/excelize/v2":                {"crm/sheet"},
	"github.com/arran4/golang-ical":              {"crm/visits"},
	"github.com/alecthomas/kong":                 {"cmd/govorun"},
	"github.com/prometheus/client_golang":        {"cmd/govorun"},
	"github.com/schollz/progressbar/v3":          {"cmd/govorun"},
	"go.mau.fi/whatsmeow":                        {"bots/whatsapp", "bots/whatsapp/floor", "bots/whatsapp/simulator", "cmd/govorun/bench", "cmd/govorun/chaos"}, // addresses of phones
	"go.mau.fi/libsignal":                        {"bots/whatsapp", "bots/whatsapp/simulator"},                                                                  // ciphers of its messages
	"google.golang.org/protobuf":                 {"bots/whatsapp", "bots/whatsapp/simulator"},                                                                  // shapes of its messages
	"github.com/coder/websocket":                 {"bots/whatsapp/simulator"},
	"golang.org/x/crypto":                        {"bots/whatsapp/simulator"},
}

// forTests are libraries that only tests use.
var forTests = []string{"pgregory.net/rapid", "github.com/google/go-cmp", "go.uber.org/goleak", "github.com/chromedp/chromedp", "github.com/chromedp/cdproto"}

// testRooms are packages that only tests import.
var testRooms = []string{"crm/postgres/pgtest", "crm/postgres/testroom", "bots/simulator/browsertest", "dialogs/turn/play"}

// source is one Go file of ours.
type source struct {
	path string // below the repository, with slashes
	file *ast.File
	text string
}

func (s source) room() string   { return path.Dir(s.path) }
func (s source) isTest() bool   { return strings.HasSuffix(s.path, "_test.go") }
func (s source) inMain() bool   { return strings.HasPrefix(s.path, "cmd/") }
func (s source) forTests() bool { return s.isTest() || slices.Contains(testRooms, s.room()) }

// sources parses every Go file of the repository.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, name := range texts(t, ".go") {
		text, err := os.ReadFile(filepath.Join(house, name))
		well(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		well(t, err)
		all = append(all, source{name, file, string(text)})
	}
	if len(all) < 100 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(all))
	}
	return all
}

// texts lists the files of the repository with one of these endings.
func texts(t *testing.T, endings ...string) []string {
	t.Helper()
	var names []string
	well(t, fs.WalkDir(os.DirFS(house), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != "." {
			return fs.SkipDir
		}
		if !entry.IsDir() && slices.Contains(endings, path.Ext(name)) {
			names = append(names, name)
		}
		return nil
	}))
	return names
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := mayImport[s.room()]
		if !known && !s.inMain() {
			t.Errorf("%s: the room %s is not in mayImport: add it with the rooms that it may use", s.path, s.room())
			continue
		}
		for _, imported := range s.imports() {
			ours, isOurs := strings.CutPrefix(imported, "govorun/")
			switch {
			case !isOurs:
				s.checkOutside(t, imported)
			case strings.HasPrefix(ours, "cmd/") && !s.inMain():
				t.Errorf("%s imports %s: nothing may use the front door", s.path, ours)
			case wall(s.room(), ours) && !s.inMain():
				t.Errorf("%s imports %s: bots and dialogs never meet, not even in tests", s.path, ours)
			case !s.inMain() && !s.isTest() && !slices.Contains(allowed, ours):
				t.Errorf("%s imports %s: %s may use %v only", s.path, ours, s.room(), allowed)
			case slices.Contains(testRooms, ours) && !s.forTests():
				t.Errorf("%s imports %s, which is for tests", s.path, ours)
			}
		}
	}
}

func (s source) imports() []string {
	var all []string
	for _, spec := range s.file.Imports {
		all = append(all, strings.Trim(spec.Path.Value, `"`))
	}
	return all
}

// wall tells whether one of two rooms is an ear or mouth and the other one mind.
func wall(a, b string) bool {
	in := func(room, part string) bool { return room == part || strings.HasPrefix(room, part+"/") }
	return in(a, "bots") && in(b, "dialogs") || in(a, "dialogs") && in(b, "bots")
}

// checkOutside checks that a library of others, if that is one, is imported by its owner.
func (s source) checkOutside(t *testing.T, imported string) {
	t.Helper()
	if host, _, _ := strings.Cut(imported, "/"); !strings.Contains(host, ".") {
		return // the standard library
	}
	below := func(library string) bool { return imported == library || strings.HasPrefix(imported, library+"/") }
	if slices.ContainsFunc(forTests, below) {
		if !s.forTests() {
			t.Errorf("%s imports %s, which is for tests", s.path, imported)
		}
		return
	}
	for library, rooms := range owners {
		if !below(library) {
			continue
		}
		if !s.isTest() && !slices.Contains(rooms, s.room()) {
			t.Errorf("%s imports %s, which belongs to %v", s.path, imported, rooms)
		}
		return
	}
	t.Errorf("%s imports %s, which has no owner: add it with its one room", s.path, imported)
}

// pure are rooms that decide and must not act: no database, no network, no log, no clock.
var pure = []string{"crm", "crm/seal", "crm/passport", "dialogs", "dialogs/slot", "dialogs/dates", "dialogs/staff", "dialogs/staff/filter"}

func TestTheMindIsPure(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || !slices.Contains(pure, s.room()) {
			continue
		}
		for _, imported := range s.imports() {
			if slices.Contains([]string{"database/sql", "net", "net/http", "log", "log/slog", "os", "os/exec"}, imported) {
				t.Errorf("%s imports %s", s.path, imported)
			}
			if s.room() == "crm" && strings.Contains(imported, ".") {
				t.Errorf("%s imports %s: the vocabulary knows the standard library only", s.path, imported)
			}
		}
		for _, what := range []string{"time.Now", "time.Since", "time.Sleep", "time.After"} {
			if strings.Contains(s.text, what+"(") {
				t.Errorf("%s calls %s: time comes from outside", s.path, what)
			}
		}
	}
}

func TestNothingIsSkippedOrLeftForAnotherDay(t *testing.T) {
	// Written so that this file does not find itself.
	unfinished := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	for _, name := range texts(t, ".go", ".sql", ".yaml", ".md", ".js", ".css", ".html") {
		text, err := os.ReadFile(filepath.Join(house, name))
		well(t, err)
		for i, line := range strings.Split(string(text), "\n") {
			if unfinished.MatchString(line) {
				t.Errorf("%s:%d is unfinished: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
	skips := regexp.MustCompile(`\.(Skip|Skipf|SkipNow)\(|testing\.Short\(`)
	for _, s := range sources(t) {
		if skips.MatchString(s.text) {
			t.Errorf("%s skips a test: a test runs everywhere or is no test", s.path)
		}
	}
}

// longest is the most lines of a file: one that is longer wants a second room.
const longest = 400

func TestFilesAreShortAndNothingRunsByItself(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		if lines := strings.Count(s.text, "\n"); lines > longest {
			t.Errorf("%s has %d lines, more than %d", s.path, lines, longest)
		}
		for _, declared := range s.file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function: list things in a literal instead", s.path)
			}
		}
	}
}

func TestEveryRoomSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		if !s.isTest() {
			said[s.room()] = said[s.room()] || s.file.Doc != nil
		}
	}
	for room, has := range said {
		if !has {
			t.Errorf("package %s opens without a sentence on what it is and must not know", room)
		}
	}
}

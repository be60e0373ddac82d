package play_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/turn/play"
)

// The guide to the language of dialogs is a kit in many small changes: dialogs/README.md holds the smallest kit, and each section ("## …")
// of the pages in dialogs/docs adds to it what its blocks of YAML say, and walks through that with the talk, the play or the filled form beside them.

const guideStart = "../../README.md"

var (
	guideSections = regexp.MustCompile(`(?m)^## `)
	guideBlocks   = regexp.MustCompile("(?s)```(yaml|talk|play|form)\n(.*?)```")
	guidePictures = regexp.MustCompile(`picture: ([a-z_]+\.png)`)
	guideUnused   = regexp.MustCompile(`nothing uses the text “([a-z_.]+)”`)
	guideKeys     = regexp.MustCompile(`(?m)^([a-zA-Z_.0-9]+):`)
	guideFiles    = regexp.MustCompile(`(?m)^# ([a-z_/.]+\.yaml)\n`)
)

// kitOfBlocks lays the files of a section over a kit. kit.yaml and texts go on, keys that stand there again and all other
// files are replaced.
func kitOfBlocks(t *testing.T, base fstest.MapFS, section string) (files fstest.MapFS, own bool) {
	t.Helper()
	files = fstest.MapFS{}
	for name, file := range base {
		files[name] = file
	}
	for _, block := range guideBlocks.FindAllStringSubmatch(section, -1) {
		if block[1] != "yaml" {
			continue
		}
		starts := guideFiles.FindAllStringSubmatchIndex(block[2], -1)
		if len(starts) == 0 || starts[0][0] != 0 {
			t.Errorf("an example does not begin with the name of its file: %.60s", block[2])
		}
		for i, at := range starts {
			end := len(block[2])
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			name, text := block[2][at[2]:at[3]], block[2][at[1]:end]
			if before := files[name]; before != nil && (name == "kit.yaml" || path.Dir(name) == "locales") {
				text = without(string(before.Data), text) + text
			}
			files[name], own = &fstest.MapFile{Data: []byte(text)}, true
		}
	}
	for _, picture := range guidePictures.FindAllStringSubmatch(section, -1) {
		files["pictures/"+picture[1]] = &fstest.MapFile{Data: aPicture(t)}
	}
	return files, own
}

// without gives a file without the keys that stand in another one, too.
func without(text, other string) string {
	again := map[string]bool{}
	for _, key := range guideKeys.FindAllStringSubmatch(other, -1) {
		again[key[1]] = true
	}
	var kept strings.Builder
	drop := false
	for line := range strings.Lines(text) {
		if key := guideKeys.FindStringSubmatch(line); key != nil {
			drop = again[key[1]]
		}
		if !drop {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// aPicture is a PNG of one point, for kits that show one.
func aPicture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEveryExampleOfTheGuideGoesAsItIsWritten(t *testing.T) {
	start, err := os.ReadFile(guideStart)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := kitOfBlocks(t, nil, string(start))
	pages, _ := filepath.Glob("../../docs/*.md") // the pattern is valid
	if len(pages) < 5 {
		t.Fatalf("the guide has only the pages %v", pages)
	}
	for _, page := range append(pages, guideStart) {
		if filepath.Base(page) == "zero.md" { // a kit of its own: see zero_test.go
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			if page == guideStart {
				base = nil
			}
			walkPage(t, base, page)
		})
	}
}

// walkPage loads and walks every example of a page, and writes the page anew when it is to be updated.
func walkPage(t *testing.T, base fstest.MapFS, page string) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	from := 0
	var written strings.Builder
	for _, at := range append(guideSections.FindAllStringIndex(string(text), -1), []int{len(text), 0}) {
		section := string(text[from:at[0]])
		from = at[0]
		title, _, _ := strings.Cut(strings.TrimPrefix(section, "## "), "\n")
		t.Run(title, func(t *testing.T) { section = walkSection(t, base, section) })
		written.WriteString(section)
	}
	if *update && written.String() != string(text) {
		if err := os.WriteFile(page, []byte(written.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// walkSection gives the section as it goes now.
func walkSection(t *testing.T, base fstest.MapFS, section string) string {
	files, own := kitOfBlocks(t, base, section)
	if !own {
		return section
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Errorf("it does not load:\n%v", err)
		return section
	}
	for _, warning := range kit.Warnings {
		if left := guideUnused.FindStringSubmatch(warning.String()); left == nil || base["locales/en.yaml"] == nil || strings.Contains(section, "\n"+left[1]+":") { // texts of the first page that an example has no use for
			t.Error(warning)
		}
	}
	walked := 0
	section = guideBlocks.ReplaceAllStringFunc(section, func(block string) string {
		parts := guideBlocks.FindStringSubmatch(block)
		kind, script := parts[1], parts[2]
		var played string
		switch kind {
		case "talk":
			played, err = dialogs.Play(kit, script)
		case "form":
			played, err = dialogs.PlayForm(kit, script)
		case "play":
			played, err = play.Play(t.Context(), pgtest.New(t), kit, script)
		default:
			return block
		}
		walked++
		switch {
		case err != nil:
			t.Errorf("%v; before:\n%s", err, ending(played))
			return block
		case played != script && !*update:
			t.Errorf("it goes otherwise now; if that is right: go test ./dialogs/turn/play -run Guide -update\n%s", difference(script, played))
		}
		return "```" + kind + "\n" + played + "```"
	})
	if walked == 0 {
		t.Error("nobody walks through it: put a talk or a play beside it")
	}
	return section
}

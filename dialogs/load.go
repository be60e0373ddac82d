package dialogs

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"govorun/locales"
)

// maxFile bounds a file of a kit, in bytes; a long dialog has about 20 kB.
const maxFile = 1 << 20

// files are a kit's files by path relative to the kit.
type files map[string][]byte

// draft is a kit while it is read: what was built so far, what is wrong, and what was named where.
type draft struct {
	kit        *Kit
	fsys       fs.FS
	problems   Problems
	uses       []use
	texts      []textUse
	declared   map[string]place // "state report problem", "slot report photos", "dialog report"
	filled     map[string]bool  // "report photos": something fills this slot
	broken     map[string]bool  // dialogs whose file doesn't fit its shape: their graph isn't judged
	acts       []actRead        // every action of every file
	changed    map[string]bool  // fields of deals that something sets
	reveals    []revealRead     // what cards show in plain
	known      []KnownAnswer
	unknown    bool // a file of knowledge doesn't fit its shape: what is missing isn't judged
	links      []linkRead
	escalating string // who first gives something to the kit's head
	trusted    bool   // the files were checked before
}

// Load reads a kit (kit.yaml, pipelines.yaml, rules.yaml, cards.yaml, dialogs/*.yaml, locales/*.yaml) and checks that everything in it fits
// together. The error is Problems: every mistake of every file at once, each with its place and its fix.
func Load(fsys fs.FS) (*Kit, error) {
	d := read(fsys, false)
	d.check()
	if len(d.problems) == 0 {
		d.addDemands()
		d.addAsks()
		d.addVisits()
		d.addReviews()
	}
	if len(d.problems) > 0 {
		return nil, d.problems.sorted()
	}
	d.finish()
	return d.kit, nil
}

// read builds the kit as far as its files allow. Trusted files were checked before, and may hold generated dialogs.
func read(fsys fs.FS, trusted bool) *draft {
	d := &draft{
		kit: &Kit{
			Roles: map[string]string{}, Duties: map[string]*Role{}, Cities: map[string]City{}, Holidays: map[string]bool{},
			Pipelines: map[string]*Pipeline{}, Fields: map[string]*Field{}, Visits: map[string]*Visit{}, Consents: map[string]*Consent{}, Dialogs: map[string]*Definition{},
			Cards: map[string]*Card{}, files: files{}, raw: rawTexts{}, reminders: map[string]*Remind{},
			Forms: map[string]*Form{}, Hooks: map[string]*Hook{},
			Silence: Silence{From: quietFrom, To: quietTo}, Reminders: usualReminders,
		},
		fsys: fsys, declared: map[string]place{}, filled: map[string]bool{}, broken: map[string]bool{},
		changed: map[string]bool{}, trusted: trusted,
	}
	if r, n := d.open("kit.yaml", kitShape(), true); n != nil {
		r.kit(n)
	}
	if r, n := d.open("pipelines.yaml", pipelinesShape(), false); n != nil {
		r.pipelines(n)
		r.readLinks(child(n, "links"))
		r.unique(child(n, "unique"))
	}
	if r, n := d.open("rules.yaml", rulesShape(), false); n != nil {
		r.rules(n)
	}
	if r, n := d.open("cards.yaml", cardsShape(), false); n != nil {
		r.cards(n)
	}
	if r, n := d.open("intake.yaml", intakeShape(), false); n != nil {
		r.intake(n)
	}
	for _, name := range d.folder("dialogs") {
		if r, n := d.open(name, dialogShape(), true); n != nil {
			r.dialog(n)
		}
	}
	d.readTexts()
	d.readPictures()
	d.readKnowledge()
	return d
}

// readTexts loads the locales, and once more raw, for what the catalog doesn't tell: which keys there are.
func (d *draft) readTexts() {
	for _, name := range d.folder("locales") {
		if r, n := d.open(name, nil, true); n != nil {
			r.texts(n)
		}
	}
	sub, err := fs.Sub(d.fsys, "locales")
	if err != nil || len(d.kit.Languages) == 0 {
		return
	}
	d.kit.Texts, err = locales.Load(d.kit.Languages, locales.Product(), locales.Source{Name: "locales", FS: sub})
	if err != nil {
		d.problems = append(d.problems, Problem{File: "locales", What: "the texts can't be read: " + err.Error()})
	}
}

// readPictures loads what states show above their questions; a kit may have none.
func (d *draft) readPictures() {
	entries, _ := fs.ReadDir(d.fsys, "pictures")
	d.kit.pictures = files{}
	for _, entry := range entries {
		name := path.Join("pictures", entry.Name())
		data, err := fs.ReadFile(d.fsys, name)
		if err != nil {
			d.problems = append(d.problems, Problem{File: name, What: "the picture can't be read", Fix: "Keep only pictures in “pictures”."})
			continue
		}
		d.kit.pictures[entry.Name()] = data
	}
}

// Picture gives the content of a picture of the kit by its name, nil when there is none: a kit that RestoreKit brought back has none.
func (k *Kit) Picture(name string) []byte { return k.pictures[name] }

// folder lists the YAML files of a folder of the kit.
func (d *draft) folder(name string) []string {
	entries, err := fs.ReadDir(d.fsys, name)
	if err != nil {
		d.problems = append(d.problems, Problem{File: name, What: "the folder can't be read", Fix: "Make a folder “" + name + "”."})
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".yaml") && !entry.IsDir() {
			names = append(names, path.Join(name, entry.Name()))
		}
	}
	slices.Sort(names)
	return names
}

// open reads one file and compares it with its shape. The node is nil when there is nothing to read.
func (d *draft) open(name string, s *shape, needed bool) (*reader, *yaml.Node) {
	r := &reader{draft: d, file: name, fits: true}
	data, err := fs.ReadFile(d.fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !needed:
		return nil, nil
	case err != nil:
		d.problems = append(d.problems, Problem{File: name, What: "the file can't be read", Fix: "Add “" + name + "” to the kit."})
		return nil, nil
	case len(data) > maxFile:
		d.problems = append(d.problems, Problem{File: name, What: "the file is over 1 MiB", Fix: "Split it."})
		return nil, nil
	}
	d.kit.files[name] = data
	var document yaml.Node
	if err := yaml.Load(data, &document); err != nil && !strings.Contains(err.Error(), "no documents") {
		r.malformed(err)
		return nil, nil
	}
	if len(document.Content) == 0 {
		r.report(&yaml.Node{Line: 1, Column: 1}, "Write something into it, or remove it.", "the file is empty")
		return nil, nil
	}
	if s != nil {
		r.fits = r.fit(document.Content[0], s)
	}
	return r, document.Content[0]
}

// malformed reports what keeps a file from being YAML.
func (r *reader) malformed(err error) {
	var at *yaml.LoadError
	if !errors.As(err, &at) {
		r.problems = append(r.problems, Problem{File: r.file, What: "this is no YAML: " + err.Error(), Fix: "Correct it."})
		return
	}
	r.problems = append(r.problems, Problem{
		File: r.file, Line: max(at.Mark.Line, 1), Column: max(at.Mark.Column, 1),
		What: "this is no YAML: " + strings.TrimSuffix(at.Message, "."), Fix: "Mind the indentation, and quote texts that contain “: ” or “#”.",
	})
}

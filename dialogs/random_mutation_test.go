package dialogs

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

// mutated changes one place in one file of a kit, as a slip of the hand does: a line too many, one too few, one too far in, a word or a letter wrong.
func mutated(t *rapid.T, kit files) fstest.MapFS {
	all := kit.open()
	var names []string
	for _, name := range sortedKeys(all) {
		if strings.HasSuffix(name, ".yaml") && !strings.Contains(name, demandPrefix) && !strings.Contains(name, visitPrefix) {
			names = append(names, name)
		}
	}
	name := rapid.SampledFrom(names).Draw(t, "file")
	lines := bytes.Split(bytes.TrimRight(all[name].Data, "\n"), []byte("\n"))
	at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
	line := lines[at]
	switch rapid.IntRange(0, 6).Draw(t, "slip") {
	case 0:
		lines = slices.Delete(slices.Clone(lines), at, at+1)
	case 1:
		lines = slices.Insert(slices.Clone(lines), at, line)
	case 2:
		lines[at] = append([]byte(rapid.SampledFrom([]string{" ", "  ", "\t", "- "}).Draw(t, "indent")), line...)
	case 3:
		lines[at] = bytes.TrimPrefix(line, []byte("  "))
	case 4: // a word of another line in the place of one of this
		words, others := bytes.Fields(line), bytes.Fields(lines[rapid.IntRange(0, len(lines)-1).Draw(t, "other line")])
		if len(words) > 0 && len(others) > 0 {
			lines[at] = bytes.Replace(line, rapid.SampledFrom(words).Draw(t, "word"), rapid.SampledFrom(others).Draw(t, "by"), 1)
		}
	case 5: // a letter
		if len(line) > 0 {
			i := rapid.IntRange(0, len(line)-1).Draw(t, "letter")
			lines[at] = slices.Concat(line[:i], []byte(rapid.SampledFrom([]string{"", "x", ":", "'", "\"", "{", "}", "[", "#", "&", "*", "\xff", "0", "-"}).Draw(t, "becomes")), line[i+1:])
		}
	case 6: // a number
		lines[at] = []byte(strings.NewReplacer("1", "0", "2", "-2", "3", "99999999999", "24h", "0s", "5", "5.5").Replace(string(line)))
	}
	all[name] = &fstest.MapFile{Data: append(bytes.Join(lines, []byte("\n")), '\n')}
	return all
}

func TestASlipInAKitIsToldWithItsPlaceOrTheKitStillWorks(t *testing.T) {
	draws(t, "4")
	for _, dir := range []string{"kits/lead", "kits/vending", "kits/taxi", "kits/isp"} {
		kit, err := Load(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(dir, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				files := mutated(t, kit.files)
				changed, err := Load(files)
				if err != nil {
					refusedWell(t, files, err)
					return
				}
				p := newPlayer(changed)
				walkScene(t, p)
				for range rapid.IntRange(1, 8).Draw(t, "length") {
					p.strolls(t)
					p.stored(t)
					p.timersEnd(t)
				}
				p.leaves(t)
			})
		})
	}
}

// strolls does one thing in a kit that may be wrong in ways that only show when it runs, such as a comment on a deal that nobody opened: whoever talks to
// it gets an answer, and stands somewhere.
func (p *player) strolls(t *rapid.T) {
	deed := rapid.SampledFrom(deeds).Draw(t, "deed")
	inputs, err := p.inputs(deed)
	if len(p.shown) > 0 && rapid.Bool().Draw(t, "press") {
		inputs, err = []crm.Inbound{{Kind: crm.InPress, Press: &crm.Press{Data: rapid.SampledFrom(p.shown).Draw(t, "button").Data, Message: "1"}}}, nil
	}
	if err != nil {
		return // time passes, which timersEnd tries
	}
	for _, in := range inputs {
		p.now = p.now.Add(10 * time.Second)
		p.step(in)
		if st := p.kit.State(p.session); p.session.Dialog != "" && (st == nil || st.Ask == "" || p.session.Nonce == "") {
			t.Fatalf("after %s the talk stands nowhere: %+v", deed, p.session)
		}
	}
}

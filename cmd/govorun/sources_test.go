package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govorun/crm/postgres/pgtest"
)

// sourcesKit writes a kit in which one dialog is started by links.
func sourcesKit(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"kit.yaml":          "kit: park\nlanguages: [en]\nzone: Asia/Almaty\nhome: home\ncities: {Almaty: {}, Astana: {}}\nsources: {instagram: {text: ig, links: {ig1: Almaty}}, site: {text: site}}\n",
		"locales/en.yaml":   "hello: Hello\nig: Instagram\nsite: Site\np: P\ns: S\n",
		"dialogs/home.yaml": "dialog: home\nentry: [{link: reg}]\nstart: hello\nstates:\n  hello: {say: hello, end: done}\n",
		"pipelines.yaml":    "pipelines:\n  p: {text: p, stages: {s: {text: s}}}\n",
		"cards.yaml":        "cards:\n  c: {text: p, actions: []}\n",
	} {
		well(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700))
		well(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	return folder
}

func TestAnAdministratorAddsCodesOfLinksAndImportsWhatTheyCost(t *testing.T) {
	t.Parallel()
	costs := filepath.Join(t.TempDir(), "costs.csv")
	well(t, os.WriteFile(costs, []byte("day,source,cost\n2026-11-22,gis,12500\n2026-11-22,ig1,100\n2026-11-22,site,5\n"), 0o600))
	env := []string{"DATABASE_URL=" + pgtest.DSN(t), "GOVORUN_DATA=" + t.TempDir(), "GOVORUN_KIT=" + sourcesKit(t)}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"sources", exitOK, "ig1   instagram  Almaty  of the kit  t.me/BOT?start=reg_ig1"},
		{"sources import " + costs, exitTrouble, "nothing was stored"},
		{"sources add GIS --source 2gis --city almaty --title Map", exitOK, "gis is 2gis Almaty\nt.me/BOT?start=reg_gis\n"},
		{"sources add gis --source other", exitTrouble, "choose another one"},
		{"sources add ig1 --source other", exitTrouble, "the kit has the code ig1 for instagram"},
		{"sources add a_b --source other", exitTrouble, "can't be a code"},
		{"sources add b --source other --city Almati", exitOK, "b is other Almaty"},
		{"sources add c", exitUsage, "--source"},
		{"sources import --dry " + costs, exitOK, "new 3, changed 0, same 0, wrong 0"},
		{"sources import " + costs, exitOK, "new 3, changed 0, same 0, wrong 0"},
		{"sources import " + costs, exitOK, "new 0, changed 0, same 3, wrong 0"},
		{"sources retire gis", exitOK, "gis is retired"},
		{"sources retire ig1", exitTrouble, "those of the kit are in its kit.yaml"},
		{"sources list", exitOK, "retired"},
		{"sources --help", exitOK, "costs.csv"},
	} {
		if out, code := runOnce(t, env, strings.Fields(c.args)...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, printed:\n%s", c.args, code, out)
		}
	}
}

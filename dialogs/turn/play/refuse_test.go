package play_test

import (
	"os"
	"strings"
	"testing"

	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/turn/play"
)

// perform plays a script in the shoe repair shop.
func perform(t *testing.T, script string) (string, error) {
	t.Helper()
	kit, err := dialogs.Load(os.DirFS("testdata/shoes"))
	if err != nil {
		t.Fatal(err)
	}
	return play.Play(t.Context(), pgtest.New(t), kit, script)
}

func TestAPlayThatCannotBePlayedNamesTheLine(t *testing.T) {
	const before = "# a test\n! customer Ann en\n! staff Carl clerk\nAnn > /start\nAnn > Boots\n"
	for last, why := range map[string]string{
		"Carl > [Dance]":             "there are: [Repair] [Lost]",
		"Carl > [Lost] on 2":         "no such button",
		"Carl > [Lost] twice":        "after a button",
		"Carl > [Lost":               "not closed",
		"Bob > hello":                "a name from the lines with !",
		"Ann says hello":             "a name from the lines with !",
		"Ann > (dance)":              "nobody can do (dance)",
		"Ann > (album 1)":            "2 to 10 photos",
		`Ann > (reply "unheard") hm`: "no message with",
		"! staff Ann clerk":          "nobody else's",
		"! customer show":            "nobody else's",
		"! staff Bob dancer":         `no role "dancer"`,
		"! staff Bob clerk hat=red":  "nothing is known of hat",
		"! customer Bob xx":          "no language of the kit: en",
		"! clock 2026-11-23 10:00":   "before the first line",
		"! ghost Bob":                "customer, staff, group, slot, asset, channel and clock",
		"clock tomorrow":             "until when",
		"show me":                    "number of a deal",
		"show 2":                     "deal 2",
	} {
		t.Run(last, func(t *testing.T) {
			t.Parallel()
			_, err := perform(t, before+last+"\n")
			if err == nil || !strings.Contains(err.Error(), "line 6, ") || !strings.Contains(err.Error(), why) {
				t.Errorf("%v; want line 6 and %q", err, why)
			}
		})
	}
}

func TestWhatAnEarlierPerformanceWroteIsWrittenAnew(t *testing.T) {
	written, err := os.ReadFile("testdata/shoes/plays/life.txt")
	if err != nil {
		t.Fatal(err)
	}
	spoiled := strings.NewReplacer("Ann < ", "Ann ~ ", "= 1 ", "= 7 ", "    [", "    | [", "@ Mon", "@ Tue", "Carl <", "Bob *").Replace(string(written))
	played, err := perform(t, spoiled)
	if err != nil {
		t.Fatal(err)
	}
	if played != string(written) || spoiled == played {
		t.Errorf("the play is not what it was:\n%s", difference(string(written), played))
	}
}

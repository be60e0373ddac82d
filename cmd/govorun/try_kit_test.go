package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"govorun/bots/simulator/browsertest"
)

var yamlBlocks = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestThePageSpeaksOfTheBusinessThatIsTried makes the kit of dialogs/docs/zero.md and does what its page says, in the order of the hints.
func TestThePageSpeaksOfTheBusinessThatIsTried(t *testing.T) {
	page := textOf(t, "dialogs/docs/zero.md")
	t.Chdir(t.TempDir())
	for _, block := range yamlBlocks.FindAllStringSubmatch(page, -1) {
		writeFile(t, block[1])
	}
	y := startTryOf(t, "./tyres")
	listener, err := (&tryCommand{Listen: "127.0.0.1:0"}).listen()
	well(t, err)
	well(t, y.serve(listener))
	p := browsertest.Open(t, "http://"+listener.Addr().String()+"/?lang=en", 1600, 1000)
	shows := func(selector, words string) {
		t.Helper()
		p.Wait("[...document.querySelectorAll(`" + selector + "`)].some(n => n.innerText.includes(`" + words + "`))")
	}
	shows(".phone-wrap:nth-child(1) .owner small", "customer")
	shows(".phone-wrap:nth-child(2) .owner small", "mechanic")
	shows("#sheet", "No deals yet")
	shows("#guide", "Mechanic: press a button on the card")
	if said := p.Eval("document.body.innerText").(string); strings.Contains(strings.ToLower(said), "sticker") || strings.Contains(said, "Scan") {
		t.Errorf("the page speaks of stickers:\n%s", said)
	}
	p.Click("#guide button.main")
	p.Press(".phone-wrap:nth-child(1) .inline", "A puncture")
	p.Press(".phone-wrap:nth-child(1) .inline", "Skip")
	p.Press(".phone-wrap:nth-child(1) .reply-keys", "Share my number")
	shows(".deal", "A puncture")
	p.Press(".phone-wrap:nth-child(2) .inline", "Take")
	p.Wait("document.querySelectorAll('#guide .done').length === 3")
	shows(".deal .stage", "In work")
	p.Click("#tab-clock")
	shows("#sheet", "always at work") // the kit has no hours
	if troubles := p.Troubles(); len(troubles) > 0 {
		t.Errorf("exceptions: %q", troubles)
	}
}

func TestAnotherBusinessNeedsAnotherFolderOrAReset(t *testing.T) {
	dir := tryFolder(t)
	try := func(kit string) error {
		y, err := openTrial(context.Background(), filepath.Join(dir, "try"), &settings{Kit: kit, Data: dir}, slog.New(slog.DiscardHandler))
		if err == nil {
			y.close()
		}
		return err
	}
	well(t, try("lead"))
	well(t, try("lead"))
	if err := try("isp"); err == nil || !strings.Contains(err.Error(), "--reset") {
		t.Errorf("a try of another kit begins among the people of the first one: %v", err)
	}
	well(t, forget(context.Background(), filepath.Join(dir, "try")))
	well(t, try("isp"))
}

package turn_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

func TestD01_AnAlbumThatEndsATalkWithoutAWordTakesBackWhatItStillAskedFor(t *testing.T) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"kit.yaml":          "kit: bikes\nlanguages: [en]\nzone: Asia/Almaty\nhome: show\nhuman: master\nroles: {master: role.master}\n",
		"pipelines.yaml":    "pipelines:\n  shop:\n    text: shop\n    stages:\n      new: {text: new}\n      ready: {text: ready, status: won}\n      refused: {text: refused, status: lost}\n",
		"dialogs/show.yaml": "dialog: show\nentry: [{command: show}]\nstart: frame\nslots:\n  frame: {type: photos, min: 2, max: 2}\nstates:\n  frame: {ask: frame, slot: frame, next: kept}\n  kept:\n    do: [{open_deal: {pipeline: shop, stage: new, title: '\"frame\"'}}, {attach: frame}]\n    end: done\n",
		"locales/en.yaml":   "role.master: master\nshop: Shop\nnew: New\nready: Ready\nrefused: Refused\nframe: Two photos of the frame.\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: pgtest.New(t)}
	h.startWith(kit)
	h.text(azamat, "/show")
	h.photo(azamat, "album", "")
	asked := h.last(azamat)
	if !strings.Contains(asked.Text, "1") || !asked.Prompt {
		t.Fatalf("after the first photo: %+v", asked)
	}
	h.photo(azamat, "album", "")
	if n := h.count(`SELECT count(*) FROM deals`); n != 1 {
		t.Fatal("two photos open no deal")
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE id = $1 AND status = 'superseded'`, asked.ID); n != 1 {
		t.Errorf("the person is still asked: %q", asked.Text)
	}
	if !slices.Contains(h.superseded, crm.MessageID(asked.ID)) {
		t.Error("the sender does not hear of it")
	}
}

package turn_test

import (
	"bytes"
	"testing"

	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

// twoAtOnce is a step that opens two requests, each with a key of its own.
var twoAtOnce = []string{"      - open_deal: {pipeline: sales, stage: new, title: address, fields: {address: address, city: city}}",
	`      - open_deal: {pipeline: sales, stage: new, title: address, fields: {address: address, city: city}}
      - open_deal: {pipeline: missed, stage: new, title: address, unique: '"home " + address'}`}

func TestEachOfTwoRequestsThatAStepOpensIsComparedWithThoseThatAreThere(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, twoAtOnce...))
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.is("requests of the first", h.count(`SELECT count(*) FROM deals`), 2)
	h.order(olga+1, "+79161234568", "Moscow", "Lenin street 1")
	h.is("requests of the second, whose home is known", h.count(`SELECT count(*) FROM deals WHERE pipeline = 'sales'`), 2)
	h.is("homes", h.count(`SELECT count(*) FROM deals WHERE pipeline = 'missed'`), 1)
	h.text(mia, "/order")
	h.text(mia, "+79161234569")
	h.text(mia, "Moscow")
	h.text(mia, "Lenin street 1")
	h.says(mia, "exists already")
	h.is("all after the refusal", h.count(`SELECT count(*) FROM deals`), 3)
}

func TestASecondOfTwoRequestsThatIsThereIsJoinedWhereTheKitDoesNothingByItself(t *testing.T) {
	files := parkFiles()
	files["pipelines.yaml"].Data, _, _ = bytes.Cut(files["pipelines.yaml"].Data, []byte("links:"))
	files["dialogs/site.yaml"].Data = []byte(`dialog: site
entry: [{command: site}]
start: begin
states:
  begin:
    do:
      - open_deal: {pipeline: drivers, stage: new, title: '"driver"', unique: '"driver " + contact.name'}
      - open_deal: {pipeline: checks, stage: new, title: '"check"', unique: '"check"'}
    end: done
`)
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: pgtest.New(t)}
	h.startWith(kit)
	for _, who := range []int64{driver, driver, driver + 1} { // the same person again, and another whose check is there
		h.text(who, "/site")
		h.exec(`UPDATE contacts SET name = 'n' || id`)
	}
	h.is("drivers", h.count(`SELECT count(*) FROM deals WHERE pipeline = 'drivers'`), 2)
	h.is("checks", h.count(`SELECT count(*) FROM deals WHERE pipeline = 'checks'`), 1)
	h.is("messages put aside", h.count(`SELECT count(*) FROM dead_letters`), 0)
}

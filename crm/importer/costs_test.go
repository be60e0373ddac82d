package importer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"govorun/crm/importer"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

var advertised = []postgres.Source{{Code: "ig1", Source: "instagram", City: "Алматы"}, {Code: "ig2", Source: "instagram"}}

func costs(t *testing.T, db *postgres.DB, file string, o importer.Options) importer.Report {
	t.Helper()
	report, err := importer.Costs(context.Background(), db, strings.NewReader(file), advertised, []string{"site"}, o)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return report
}

func TestCostsOfDaysBelongToTheSourceAndCityOfTheirCode(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	file := "День;Источник;Расход;Город\n22.11.2026;IG1;12 500,50;\n2026-11-22;ig2;99.9;Астана\n2026-11-22;Instagram;1000 ₸;Алматы\n2026-11-22;site;0;\n"
	report := costs(t, db, file, importer.Options{})
	if report.New != 4 || !report.Stored {
		t.Fatalf("report %+v", report)
	}
	for _, want := range []string{"instagram Алматы ig1 1250050", "instagram Астана ig2 9990", "instagram Алматы  100000", "site   0"} {
		if n := count(t, db, `SELECT count(*) FROM source_costs WHERE day = '2026-11-22' AND concat_ws(' ', source, city, code, cost) = $1`, want); n != 1 {
			t.Errorf("no row says %q", want)
		}
	}
	if report = costs(t, db, file, importer.Options{}); report.Same != 4 || report.New+report.Changed != 0 {
		t.Errorf("imported once more: %+v", report)
	}
	if report = costs(t, db, strings.Replace(file, "99.9", "100", 1), importer.Options{Dry: true}); report.Changed != 1 || report.Stored {
		t.Errorf("a dry run: %+v", report)
	}
}

func TestWrongCostsAreToldWithTheirPlaceAndNothingIsStored(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for row, want := range map[string]string{
		"22.13.2026;ig1;5;":                    `column "day": "22.13.2026" is no day: write 2026-11-22 or 22.11.2026`,
		";ig1;5;":                              `column "day": "" is no day`,
		"2026-11-22;instagrm;5;":               `column "source": there is no source "instagrm": write one of instagram, site, or add it: govorun sources add CODE --source instagrm`,
		"2026-11-22;;5;":                       `there is no source ""`,
		"2026-11-22;ig1;-5;":                   `column "cost": "-5" is no cost: write digits, such as 12500 or 12500,50`,
		"2026-11-22;ig1;5,123;":                "is no cost",
		"2026-11-22;ig1;1.000.000;":            "is no cost",
		"2026-11-22;ig1;;":                     "is no cost",
		"2026-11-22;ig1;999999999999;":         "more than a day can cost",
		"2026-11-22;ig1;5;Астана":              `column "city": the links of ig1 are for Алматы`,
		"2026-11-22;ig1;5;Алмата":              "no such city",
		"2026-11-22;ig1;5;\n22.11.2026;ig1;6;": "this day of this source is already in line 2: add the two up",
	} {
		report := costs(t, db, "day;source;cost;city\n"+row+"\n", importer.Options{City: func(text string) (string, string) {
			if text == "Алмата" {
				return "", "no such city"
			}
			return text, ""
		}})
		if report.Wrong != 1 || report.Stored || !strings.Contains(fmt.Sprint(report.Problems), want) {
			t.Errorf("%q:\n got %v\nwant %s", row, report.Problems, want)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM source_costs`); n != 0 {
		t.Errorf("%d costs are stored", n)
	}
}

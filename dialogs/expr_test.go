package dialogs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr/file"
)

func testEnv() exprEnv {
	return dialogEnv(map[string]*Slot{
		"machine": {Type: "asset"}, "problem": {Type: "choice"}, "amount": {Type: "money"}, "photos": {Type: "photos"},
		"wishes": {Type: "many"}, "day": {Type: "date"}, "details": {Type: "text"},
	})
}

func testVars() map[string]any {
	return map[string]any{
		"machine": map[string]any{"id": 7, "code": "214", "own": 5512, "own_age": 10 * time.Minute, "fields": map[string]any{"floor": "3"}},
		"problem": "money", "amount": 150.0, "photos": []any{1, 2}, "wishes": []string{"tea"},
		"contact": map[string]any{"id": 1, "name": "Bob", "phone": ""},
		"deal":    map[string]any{"id": 0, "owner": 0, "stage": ""},
		"now":     time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC), "open": true, "lang": "ru", "start": []string{"m", "x"},
	}
}

func TestConditionsAreTrueOrFalse(t *testing.T) {
	for source, want := range map[string]bool{
		`machine == nil`:                            false,
		`machine != nil`:                            true,
		`machine.own > 0`:                           true,
		`machine.own_age < duration("30m")`:         true,
		`machine.fields.floor == "3"`:               true,
		`machine.fields.roof == nil`:                true,
		`problem == "money"`:                        true,
		`problem in ["money", "drink"]`:             true,
		`problem in ["drink", "off"]`:               false,
		`details == nil`:                            true,
		`details == "x"`:                            false,
		`details != "x"`:                            true,
		`details in ["x", "y"]`:                     false,
		`details contains "x"`:                      false,
		`day > now`:                                 false,
		`amount > 100 and open`:                     true,
		`len(photos) == 2`:                          true,
		`"tea" in wishes`:                           true,
		`me == nil`:                                 true,
		`me.id == deal.owner`:                       false,
		`deal.id == 0`:                              true,
		`now.Hour() == 12`:                          true,
		`start[0] == "m"`:                           true,
		`not open`:                                  false,
		`contact.phone == "" ? amount > 1 : 1 == 2`: true,
		`any(wishes, # startsWith "t")`:             true,
		`machine.since < now - duration("2h")`:      false,
		`problem matches "^mon"`:                    true,
		`(details ?? "none") == "none"`:             true,
	} {
		e, err := compileExpr(source, testEnv(), true)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.Bool(testVars()); err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", source, got, err, want)
		}
	}
}

func TestWrongExpressionsAreRefusedWithTheirPlace(t *testing.T) {
	for source, want := range map[string]struct {
		column  int
		message string
	}{
		`machne == nil`:                      {0, "unknown name machne"},
		`machine.opn > 1`:                    {8, "unknown field opn"},
		`problem`:                            {0, "expected bool"},
		`amount > "x"`:                       {7, "invalid operation"},
		`now(`:                               {3, "unexpected"},
		`repeat("x", 1000000) == "x"`:        {0, "unknown name repeat"},
		`reduce(wishes, #acc + #, "") == ""`: {0, "reduce is not allowed"},
		`all(1..9, # > 0)`:                   {5, "ranges are not allowed"},
		`open and` + strings.Repeat(" not not not", 100) + ` open`: {-1, "exceeds"},
	} {
		_, err := compileExpr(source, testEnv(), true)
		var at *file.Error
		if !errors.As(err, &at) {
			t.Errorf("%s gives %v, want %q", source, err, want.message)
			continue
		}
		if !strings.Contains(at.Message, want.message) || want.column >= 0 && at.Column != want.column {
			t.Errorf("%s gives %v (column %d), want %q at column %d", source, err, at.Column, want.message, want.column)
		}
	}
}

func TestValuesKeepTheirKind(t *testing.T) {
	for source, want := range map[string]any{`problem`: "money", `machine.id`: 7, `amount`: 150.0, `details`: nil, `machine.own`: 5512, `"driver " + problem`: "driver money",
		`figures(12500, lang)`: "12\u00a0500", `figures(-amount, "en")`: "−150", `figures(1234567.891, "en")`: "1\u00a0234\u00a0567.89", `figures(0.5, lang)`: "0,5"} {
		e, err := compileExpr(source, testEnv(), false)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Eval(testVars()); err != nil || got != want {
			t.Errorf("%s gives %v (%v), want %v", source, got, err, want)
		}
	}
}

func BenchmarkCondition(b *testing.B) {
	e, err := compileExpr(`machine.own > 0 and problem == "money"`, testEnv(), true)
	if err != nil {
		b.Fatal(err)
	}
	vars := testVars()
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := e.Bool(vars); !ok || err != nil {
			b.Fatal(err)
		}
	}
}

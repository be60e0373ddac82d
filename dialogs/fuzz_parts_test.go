package dialogs

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
)

func FuzzTimesOfAKit(f *testing.F) {
	for _, seed := range []string{"30m", "3d", "-1h", "99999d", "1e9h", "09:00-18:00", "22:00-09:00", "24:00-24:00", "+9:00-18:00", "mon-fri", "sun", "9:00", "-1:30", "\xff", "1.5d", "2562047h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := parseDuration(text); err == nil {
			if again, err := parseDuration(d.String()); err != nil || again != d {
				t.Fatalf("%q is %s, then %s, %v", text, d, again, err)
			}
		} else if !strings.Contains(err.Error(), "duration") {
			t.Fatalf("%q is refused by %v", text, err)
		}
		if minute, ok := parseClock(text); ok && fmt.Sprintf("%02d:%02d", minute/60, minute%60) != text {
			t.Fatalf("%q is the minute %d", text, minute)
		}
		if from, to, ok := parseHours(text); ok && (from < 0 || from >= to || to > 24*60) {
			t.Fatalf("%q is %d to %d", text, from, to)
		}
		if from, to, ok := parseDays(text); ok && text != weekdays[from] && text != weekdays[from]+"-"+weekdays[to] {
			t.Fatalf("%q is %d to %d", text, from, to)
		}
	})
}

func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{`machine == nil`, `problem in ["money", "drink"]`, `amount > 100 and open`, `any(wishes, # startsWith "t")`, `machine.since < now - duration("2h")`, `(details ?? "none") == "none"`, `figures(amount, lang)`,
		`1..9999999`, `reduce(photos, #acc + #)`, `problem matches "("`, `"\xff"`, `map(photos, map(photos, map(photos, #)))`, `let x = 1; x`, `{}`, `len(`, "привет", `now.Hour() == 12`, `9223372036854775807 + 1`, `1 % 0`, `[1][5]`} {
		f.Add(seed, uint8(len(seed)))
	}
	env := testEnv()
	f.Fuzz(func(t *testing.T, source string, condition uint8) {
		if len(source) > 2000 {
			return // no text in a kit is longer
		}
		e, err := compileExpr(source, env, condition%2 == 0)
		if err != nil {
			var at *file.Error
			if !errors.As(err, &at) || at.Message == "" || at.Line < 0 || at.Column < 0 || at.Column > utf8.RuneCountInString(source)+1 {
				t.Fatalf("%q is refused without its place: %v", source, err)
			}
			return
		}
		began := time.Now()
		for _, vars := range []map[string]any{testVars(), {}} {
			if condition%2 == 0 {
				_, err = e.Bool(vars)
			} else {
				var value any
				value, err = e.Eval(vars)
				if n, is := value.(float64); err == nil && is && math.IsNaN(n) {
					continue
				}
			}
			if err != nil && (!strings.Contains(err.Error(), "evaluate") || len(err.Error()) > 2*len(source)+400) {
				t.Fatalf("%q ends in %v", source, err)
			}
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("%q takes %s", source, took)
		}
	})
}

func FuzzFormsOfPages(f *testing.F) {
	for _, seed := range []string{"8 (707) 123-45-67", "almaty", "Support", "", "\xff", "<script>", strings.Repeat("я", 3000), "{{.name}}", "‹sealed:m:k1:AAAA›", "1\n2\t3"} {
		f.Add(seed, seed, seed, "utm")
	}
	kit := kitOf(f, "turn/testdata/park")
	form := kit.Form("site")
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, kit.zone())
	f.Fuzz(func(t *testing.T, phone, city, about, extra string) {
		typed := map[string]string{"phone": phone, "city": city, "about": about, "topic": about, extra: city}
		values, problems, ignored := kit.Read(form, typed, "en", now)
		for _, p := range problems {
			if p.What == "" || p.Field == "" || strings.Contains(p.What, "{{") && !strings.Contains(phone+city+about, "{{") {
				t.Fatalf("a problem without its words: %+v", p)
			}
		}
		if number := values["phone"].Text; number != "" && (!strings.HasPrefix(number, "+") || strings.Trim(number, "+0123456789") != "") {
			t.Fatalf("%q is the phone %q", phone, number)
		}
		if len(values)+len(problems)+len(ignored) > len(typed)+len(form.Need) {
			t.Fatalf("%d answers, %d problems and %d unknown of %d", len(values), len(problems), len(ignored), len(typed))
		}
		if len(problems) > 0 {
			return
		}
		if summary := kit.Summary(form, values, now); !utf8.ValidString(summary) && utf8.ValidString(phone+city+about) {
			t.Fatalf("the summary is %q", summary)
		}
		if _, err := kit.Submit(form, values, Facts{}, Env{Now: now, Lang: "en"}); err != nil && !strings.Contains(err.Error(), "form site") {
			t.Fatal(err)
		}
	})
}

// FuzzTranscripts plays anything: every line is done, or named as one that can't be.
func FuzzTranscripts(f *testing.F) {
	for _, seed := range []string{"# a, English\n@ now 2026-05-12T10:00\n> /start\n> [Repair]\n< old\n", "@ asset 214 kind=machine link=x own=5\n> /start m_x", "> (photo 1x99999999999)", "> (album 999999999)", "> (wait 9999999h)", "> (location x y)", "> [no such]",
		"@ deals 9223372036854775807\n> /report", "> (edit)", "> (signal x deal=x)", "@ contact name=\"x", "> (contact other +7)", "@ channel numbered\n> 1", "\xff", ">", "@", "> (", "> [", "> [a] (old)", "> (photo -1x5)", "> (album -3)"} {
		f.Add(seed)
	}
	kit := kitOf(f, "kits/lead")
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > 4000 {
			return
		}
		played, err := Play(kit, script)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Fatalf("a script is refused without its line: %v", err)
			}
			return
		}
		again, err := Play(kit, played)
		if err != nil || strings.TrimRight(again, "\n") != strings.TrimRight(played, "\n") {
			t.Fatalf("played once:\n%s\ntwice:\n%s%v", played, again, err)
		}
	})
}

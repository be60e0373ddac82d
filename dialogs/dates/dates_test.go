package dates

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"govorun/locales"
)

func almaty() *time.Location { return zone("Asia/Almaty") }

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// noon is Wednesday, 25 November 2026.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, almaty())

func calendar(t testing.TB) *Calendar {
	t.Helper()
	texts, err := locales.Load([]string{"en", "ru", "kk"}, locales.Product())
	if err != nil {
		t.Fatal(err)
	}
	return New(texts)
}

func shown(r Range) string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format("2006-01-02 15:04")
	}
	return at(r.From) + " / " + at(r.To)
}

func TestD22StretchesOfTimeAreReadInThreeLanguages(t *testing.T) {
	c := calendar(t)
	day := func(a, b string) string { return a + " 00:00 / " + b + " 00:00" }
	for _, list := range []struct {
		sense Sense
		want  map[string]string
	}{
		{Past, map[string]string{
			"сегодня": day("2026-11-25", "2026-11-26"), "вчера": day("2026-11-24", "2026-11-25"), "позавчера": day("2026-11-23", "2026-11-24"), "кеше": day("2026-11-24", "2026-11-25"),
			"the day before yesterday": day("2026-11-23", "2026-11-24"), "в пятницу": day("2026-11-20", "2026-11-21"), "в среду": day("2026-11-25", "2026-11-26"), "last wednesday": day("2026-11-18", "2026-11-19"),
			"прошлая пятница": day("2026-11-20", "2026-11-21"), "3 мая": day("2026-05-03", "2026-05-04"), "03.05": day("2026-05-03", "2026-05-04"), "25.12": day("2025-12-25", "2025-12-26"),
			"03.05.2024": day("2024-05-03", "2024-05-04"), "2026-05-03": day("2026-05-03", "2026-05-04"), "3d": "2026-11-22 12:00 / ", "3д": "2026-11-22 12:00 / ", "3к": "2026-11-22 12:00 / ",
			"3 күн": "2026-11-22 12:00 / ", "2 недели": "2026-11-11 12:00 / ", "две недели": "2026-11-11 12:00 / ", "за последние 3 дня": "2026-11-22 12:00 / ", "last 3 days": "2026-11-22 12:00 / ",
			"на этой неделе": day("2026-11-23", "2026-11-30"), "this week": day("2026-11-23", "2026-11-30"), "осы апта": day("2026-11-23", "2026-11-30"), "last week": day("2026-11-16", "2026-11-23"),
			"за прошлую неделю": day("2026-11-16", "2026-11-23"), "last month": day("2026-10-01", "2026-11-01"), "в прошлом месяце": day("2026-10-01", "2026-11-01"), "this year": day("2026-01-01", "2027-01-01"),
			"за неделю": "2026-11-18 12:00 / ", "неделя": day("2026-11-23", "2026-11-30"), "за вчера": day("2026-11-24", "2026-11-25"), "май": day("2026-05-01", "2026-06-01"), "в декабре": day("2025-12-01", "2026-01-01"),
			"май 2024": day("2024-05-01", "2024-06-01"), "за май 2024 года": day("2024-05-01", "2024-06-01"), "2024": day("2024-01-01", "2025-01-01"), "2024 год": day("2024-01-01", "2025-01-01"),
			"с понедельника": "2026-11-23 00:00 / ", "since monday": "2026-11-23 00:00 / ", "дүйсенбіден бастап": "2026-11-23 00:00 / ", "дүйсенбіден": "2026-11-23 00:00 / ", "до пятницы": " / 2026-11-21 00:00",
			"01.05-10.05": day("2026-05-01", "2026-05-11"), "01.05..10.05": day("2026-05-01", "2026-05-11"), "1 мая – 10 мая": day("2026-05-01", "2026-05-11"), "3-5 мая": day("2026-05-03", "2026-05-06"),
			"с 1 по 10 мая": day("2026-05-01", "2026-05-11"), "from May 1 to May 10": day("2026-05-01", "2026-05-11"), "1 мамырдан 10 мамырға дейін": day("2026-05-01", "2026-05-11"), "01.05-нан 10.05-ке дейін": day("2026-05-01", "2026-05-11"),
			"25.12-10.01": day("2025-12-25", "2026-01-11"), "25.12-10.01.2025": day("2024-12-25", "2025-01-11"), "01.05-10.05.2020": day("2020-05-01", "2020-05-11"), "2026-05-03 - 2026-05-10": day("2026-05-03", "2026-05-11"), "2026-05-03..": "2026-05-03 00:00 / ", "<03.05.2026": " / 2026-05-03 00:00", ">03.05.2026": "2026-05-04 00:00 / ",
			"до 3 мая": " / 2026-05-04 00:00", "before 3 May": " / 2026-05-03 00:00", "после 3 мая": "2026-05-04 00:00 / ", "2 дня назад": day("2026-11-23", "2026-11-24"), "2 weeks ago": day("2026-11-11", "2026-11-12"),
			"3 күн бұрын": day("2026-11-22", "2026-11-23"), "<3d": "2026-11-22 12:00 / ", ">3d": " / 2026-11-22 12:00", "вчера с 10 до 12": "2026-11-24 10:00 / 2026-11-24 12:00", "вчера 10:00-12:30": "2026-11-24 10:00 / 2026-11-24 12:30",
			"вчера в 10": "2026-11-24 10:00 / 2026-11-24 11:00", "с пн по пт": day("2026-11-23", "2026-11-28"), "месяц назад": day("2026-10-25", "2026-10-26"), "эта_неделя": day("2026-11-23", "2026-11-30"), "с начала": "",
		}},
		{Ahead, map[string]string{
			"завтра": day("2026-11-26", "2026-11-27"), "послезавтра": day("2026-11-27", "2026-11-28"), "бүрсігүні": day("2026-11-27", "2026-11-28"), "в пятницу": day("2026-11-27", "2026-11-28"), "среда": day("2026-11-25", "2026-11-26"),
			"до пятницы": " / 2026-11-28 00:00", "by friday": " / 2026-11-28 00:00", "жұмаға дейін": " / 2026-11-28 00:00", "по пятницу": " / 2026-11-28 00:00", "before friday": " / 2026-11-27 00:00", "жұмадан кейін": "2026-11-28 00:00 / ",
			"3d": "2026-11-25 12:00 / 2026-11-28 12:00", "<3d": " / 2026-11-28 12:00", "до 3 дней": " / 2026-11-28 12:00", "завтра в 10": "2026-11-26 10:00 / 2026-11-26 11:00", "завтра 10-12": "2026-11-26 10:00 / 2026-11-26 12:00",
			"10:00": "2026-11-25 10:00 / 2026-11-25 11:00", "3 мая": day("2027-05-03", "2027-05-04"), "через 3 дня": day("2026-11-28", "2026-11-29"), "in 2 hours": "2026-11-25 14:00 / 2026-11-25 15:00", "на следующей неделе": day("2026-11-30", "2026-12-07"),
			"завтра до 10:00": "", "завтра до": "", "дейін жұма": "", "до 10:00": " / 2026-11-25 10:00", "next month": day("2026-12-01", "2027-01-01"), "ертеңге дейін": " / 2026-11-27 00:00",
		}},
	} {
		for text, want := range list.want {
			s, m := c.Span(text)
			r := Range{}
			if m == 0 {
				r, m = s.Range(noon, list.sense)
			}
			if want == "" {
				if m == 0 {
					t.Errorf("%q was taken as %s", text, shown(r))
				}
				continue
			}
			if m != 0 || shown(r) != want {
				t.Errorf("%q became %s (mistake %d), want %s", text, shown(r), m, want)
			}
		}
	}
}

func TestD22WhatIsNoDateIsToldApart(t *testing.T) {
	c := calendar(t)
	for text, want := range map[string]Mistake{
		"31.02": NoSuchDay, "30 февраля": NoSuchDay, "31.02..10.03": NoSuchDay, "до 31.04": NoSuchDay, "вчера в 25": NoSuchTime, "10:75": NoSuchTime, "10.05.2020..01.05.2020": Backwards, "10.05.2020-01.05.2020": Backwards, "пятница, 24.11.2026": WrongWeekday,
		"": Unreadable, "5": Unreadable, "кофе": Unreadable, "..": Unreadable, "<": Unreadable, "до": Unreadable, "с по": Unreadable, "прошлый": Unreadable, "3": Unreadable, "0 дней": Unreadable, "99999999999 дней": NoSuchTime,
	} {
		s, m := c.Span(text)
		if m == 0 {
			_, m = s.Range(noon, Past)
		}
		if m != want {
			t.Errorf("%q: mistake %d, want %d", text, m, want)
		}
	}
}

func TestD22RangesAreSaidInWords(t *testing.T) {
	c := calendar(t)
	for text, want := range map[string][3]string{
		"вчера":               {"вчера, 24 ноября", "yesterday, 24 November", "кеше, 24 қараша"},
		"на этой неделе":      {"с 23 ноября по 29 ноября", "23 November to 29 November", "23 қараша – 29 қараша"},
		"с 20.11":             {"с 20 ноября", "from 20 November", "20 қараша және одан кейін"},
		"до 20.11":            {"по 20 ноября включительно", "up to and including 20 November", "20 қараша және одан бұрын"},
		"вчера с 10 до 12":    {"вчера, 24 ноября, 10:00–12:00", "yesterday, 24 November, 10:00–12:00", "кеше, 24 қараша, 10:00–12:00"},
		"25.12.2025-10.01.26": {"с 25 декабря 2025 по 10 января", "25 December 2025 to 10 January", "25 желтоқсан 2025 – 10 қаңтар"},
	} {
		s, m := c.Span(text)
		if m != 0 {
			t.Fatalf("%q: mistake %d", text, m)
		}
		r, _ := s.Range(noon, Past)
		for i, lang := range []string{"ru", "en", "kk"} {
			if got := c.Say(lang, noon, r); got != want[i] {
				t.Errorf("%q in %s: %q, want %q", text, lang, got, want[i])
			}
		}
	}
}

func TestD22DaysKeepTheirMidnightsWhereClocksJump(t *testing.T) {
	c := calendar(t)
	for name, at := range map[string]time.Time{
		"America/Sao_Paulo": time.Date(2018, 11, 4, 12, 0, 0, 0, zone("America/Sao_Paulo")), // no midnight that day
		"Europe/Berlin":     time.Date(2026, 10, 25, 12, 0, 0, 0, zone("Europe/Berlin")),    // 25 hours
		"Asia/Almaty":       time.Date(2024, 3, 1, 12, 0, 0, 0, zone("Asia/Almaty")),        // the offset changes
	} {
		s, _ := c.Span("сегодня")
		r, m := s.Range(at, Past)
		if m != 0 || r.From.Day() != at.Day() || r.To.Day() != at.AddDate(0, 0, 1).Day() || !midnight(r.From) || !midnight(r.To) {
			t.Errorf("%s: %s", name, shown(r))
		}
		if got := c.Say("en", at, r); got[:6] != "today," {
			t.Errorf("%s: said as %q", name, got)
		}
	}
}

// check wants that a text is either no date or a range that is written, read again and said.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *Calendar, text string) {
	t.Helper()
	s, m := c.Span(text)
	if m != 0 {
		return
	}
	for _, sense := range []Sense{Plain, Past, Ahead} {
		r, m := s.Range(noon, sense)
		if m != 0 {
			continue
		}
		for _, lang := range []string{"ru", "en", "kk"} {
			short := c.Write(lang, s)
			again, mistake := c.Span(short)
			if mistake != 0 {
				t.Fatalf("%q was written as %q, which is no date (%d)", text, short, mistake)
			}
			same, mistake := again.Range(noon, sense)
			if mistake != 0 || !same.From.Equal(r.From) || !same.To.Equal(r.To) {
				t.Fatalf("%q is %s; written as %q it is %s (%d)", text, shown(r), short, shown(same), mistake)
			}
			if c.Say(lang, noon, r) == "" {
				t.Fatalf("%q can't be said", text)
			}
		}
		if !r.From.IsZero() && !r.To.IsZero() && !r.To.After(r.From) {
			t.Fatalf("%q is %s", text, shown(r))
		}
	}
}

func TestWhatIsWrittenIsReadTheSame(t *testing.T) {
	c := calendar(t)
	words := rapid.SampledFrom([]string{"с", "до", "по", "сегодня", "завтра", "вчера", "пятница", "в", "прошлая", "неделя", "месяц", "год", "эта", "3", "10", "2026", "мая", "май", "назад", "через", "дня", "d", "last", "next", "week",
		"since", "until", "before", "after", "10:00", "03.05", "31.02", "2026-05-03", "-", "..", "<", ">=", "за", "дейін", "жұмаға", "бұрын", "кейін", "күн", "сағат", "2", "две", "апта", "ай", "осы", "полчаса", "утра", "в полдень", "г"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(1, 5).Draw(t, "n") {
			text += words.Draw(t, "word") + rapid.SampledFrom([]string{" ", " ", " ", ""}).Draw(t, "gap")
		}
		check(t, c, text)
	})
}

func FuzzDates(f *testing.F) {
	for _, seed := range []string{"сегодня", "до пятницы", "жұмаға дейін", "01.05-10.05", "3d", "last month", "завтра 10-12", "с 1 по 10 мая", "31.02", "2026-05-03..", "<3д", "\xff10:00", "1 мамырдан 10 мамырға дейін", "99:99-88", "месяц назад 10:00"} {
		f.Add(seed)
	}
	c := calendar(f)
	f.Fuzz(func(t *testing.T, text string) { check(t, c, text) })
}

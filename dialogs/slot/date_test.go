package slot

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestD22DatesAreReadInTheZoneOfThePerson(t *testing.T) {
	spec := Spec{Type: "datetime", Now: moment, Lang: "ru", Future: true} // Friday, 15 May 2026, 12:00
	for text, want := range map[string]string{
		"завтра в 10": "2026-05-16 10:00", "завтра в 10:30": "2026-05-16 10:30", "завтра в 10.30": "2026-05-16 10:30", "Послезавтра, 9:00": "2026-05-17 09:00", "в пятницу в 18:00": "2026-05-15 18:00",
		"в пятницу в 9": "2026-05-22 09:00", "понедельник 15:00": "2026-05-18 15:00", "31.12 18:30": "2026-12-31 18:30", "31.12.2026 в 18:30": "2026-12-31 18:30", "2026-12-31 18:30": "2026-12-31 18:30",
		"15 мая в 13": "2026-05-15 13:00", "14 мая в 10": "2027-05-14 10:00", "10:00": "2026-05-16 10:00", "13:00": "2026-05-15 13:00", "в 13": "2026-05-15 13:00", "через 2 часа": "2026-05-15 14:00",
		"через час": "2026-05-15 13:00", "через полчаса": "2026-05-15 12:30", "через 2 часа 30 минут": "2026-05-15 14:30", "через 2 дня в 10": "2026-05-17 10:00", "через неделю в 9:00": "2026-05-22 09:00",
		"завтра в 3 дня": "2026-05-16 15:00", "завтра в 7 вечера": "2026-05-16 19:00", "завтра в 9 утра": "2026-05-16 09:00", "в субботу в полдень": "2026-05-16 12:00", "через два часа": "2026-05-15 14:00",
		"tomorrow at 10": "2026-05-16 10:00", "tomorrow 3pm": "2026-05-16 15:00", "tomorrow at 3 p.m.": "2026-05-16 15:00", "May 20 at 9:15": "2026-05-20 09:15", "20 May, 09:15": "2026-05-20 09:15", "in 2 hours": "2026-05-15 14:00",
		"the day after tomorrow at noon": "2026-05-17 12:00", "on monday 10am": "2026-05-18 10:00", "in half an hour": "2026-05-15 12:30", "tomorrow at 8 in the evening": "2026-05-16 20:00",
		"ертең сағат 10": "2026-05-16 10:00", "ертең 10:00": "2026-05-16 10:00", "бүрсігүні 15:00": "2026-05-17 15:00", "2 сағаттан кейін": "2026-05-15 14:00", "жұмада 18:00": "2026-05-15 18:00", "20 мамыр 9:00": "2026-05-20 09:00",
		"ертең түстен кейін 3": "2026-05-16 15:00", "завтра в 15-00": "2026-05-16 15:00", "15.00": "2026-05-15 15:00", "завтра, 16 мая, 10:00": "2026-05-16 10:00", "суббота, 16 мая, 10:00": "2026-05-16 10:00",
		"٢٠.٠٥ 10:00": "2026-05-20 10:00", "29 февраля 2028 в 10": "2028-02-29 10:00", "завтра 10 30": "2026-05-16 10:30", "завтра в 12 ночи": "2026-05-16 00:00", "завтра в 11 ночи": "2026-05-16 23:00",
	} {
		v, w := Parse(spec, Given{Text: text})
		if got := v.Time.In(moment.Location()).Format("2006-01-02 15:04"); w != nil || got != want {
			t.Errorf("%q became %s, %v; want %s", text, got, w, want)
		}
	}
	for text, want := range map[string]string{
		"31.02": "slot.date_missing", "31.02 в 10": "slot.date_missing", "30 февраля в 10": "slot.date_missing", "15.13.2026 10:00": "slot.date_missing", "вчера в 10": "slot.date_past", "15 мая в 10": "slot.date_past",
		"сегодня в 10": "slot.date_past", "15.05.2020 10:00": "slot.date_past", "завтра": "slot.time_wanted", "завтра утром": "slot.time_wanted", "15 мая": "slot.time_wanted", "завтра в 25": "slot.time_wrong",
		"завтра в 10:75": "slot.time_wrong", "когда-нибудь": "slot.date_wrong", "": "slot.date_wrong", "завтра в 10 в 11": "slot.date_wrong", "завтра послезавтра в 10": "slot.date_wrong", "10:300": "slot.date_wrong",
		"среда, 16 мая, 10:00": "slot.date_weekday", "завтра, 17 мая, 10:00": "slot.date_wrong", "01.01.2099 10:00": "slot.date_far", "мая в 10": "slot.date_wrong", "через": "slot.date_wrong", "15.05.202 10:00": "slot.date_wrong",
		"99999999999999999999": "slot.time_wrong", "через 99999999999999 часов": "slot.date_wrong", "31.04": "slot.date_missing",
	} {
		if v, w := Parse(spec, Given{Text: text}); w == nil || w.Key != want {
			t.Errorf("%q became %v, %v; want %s", text, v.Time, w, want)
		}
	}
}

func TestD22DaysWithoutTime(t *testing.T) {
	spec := Spec{Type: "date", Now: moment, Lang: "en"}
	for text, want := range map[string]string{
		"today": "2026-05-15", "yesterday": "2026-05-14", "12.04.1990": "1990-04-12", "1990-04-12": "1990-04-12", "12 апреля 1990 года": "1990-04-12", "12/04/90": "2090-04-12", "15 мая": "2026-05-15", "1 января": "2026-01-01",
		"в пятницу": "2026-05-22", "четверг": "2026-05-21", "April 12, 1990": "1990-04-12", "15-го мая": "2026-05-15", "May 15th": "2026-05-15", "завтра в 10": "2026-05-16", "через 3 дня": "2026-05-18", "in a week": "",
		"31.02.2026": "", "29.02.2026": "", "10:00": "", "15": "", "00.00.0000": "", "12.04.1500": "",
	} {
		v, w := Parse(spec, Given{Text: text})
		if want == "" {
			if w == nil {
				t.Errorf("%q was taken as %v", text, v.Time)
			}
			continue
		}
		if got := v.Time.Format("2006-01-02 15:04"); w != nil || got != want+" 00:00" {
			t.Errorf("%q became %s, %v; want %s", text, got, w, want)
		}
	}
}

func TestD22DatesAreSaidInWords(t *testing.T) {
	for lang, want := range map[string][]string{
		"ru": {"завтра, 16 мая, 10:00", "понедельник, 18 мая, 09:05", "пятница, 1 января 2027, 00:00"},
		"en": {"tomorrow, 16 May, 10:00", "Monday, 18 May, 09:05", "Friday, 1 January 2027, 00:00"},
		"kk": {"ертең, 16 мамыр, 10:00", "дүйсенбі, 18 мамыр, 09:05", "жұма, 1 қаңтар 2027, 00:00"},
	} {
		for i, at := range []time.Time{time.Date(2026, 5, 16, 5, 0, 0, 0, time.UTC), time.Date(2026, 5, 18, 9, 5, 0, 0, almaty()), time.Date(2027, 1, 1, 0, 0, 0, 0, almaty())} {
			if got := Show(Spec{Type: "datetime", Now: moment, Lang: lang}, Value{Time: at}); got != want[i] {
				t.Errorf("%s: %q, want %q", lang, got, want[i])
			}
		}
	}
}

func TestD22TenOClockNearMidnightAndClocksThatJump(t *testing.T) {
	late := time.Date(2026, 5, 15, 23, 58, 0, 0, almaty())
	v, w := Parse(Spec{Type: "datetime", Now: late, Future: true}, Given{Text: "10:00"})
	if w != nil || !v.Time.Equal(time.Date(2026, 5, 16, 10, 0, 0, 0, almaty())) {
		t.Errorf("%v, %v", v.Time, w)
	}
	if v, _ := Parse(Spec{Type: "datetime", Now: late, Future: true}, Given{Text: "23:59"}); v.Time.Day() != 15 {
		t.Errorf("one minute ahead became %v", v.Time)
	}
	cairo, err := time.LoadLocation("Africa/Cairo") // midnight of 24 April 2026 doesn't exist there
	if err != nil {
		t.Fatal(err)
	}
	v, w = Parse(Spec{Type: "date", Now: time.Date(2026, 4, 20, 12, 0, 0, 0, cairo)}, Given{Text: "24.04"})
	if w != nil || v.Time.Day() != 24 {
		t.Errorf("a day without midnight became %v, %v", v.Time, w)
	}
}

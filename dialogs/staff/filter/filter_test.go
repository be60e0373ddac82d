package filter_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/staff/filter"
)

func book(t testing.TB, name string) *filter.Book {
	t.Helper()
	files, err := kits.FS(name)
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return filter.NewBook(kit)
}

// world is Wednesday, 25 November 2026, noon in Almaty.
func world(t testing.TB, kit, lang string) filter.World {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	return filter.World{
		Book: book(t, kit), Me: 7, Now: time.Date(2026, 11, 25, 12, 0, 0, 0, zone), Lang: lang, Command: "my",
		Employees: []filter.Named{{ID: 7, Name: "Ева Ким"}, {ID: 8, Name: "Иван Петров"}, {ID: 9, Name: "Иван Сидоров"}, {ID: 10, Name: "Асқар Нұрланов"}, {ID: 11, Name: "Мария"}},
		Crews:     []filter.Named{{ID: 3, Name: "Север"}, {ID: 4, Name: "Юг 2"}},
	}
}

// shown is a condition in one line: what it is about and its values.
func shown(c crm.Condition) string {
	values := fmt.Sprint(c.Words)
	switch {
	case len(c.Stages) > 0:
		values = fmt.Sprint(c.Stages)
	case len(c.IDs) > 0:
		values = fmt.Sprint(c.IDs)
	case c.Least != nil || c.Most != nil:
		values = bound(c.Least) + ".." + bound(c.Most)
	case !c.From.IsZero() || !c.To.IsZero():
		values = at(c.From) + ".." + at(c.To)
	}
	text := string(c.Key) + c.Field + values
	if c.Not {
		text = "not " + text
	}
	return text
}

func bound(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%.4g", *v)
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strings.TrimSuffix(t.Format("02.01.06 15:04"), " 00:00")
}

func conditions(f crm.Filter) string {
	var all []string
	for _, c := range f.Conditions {
		all = append(all, shown(c))
	}
	if f.Sort != "" {
		all = append(all, strings.TrimSuffix(fmt.Sprintf("sort %s %v", f.Sort, f.Desc), " false"))
	}
	return strings.Join(all, "; ")
}

func TestFiltersAreReadInThreeLanguages(t *testing.T) {
	w := world(t, "vending", "ru")
	fresh := conditions(mustParse(t, "new", w))
	work := conditions(mustParse(t, "этап:в_работе", w))
	for text, want := range map[string]string{
		"": "", `кофе "кофе"`: "any[кофе]", "new": fresh, "новые": fresh, "Жаңа": fresh, "НОВЫЕ!": fresh, "today": "day[]", "сегодня": "day", "бүгін": "day",
		"overdue": "due..25.11.26 12:00", "просроченные": "due..25.11.26 12:00", "мерзімі өткен": "due..25.11.26 12:00", "free": "owner[0]", "свободные": "owner[0]", "без ответственного": "owner[0]", "бос": "owner[0]",
		"mine": "owner[7]", "мои": "owner[7]", "кому:я": "owner[7]", "owner:me": "owner[7]", "жауапты:мен": "owner[7]", "-owner:me": "not owner[7]", "owner:-me": "not owner[7]", "!мои": "not owner[7]", "не мои": "not owner[7]",
		"все": "status[open won lost]", "closed": "status[won lost]", "открытые": "status[open]", "won": "status[won]", "status:open,won": "status[open won]", "күй:жабық": "status[won lost]",
		"город:Алматы": "city[Алматы]", "city:almaty": "city[Алматы]", "қала:алматы": "city[Алматы]", "город : Алматы": "city[Алматы]", "город：Алматы": "city[Алматы]", "город=Алматы": "city[Алматы]", "Алматы": "city[Алматы]", "в Алматы": "city[Алматы]",
		"город:«нижний новгород»": "city[Нижний Новгород]", "город:Нижний Новгород новые": "city[Нижний Новгород]; " + fresh, "город:нижний_новгород": "city[Нижний Новгород]", "city:moscow,спб": "city[Москва Санкт-Петербург]", "город:Санкт-Петербург": "city[Санкт-Петербург]",
		"город:Алматы, Астана кофе": "city[Алматы Астана]; any[кофе]", "-город:Алматы": "not city[Алматы]", "кроме Алматы": "not city[Алматы]", "не город:Алматы": "not city[Алматы]", "город:екат": "city[Екатеринбург]",
		"статус:в_работе": work, "статус:в работе": work, "stage:in_work": work, "в работе": work, "STAGE:In-Work": work,
		"этап:ремонт": "", "воронка:техники": "pipeline[technicians]", "pipeline:technicians,operators": "pipeline[technicians operators]",
		"кому:Ивану": "", "кому:Петрову": "owner[8]", "owner:petrov": "owner[8]", "кому:Асқарға": "owner[10]", "кому:марии,Ева": "owner[11 7]", "кому:никому": "owner[0]", "owner:none": "owner[0]", "кому:#9": "owner[9]", "ответственный:Иван Сидоров": "owner[9]",
		"бригада:север": "crew[3]", "crew:Юг_2": "crew[4]", "Север": "crew[3]",
		"214": "any[214]", "214,215": "any[214 215]", "№5512": "any[5512]", "№ 5512": "any[5512]", "#5512": "number[5512]", "номер:5512, 5513": "number[5512 5513]", "M-214": "any[M-214 214]", "код:M-214": "code[214]",
		"A123BC77": "any[A123BC77]", "А123ВС77": "any[А123ВС77 A123BC77]", "код:А 123 ВС 77": "code[A123BC77]", "номер:214": "number[214]",
		"+77071234567": "phone[+77071234567]", "8 707 123 45 67": "phone[+77071234567]", "+7 (707) 123-45-67": "phone[+77071234567]", "87071234567": "phone[+77071234567]", "тел:4567": "phone[4567]", "phone:8 (707) 123 45 67 новые": "phone[+77071234567]; " + fresh, "+7707": "phone[+7707]",
		"кофе": "any[кофе]", "“кофе”": "any[кофе]", "«новые»": "any[новые]", "«Казань»": "any[Казань]", "'кофе с молоком'": "any[кофе с молоком]", "текст:кофе": "text[кофе]", `"a","b"`: "any[a b]", "кофе молоко": "any[кофе]; any[молоко]", "-кофе": "not any[кофе]", "не кофе": "any[кофе]", "оплата не прошла": "any[оплата]; any[прошла]", "Казань Москва": "city[Казань Москва]", "успешные, отказы": "status[won lost]", "визит завтра": "visit26.11.26..27.11.26", "автомат 214": "code[214]", "заявка 5512": "number[5512]", "город Казань": "city[Казань]", "старше недели": "created..18.11.26 12:00", "визит врача": "any[визит]; any[врача]", "покажи кофе": "any[кофе]",
		"имя:Иванов Иван новые": "name[Иванов Иван]; " + fresh, "адрес:Абая 10 новые": "address[Абая 10]; " + fresh, "источник:сайт": "source[сайт]",
		"older:3d": "created..22.11.26 12:00", "старше:3д": "created..22.11.26 12:00", "ескі:3к": "created..22.11.26 12:00", "newer:2 недели": "created11.11.26 12:00..", "стоит:неделю": "entered..18.11.26 12:00", "старше:недели": "created..18.11.26 12:00",
		"создана:вчера": "created24.11.26..25.11.26", "created:last week": "created16.11.26..23.11.26", "с:01.05 по:10.05": "created01.05.26..; created..11.05.26", "создана:01.05-10.05": "created01.05.26..11.05.26", "с понедельника": "created23.11.26..",
		"срок:до пятницы": "due..28.11.26", "мерзім:жұмаға дейін": "due..28.11.26", "до пятницы": "due..28.11.26", "visit:завтра 10-12": "visit26.11.26 10:00..26.11.26 12:00", "закрыта:прошлая_неделя": "closed16.11.26..23.11.26", "на этой неделе": "day23.11.26..30.11.26",
		"вчера": "day24.11.26..25.11.26", "3 мая": "day03.05.26..04.05.26", "завтра кофе": "day26.11.26..27.11.26; any[кофе]", "вчера город:Алматы": "day24.11.26..25.11.26; city[Алматы]", "срок:3д": "due25.11.26 12:00..28.11.26 12:00",
		"sort:due": "sort due", "сортировка:-срок": "sort due true", "реті:мерзім": "sort due", "-sort:due": "sort due true", "sort:срок наоборот": "sort due true", "новые sort:visit": fresh + "; sort visit",
		"что_случилось:деньги": "", "problem:money": "fieldproblem[money]", "problem:взял деньги": "", "format:микромаркет": "", "город:": "",
	} {
		if want == "" && text != "" {
			continue
		}
		f, p := filter.Parse(text, w)
		got := conditions(f)
		if p != nil {
			t.Errorf("%q: problem %s %v %q", text, p.Key, p.Args, p.Suggestion)
		} else if strings.HasPrefix(want, "day") && !strings.Contains(want, "..") {
			if got != "day25.11.26..26.11.26" {
				t.Errorf("%q became %q", text, got)
			}
		} else if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func mustParse(t testing.TB, text string, w filter.World) crm.Filter {
	t.Helper()
	f, p := filter.Parse(text, w)
	if p != nil {
		t.Fatalf("%q: problem %s %v", text, p.Key, p.Args)
	}
	return f
}

package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"govorun/crm"
	"govorun/crm/postgres"
)

// seed makes the company the same everywhere; another one would be another company.
const seed = 20260101

// words are a text in Russian and in English.
type words struct{ ru, en string }

// Machines returns the 3,000 machines, numbered through the cities.
func Machines() []postgres.AssetRow {
	random := rand.New(rand.NewPCG(seed, 1))
	rows := make([]postgres.AssetRow, 0, MachineCount)
	for _, c := range cities() {
		for i := range c.machines {
			crew := crewName(c.name, 1+i*c.crews()/c.machines) // neighbours by number are one crew's
			rows = append(rows, machine(random, c, strconv.Itoa(len(rows)+1), crew))
		}
	}
	return rows
}

func machine(random *rand.Rand, c city, code, crew string) postgres.AssetRow {
	kind, place := pick(random, kinds()), somewhere(random, c)
	if code == MachineCode {
		kind, place = kinds()[0], words{"БЦ «Москва», 3 этаж", "Moskva business centre, 3rd floor"}
	}
	currency := "RUB"
	if c.kazakhstan {
		currency = "KZT"
	}
	return postgres.AssetRow{
		Kind: "machine", Code: code, Name: &kind.ru, City: &c.name, Address: &place.ru, Crew: &crew,
		Fields: crm.Fields{"name_en": kind.en, "address_en": place.en, "city_en": c.english, "currency": currency},
	}
}

func kinds() []words {
	return []words{
		{"Кофейный автомат", "Coffee machine"}, {"Кофейный автомат", "Coffee machine"}, {"Кофейный автомат", "Coffee machine"},
		{"Снековый автомат", "Snack machine"}, {"Снековый автомат", "Snack machine"},
		{"Автомат с напитками", "Drinks machine"},
	}
}

// somewhere makes up a place in a city.
func somewhere(random *rand.Rand, c city) words {
	floor := 1 + random.IntN(5)
	inside := words{fmt.Sprintf("%d этаж", floor), fmt.Sprintf("%s floor", ordinal(floor))}
	if random.IntN(3) == 0 {
		inside = pick(random, corners())
	}
	names := russianNames()
	if c.kazakhstan {
		names = kazakhNames()
	}
	name, house := pick(random, names), 1+random.IntN(120)
	street := pick(random, streets(c.kazakhstan))
	switch random.IntN(10) {
	case 0, 1, 2:
		return words{fmt.Sprintf("БЦ «%s», %s", name.ru, inside.ru), fmt.Sprintf("%s business centre, %s", name.en, inside.en)}
	case 3, 4, 5:
		return words{fmt.Sprintf("ТРЦ «%s», %s", name.ru, inside.ru), fmt.Sprintf("%s mall, %s", name.en, inside.en)}
	case 6:
		hall := 1 + random.IntN(3)
		return words{fmt.Sprintf("вокзал, зал %d", hall), fmt.Sprintf("railway station, hall %d", hall)}
	case 7:
		clinic := 1 + random.IntN(30)
		return words{fmt.Sprintf("поликлиника № %d, %s", clinic, inside.ru), fmt.Sprintf("clinic No. %d, %s", clinic, inside.en)}
	case 8:
		return words{fmt.Sprintf("университет, %s, %d, %s", street.ru, house, inside.ru), fmt.Sprintf("university, %s %d, %s", street.en, house, inside.en)}
	}
	return words{fmt.Sprintf("%s, %d, проходная завода", street.ru, house), fmt.Sprintf("%s %d, factory gate", street.en, house)}
}

func corners() []words {
	return []words{
		{"у входа", "by the entrance"}, {"у лифтов", "by the lifts"}, {"холл", "hall"}, {"у касс", "by the tills"},
		{"у эскалатора", "by the escalator"}, {"фуд-корт", "food court"},
	}
}

func russianNames() []words {
	return []words{
		{"Москва", "Moskva"}, {"Аврора", "Avrora"}, {"Меридиан", "Meridian"}, {"Парус", "Parus"}, {"Нева", "Neva"}, {"Сфера", "Sfera"},
		{"Восток", "Vostok"}, {"Горизонт", "Gorizont"}, {"Алмаз", "Almaz"}, {"Кристалл", "Kristall"}, {"Европа", "Evropa"},
		{"Олимп", "Olimp"}, {"Столица", "Stolitsa"}, {"Мегаполис", "Megapolis"}, {"Планета", "Planeta"}, {"Радуга", "Raduga"},
	}
}

func kazakhNames() []words {
	return []words{
		{"Нұрлы Тау", "Nurly Tau"}, {"Алатау", "Alatau"}, {"Қазына", "Qazyna"}, {"Байтерек", "Baiterek"}, {"Мега", "Mega"},
		{"Керуен", "Keruen"}, {"Достық", "Dostyq"}, {"Есентай", "Esentai"}, {"Абай", "Abai"}, {"Сарыарқа", "Saryarqa"}, {"Жібек жолы", "Zhibek Zholy"},
	}
}

func streets(kazakhstan bool) []words {
	if kazakhstan {
		return []words{{"пр. Абая", "Abai Ave"}, {"ул. Сатпаева", "Satpaev St"}, {"пр. Назарбаева", "Nazarbayev Ave"}, {"ул. Қонаева", "Qonaev St"}, {"ул. Толе би", "Tole Bi St"}}
	}
	return []words{
		{"ул. Ленина", "Lenin St"}, {"пр. Мира", "Mira Ave"}, {"ул. Гагарина", "Gagarin St"}, {"Советская ул.", "Sovetskaya St"}, {"ул. Пушкина", "Pushkin St"},
		{"Заводская ул.", "Zavodskaya St"},
	}
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "1st"
	case 2:
		return "2nd"
	case 3:
		return "3rd"
	}
	return strconv.Itoa(n) + "th"
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

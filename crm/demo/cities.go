package demo

// city is a place with machines: its share of them, and what differs from country to country.
type city struct {
	name, english string
	machines      int
	kazakhstan    bool
}

// cities are real; how many machines each has is made up, and they sum up to MachineCount. Moscow comes first, because the
// numbers of machines are given out in this order and the story's machine stands there.
func cities() []city {
	return []city{
		{"Москва", "Moscow", 420, false},
		{"Санкт-Петербург", "Saint Petersburg", 300, false},
		{"Новосибирск", "Novosibirsk", 130, false},
		{"Екатеринбург", "Yekaterinburg", 130, false},
		{"Казань", "Kazan", 120, false},
		{"Нижний Новгород", "Nizhny Novgorod", 90, false},
		{"Челябинск", "Chelyabinsk", 80, false},
		{"Красноярск", "Krasnoyarsk", 80, false},
		{"Самара", "Samara", 80, false},
		{"Уфа", "Ufa", 80, false},
		{"Ростов-на-Дону", "Rostov-on-Don", 80, false},
		{"Омск", "Omsk", 70, false},
		{"Краснодар", "Krasnodar", 80, false},
		{"Воронеж", "Voronezh", 60, false},
		{"Пермь", "Perm", 60, false},
		{"Волгоград", "Volgograd", 50, false},
		{"Саратов", "Saratov", 40, false},
		{"Тюмень", "Tyumen", 50, false},
		{"Тольятти", "Tolyatti", 40, false},
		{"Ижевск", "Izhevsk", 40, false},
		{"Барнаул", "Barnaul", 35, false},
		{"Иркутск", "Irkutsk", 35, false},
		{"Хабаровск", "Khabarovsk", 35, false},
		{"Владивосток", "Vladivostok", 40, false},
		{"Ярославль", "Yaroslavl", 35, false},
		{"Алматы", "Almaty", 260, true},
		{"Астана", "Astana", 180, true},
		{"Шымкент", "Shymkent", 80, true},
		{"Караганда", "Karaganda", 60, true},
		{"Актобе", "Aktobe", 40, true},
		{"Павлодар", "Pavlodar", 30, true},
		{"Усть-Каменогорск", "Oskemen", 25, true},
		{"Атырау", "Atyrau", 25, true},
		{"Костанай", "Kostanay", 20, true},
		{"Тараз", "Taraz", 20, true},
	}
}

// crews is how many crews look after a city: about one for ninety machines.
func (c city) crews() int { return max(1, (c.machines+45)/90) }

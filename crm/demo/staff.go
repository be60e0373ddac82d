package demo

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"

	"govorun/crm/postgres"
)

// Staff returns the 138 employees: a head in every city, the departments that serve all cities, a technician for every crew, and
// an operator in each of the largest cities. Only the technician and the head of the simulator page have a Telegram id.
func Staff() []postgres.StaffRow {
	s := &staffing{random: rand.New(rand.NewPCG(seed, 2)), taken: map[[2]string]bool{}}
	people, all := People(), cities()
	technician, manager := people[1], people[2]
	story, crewOfStory := all[0].name, crewOf(MachineCode)
	s.hire(seat{manager.Name, roleManager, story, "", manager.ID})
	s.hire(seat{technician.Name, roleTechnician, story, crewOfStory, technician.ID})
	for _, c := range all[1:] {
		s.hire(seat{role: roleManager, city: c.name})
	}
	for _, d := range departments() {
		for range d.seats {
			s.hire(seat{role: d.role, city: d.city})
		}
	}
	for _, c := range all {
		for n := range c.crews() {
			if crew := crewName(c.name, n+1); crew != crewOfStory { // the technician of the story is its own
				s.hire(seat{role: roleTechnician, city: c.name, crew: crew})
			}
		}
	}
	bySize := slices.SortedStableFunc(slices.Values(all), func(a, b city) int { return cmp.Compare(b.machines, a.machines) })
	for i := 0; len(s.rows) < SeatCount; i++ {
		s.hire(seat{role: roleOperator, city: bySize[i%len(bySize)].name})
	}
	return s.rows
}

// department is a part of the company that serves every city from one.
type department struct {
	role, city string
	seats      int
}

func departments() []department {
	return []department{
		{roleCallCentre, "Москва", 5}, {roleCallCentre, "Алматы", 3},
		{roleCompensation, "Москва", 2}, {roleCompensation, "Алматы", 1},
		{roleSales, "Москва", 3}, {roleSales, "Санкт-Петербург", 2}, {roleSales, "Алматы", 3},
		{roleDirector, "Москва", 1}, {roleAccountant, "Москва", 1},
		{rolePreparation, "Москва", 3}, {rolePreparation, "Алматы", 2},
		{roleInstaller, "Москва", 2}, {roleInstaller, "Санкт-Петербург", 1}, {roleInstaller, "Новосибирск", 1},
		{roleInstaller, "Екатеринбург", 1}, {roleInstaller, "Алматы", 2},
	}
}

// crewOf finds the crew of a machine.
func crewOf(code string) string {
	machines := Machines()
	at := slices.IndexFunc(machines, func(m postgres.AssetRow) bool { return m.Code == code })
	return *machines[at].Crew
}

// seat is a place in the company. Without a name somebody is made up for it; telegram is zero when nobody can be reached there.
type seat struct {
	name, role, city, crew string
	telegram               int64
}

// staffing hires people under names that are not taken in their city.
type staffing struct {
	random *rand.Rand
	taken  map[[2]string]bool
	rows   []postgres.StaffRow
}

func (s *staffing) hire(p seat) {
	for p.name == "" || s.taken[[2]string{p.name, p.city}] {
		p.name = somebody(s.random)
	}
	s.taken[[2]string{p.name, p.city}] = true
	row := postgres.StaffRow{Name: p.name, Role: p.role, City: p.city, Crew: &p.crew}
	row.Phone = Phone(len(s.rows))
	if p.role == roleTechnician {
		Visiting(&row)
		row.Skills = nil // told once, with the other abilities
	}
	if p.telegram > 0 {
		row.Address = strconv.FormatInt(p.telegram, 10)
	}
	s.rows = append(s.rows, row)
}

// somebody makes up a name.
func somebody(random *rand.Rand) string {
	switch random.IntN(4) {
	case 0:
		return pick(random, []string{"Ерлан", "Нурлан", "Данияр", "Бауыржан", "Асхат", "Серік"}) + " " +
			pick(random, []string{"Ахметов", "Оспанов", "Жумабаев", "Сейтқали", "Қайратов", "Ибраев"})
	case 1:
		return pick(random, []string{"Анна", "Ольга", "Марина", "Светлана", "Гүлнар", "Айжан"}) + " " +
			pick(random, []string{"Соколова", "Морозова", "Волкова", "Оспанова", "Лебедева", "Ахметова"})
	}
	return pick(random, []string{"Алексей", "Сергей", "Дмитрий", "Павел", "Олег", "Тимур", "Максим", "Роман"}) + " " +
		pick(random, []string{"Смирнов", "Кузнецов", "Попов", "Соколов", "Морозов", "Волков", "Ким", "Галиев"})
}

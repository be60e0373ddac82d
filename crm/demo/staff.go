package demo

import (
	"math/rand/v2"
	"slices"
	"strconv"

	"govorun/crm/postgres"
)

// Staff returns the 138 employees: two managers for each of the largest cities and one for every other, the rest technicians,
// shared out among the crews. Only the technician and the manager of the simulator page have a Telegram id.
func Staff() []postgres.StaffRow {
	s := &staffing{random: rand.New(rand.NewPCG(seed, 2)), taken: map[[2]string]bool{}}
	people := People()
	technician, manager := people[1], people[2]
	all, crewOfStory := cities(), crewOf(MachineCode)
	s.hire(manager.Name, roleManager, all[0].name, "", manager.ID)
	s.hire(technician.Name, roleTechnician, all[0].name, crewOfStory, technician.ID)
	var crews [][2]string // city and crew
	for _, c := range all {
		managers := 1
		if c.machines >= 250 {
			managers = 2
		}
		if c.name == all[0].name {
			managers--
		}
		for range managers {
			s.hire("", roleManager, c.name, "", 0)
		}
		for n := range c.crews() {
			crews = append(crews, [2]string{c.name, crewName(c.name, n+1)})
		}
	}
	for i := 0; len(s.rows) < SeatCount; i++ {
		crew := crews[i%len(crews)]
		if i < len(crews) && crew[1] == crewOfStory {
			continue // the technician of the story is its first
		}
		s.hire("", roleTechnician, crew[0], crew[1], 0)
	}
	return s.rows
}

// crewOf finds the crew of a machine.
func crewOf(code string) string {
	machines := Machines()
	at := slices.IndexFunc(machines, func(m postgres.AssetRow) bool { return m.Code == code })
	return *machines[at].Crew
}

// staffing hires people under names that are not taken in their city.
type staffing struct {
	random *rand.Rand
	taken  map[[2]string]bool
	rows   []postgres.StaffRow
}

func (s *staffing) hire(name, role, city, crew string, telegram int64) {
	for name == "" || s.taken[[2]string{name, city}] {
		name = somebody(s.random)
	}
	s.taken[[2]string{name, city}] = true
	row := postgres.StaffRow{Name: name, Role: role, City: city, Crew: &crew}
	if telegram > 0 {
		row.Address = strconv.FormatInt(telegram, 10)
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

package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// The second company: a partner of a ride-hailing service in 16 cities of Kazakhstan, the business of the taxi kit.

// KnownDriverID is the Telegram id of a driver of the simulator page who was with the company before and owes it KnownDebt tenge.
const (
	KnownDriverID   = 1002
	KnownDriverName = "Ержан Оспанов"
	KnownDebt       = 12500
)

// taxiContacts is how many drivers the company knows from before, and costDays for how long it knows what its advertisements cost.
const (
	taxiContacts = 400
	costDays     = 30
)

// taxiCity is a city with how many managers it has; the large ones have an office.
type taxiCity struct {
	name     string
	managers int
	office   bool
}

func taxiCities() []taxiCity {
	cities := []taxiCity{{"Алматы", 4, true}, {"Астана", 3, true}, {"Шымкент", 2, true}}
	for _, name := range []string{"Караганда", "Актобе", "Тараз", "Павлодар", "Усть-Каменогорск", "Семей", "Атырау", "Костанай", "Кызылорда", "Уральск",
		"Петропавловск", "Актау", "Туркестан"} {
		cities = append(cities, taxiCity{name, 1, false})
	}
	return cities
}

// TaxiStaff returns who works for the taxi company: managers in every city, an office in the three largest, and the departments that serve all.
func TaxiStaff() []postgres.StaffRow {
	s := &staffing{random: rand.New(rand.NewPCG(seed, 3)), taken: map[[2]string]bool{}}
	for _, c := range taxiCities() {
		for range c.managers {
			s.hire(seat{role: "manager", city: c.name})
		}
		if c.office {
			s.hire(seat{role: "office", city: c.name})
			s.hire(seat{role: "support", city: c.name})
		}
	}
	for _, role := range []string{"accountant", "accountant", "director", "head"} {
		s.hire(seat{role: role, city: "Алматы"})
	}
	return s.rows
}

// TaxiContacts returns drivers from earlier lists: ours with what they owe, and those of other partners. known is the number of the driver
// of the simulator page; at is when the balances were taken.
func TaxiContacts(known string, at time.Time) []postgres.ContactImport {
	random := rand.New(rand.NewPCG(seed, 4))
	day := at.UTC().Format(time.RFC3339)
	rows := []postgres.ContactImport{{Name: KnownDriverName, Phone: known,
		Fields: crm.Fields{"city": "Алматы", "known": true, "balance": -float64(KnownDebt), "balance_at": day}}}
	cities := taxiCities()
	for i := range taxiContacts {
		fields := crm.Fields{"city": cities[random.IntN(len(cities))].name}
		switch random.IntN(5) {
		case 0:
			fields["partner"] = pick(random, []string{"Парк «Барыс»", "Парк «Тұлпар»", "Парк «Жол»"})
		case 1, 2:
			fields["known"], fields["balance"], fields["balance_at"] = true, float64(random.IntN(60)-30)*500, day
		}
		rows = append(rows, postgres.ContactImport{Name: somebody(random), Phone: "+7701" + fmt.Sprintf("%07d", 1000+i*37), Fields: fields})
	}
	return rows
}

// TaxiCosts returns what the advertisements have cost on each of the last days before a day, in hundredths of a tenge.
func TaxiCosts(before time.Time) (costs []postgres.SourceCost) {
	random := rand.New(rand.NewPCG(seed, 5))
	last := before.UTC().Truncate(24 * time.Hour)
	for n := range costDays {
		day := last.AddDate(0, 0, -n-1)
		costs = append(costs,
			postgres.SourceCost{Day: day, Source: "instagram", City: "Алматы", Code: "ig-almaty", Cost: int64(9000+random.IntN(4000)) * 100},
			postgres.SourceCost{Day: day, Source: "instagram", City: "Астана", Code: "ig-astana", Cost: int64(6000+random.IntN(3000)) * 100},
			postgres.SourceCost{Day: day, Source: "tiktok", Code: "tt", Cost: int64(4000+random.IntN(2500)) * 100})
	}
	return costs
}

// LoadTaxi stores the taxi company the way imports do. channel is the channel account of its people, known the number of the driver of the
// simulator page, now the day until which there are costs and balances. A second time changes nothing but those.
func LoadTaxi(ctx context.Context, db *postgres.DB, channel, known string, now time.Time) (postgres.ImportCounts, error) {
	staff, err := db.ImportStaff(ctx, channel, TaxiStaff(), postgres.ImportOptions{})
	if err != nil {
		return staff, fmt.Errorf("load demo staff of the taxi company: %w", err)
	}
	if _, err := db.ImportContacts(ctx, TaxiContacts(known, now), postgres.ImportOptions{}); err != nil {
		return staff, fmt.Errorf("load demo drivers: %w", err)
	}
	if _, err := db.ImportCosts(ctx, TaxiCosts(now), postgres.ImportOptions{}); err != nil {
		return staff, fmt.Errorf("load demo costs: %w", err)
	}
	return staff, nil
}

// TaxiKnownPhone is the number of the driver of the simulator page in E.164: its phones are numbered by Telegram ids.
func TaxiKnownPhone() string { return fmt.Sprintf("+7912%07d", KnownDriverID) }

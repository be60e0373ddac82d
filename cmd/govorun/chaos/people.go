package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
)

// The people of a company. Each lane plays one story after another with new customers; talkers write all the time, listers ask for lists.

// Numbers of staff on Telegram begin here, above those of customers.
const firstStaff = 900_000

// people lets everybody of a company act until ctx ends; stories that have begun go on to their end.
func (c *company) people(ctx context.Context) {
	lanes := map[string][]func() (story, error){
		"vending": {c.report, c.report},
		"isp":     {c.connect("Москва", false), c.connect("Новосибирск", true), c.support},
		"taxi":    {c.drive("Алматы", "almaty"), c.drive("Астана", "astana")},
	}[c.kit]
	for _, tell := range lanes {
		c.busy.Go(func() { c.lane(ctx, tell) })
	}
	if c.number != nil {
		for n := range 2 {
			c.busy.Go(func() { c.number.lane(ctx, n) })
		}
	}
	for range 2 {
		c.busy.Go(func() { c.talk(ctx) })
	}
	c.busy.Go(func() { c.list(ctx) })
}

// lane plays stories until the run is over.
func (c *company) lane(ctx context.Context, tell func() (story, error)) {
	for pause(ctx, time.Duration(c.chance(1500))*time.Millisecond) {
		s, err := tell()
		if err != nil { // the database is away: staff can't be hired now
			continue
		}
		c.live(ctx, s)
	}
}

// talk writes numbered words at an uneven pace; now and then several in one breath.
func (c *company) talk(ctx context.Context) {
	h := c.enter("Болтун", 0)
	c.mu.Lock()
	c.talkers = append(c.talkers, h)
	c.mu.Unlock()
	_ = h.act(simulator.Action{Do: "start"})
	for n := 1; pause(ctx, time.Duration(700+c.chance(2500))*time.Millisecond); n++ {
		breath := 1
		if c.chance(8) == 0 {
			breath = 3
		}
		for range breath {
			if err := h.act(simulator.Action{Do: "text", Text: fmt.Sprintf("%s %d", planted, n)}); err != nil {
				c.note("%v", err)
			}
			n++
		}
	}
}

// list lets the head ask for lists and waits for each answer.
func (c *company) list(ctx context.Context) {
	head := c.sim.Person(firstStaff)
	h := c.handOf(head.ID)
	for pause(ctx, time.Duration(2000+c.chance(3000))*time.Millisecond) {
		before := c.sim.LastID(h.Chat)
		ask := []string{"/deals", "/deals status:open", "/tasks", "/help"}[c.chance(4)]
		if err := h.act(simulator.Action{Do: "text", Text: ask}); err != nil {
			c.note("%v", err)
			continue
		}
		answer, cancel := context.WithTimeout(context.Background(), storyPatience)
		_, err := c.sim.WaitAfter(answer, h.Chat, before, func(simulator.Message) bool { return true })
		cancel()
		if err != nil {
			c.mu.Lock()
			c.tales = append(c.tales, Tale{Name: h.name, Story: "list", Chat: strconv.FormatInt(h.Chat, 10), Trouble: "no answer to " + ask})
			c.mu.Unlock()
		}
	}
}

func (c *company) handOf(id int64) *hand {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.hands {
		if h.ID == id {
			return h
		}
	}
	return nil
}

// hired is somebody to be hired.
type hired struct {
	name, role, city, crew string
	skills                 []string
}

// hire makes employees, who have pressed Start.
func (c *company) hire(ctx context.Context, list ...hired) (hands []*hand, err error) {
	var rows []postgres.StaffRow
	first := firstStaff + c.staffed(len(list))
	for i, one := range list {
		row := postgres.StaffRow{Name: one.name, Role: one.role, City: one.city, Address: strconv.Itoa(first + i), Skills: one.skills}
		if one.crew != "" {
			row.Crew = &one.crew
		}
		rows = append(rows, row)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := c.db.ImportStaff(ctx, "telegram", rows, postgres.ImportOptions{}); err != nil {
		return nil, err
	}
	if err := c.db.AllOnShift(ctx); err != nil {
		return nil, err
	}
	for i, one := range list {
		hands = append(hands, c.enter(one.name, int64(first+i)))
	}
	return hands, nil
}

// staffed reserves numbers for so many employees.
func (c *company) staffed(n int) (before int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before = c.employees
	c.employees += n
	return before
}

// staff hires who works in the company from the beginning. The first is the head.
func (c *company) staff(ctx context.Context) error {
	list := map[string][]hired{
		"vending": {{name: "Айгуль Серикова", role: "manager", city: "Москва"}, {name: "Жанна Ли", role: "compensation", city: "Москва"},
			{name: "Лена Цой", role: "call_centre", city: "Москва"}},
		"isp": {{name: "Вера Белова", role: "head", city: "Москва"}, {name: "Лида Ким", role: "call_centre", city: "Москва"},
			{name: "Ольга Цой", role: "manager", city: "Москва", skills: []string{"private"}}, {name: "Пётр Ли", role: "manager", city: "Новосибирск", skills: []string{"private"}}},
		"taxi": {{name: "Олжас Ким", role: "head", city: "Алматы"}, {name: "Вера Белова", role: "accountant", city: "Алматы"}, {name: "Марат Ибраев", role: "director", city: "Алматы"},
			{name: "Айгуль Серикова", role: "manager", city: "Алматы"}, {name: "Динара Ли", role: "manager", city: "Астана"},
			{name: "Дана Оспанова", role: "office", city: "Алматы"}, {name: "Самал Ким", role: "office", city: "Астана"}},
	}[c.kit]
	hands, err := c.hire(ctx, list...)
	if err != nil {
		return err
	}
	for _, h := range hands {
		if err := h.act(simulator.Action{Do: "start"}); err != nil {
			return err
		}
	}
	return nil
}

// employee gives who was hired at the beginning, by their place in that list.
func (c *company) employee(n int) *hand { return c.handOf(int64(firstStaff + n)) }

// report is the story of a broken machine with a technician of its own: a report with an album, words and perhaps a refund, perhaps a
// second reporter, the repair, its outcome.
func (c *company) report() (story, error) {
	c.mu.Lock()
	c.serial++
	n, random := c.serial, rand.New(rand.NewPCG(c.Seed, uint64(c.serial)))
	c.mu.Unlock()
	suffix, code := letters(n), strconv.Itoa(1000+n)
	city, crew := "Город "+suffix, "Бригада "+suffix
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	words := func(s string) *string { return &s }
	if _, err := c.db.ImportAssets(ctx, []postgres.AssetRow{{Kind: "machine", Code: code, Name: words("Автомат"), City: &city, Address: words("вокзал"), Crew: &crew,
		Fields: map[string]any{"currency": "RUB"}}}, postgres.ImportOptions{}); err != nil {
		return story{}, err
	}
	payloads, err := c.Stickers(ctx, c.db, []string{code})
	if err != nil {
		return story{}, err
	}
	hands, err := c.hire(ctx, hired{name: "Тимур " + suffix, role: "technician", city: city, crew: crew})
	if err != nil {
		return story{}, err
	}
	lena, tim, anna := c.employee(2), hands[0], c.enter("Анна", 0)
	note := "Экран моргает " + letters(random.IntN(10_000))
	s := story{name: "report", hero: anna, tale: Tale{Notes: []string{note}}, deeds: []deed{
		starts(tim, "", "Здравствуйте, Тимур"),
		starts(anna, payloads[code], "Что случилось?"),
		presses(anna, "💸 Взял деньги, не выдал", "Заявка уже у нас"),
		sends(anna, []string{"album", "photo"}[random.IntN(2)], "обавил"),
		says(anna, note, "Записал."),
	}}
	refund := random.IntN(2) == 0
	if refund {
		s.deeds = append(s.deeds, presses(anna, "💸 Вернуть деньги", "Сколько вернуть?"), presses(anna, "150 ₽", "Номер телефона для возврата?"),
			sends(anna, "contact", "Записал возврат 150"))
	}
	if random.IntN(2) == 0 {
		boris := c.enter("Борис", 0)
		s.deeds = append(s.deeds, starts(boris, payloads[code], "о поломке знаем"), presses(boris, "👌 Понятно", "Спасибо, что написали!"))
	}
	s.deeds = append(s.deeds, presses(anna, "✅ Всё, спасибо", "Починим"),
		deed{who: lena, button: "✅ Беру", on: anna.name}, deed{who: lena, button: "🔧 Техникам", on: anna.name},
		waits(tim, "Заявка теперь ваша"), presses(tim, "✅ Беру", "В работе"), presses(tim, "📍 На месте", "На месте"),
		presses(tim, "✔️ Готово", "что оказалось при осмотре"), presses(tim, "💧 Вода, помпа", "Фото результата"), sends(tim, "photo", "Выполнено"),
		waits(anna, "починили в"), presses(anna, "👍 Да", "Отлично, спасибо!"))
	s.tale.Deals = []Want{{"call_centre", "done", "won"}, {"technicians", "done", "won"}}
	if refund {
		s.tale.Deals[0] = Want{"call_centre", "refund", "open"}
	}
	return s, nil
}

// connect is the story of somebody who wants the internet: six answers, a manager who offers, and then an agreement, or silence: two
// reminders and a task to call.
func (c *company) connect(city string, silent bool) func() (story, error) {
	return func() (story, error) {
		anna, manager := c.enter("Анна", 0), c.employee(2)
		if city != "Москва" {
			manager = c.employee(3)
		}
		s := story{name: "connect", hero: anna, deeds: []deed{
			starts(anna, "", "Чем помочь?"), presses(anna, "🌐 Подключить интернет", "Шаг 1 из 6"), presses(anna, city, "Шаг 2 из 6"),
			presses(anna, "🏠 Домой", "Шаг 3 из 6"), presses(anna, "500 + ТВ · 850 ₽", "Шаг 4 из 6"), says(anna, "Ленина 5, кв. 12", "Шаг 5 из 6"),
			sends(anna, "contact", "Шаг 6 из 6"), presses(anna, "🌙 Вечером", "менеджер скоро позвонит"), presses(anna, "✅ Всё, спасибо", "Обо всём напишем сюда"),
			{who: manager, button: "✅ Беру", on: anna.name}, {who: manager, button: "📨 Предложение", on: anna.name}, waits(anna, "Подключаем?"),
		}, tale: Tale{Deals: []Want{{"sales_private", "offer", "open"}}, Reads: map[string]int{"ещё в силе": 0}}}
		if !silent {
			yes := presses(anna, "✅ Да, подключайте", "Менеджер готовит договор")
			yes.reminds = 2 // since the offer
			s.deeds = append(s.deeds, yes, waits(manager, anna.name+": клиент согласен"))
			return s, nil
		}
		s.name, s.slow, s.tale.Reads = "silent", c.Length/2+time.Minute, map[string]int{"ещё в силе": 2}
		s.deeds = append(s.deeds, waits(anna, "ещё в силе"), waits(manager, anna.name+": тишина после двух напоминаний"))
		return s, nil
	}
}

// support is the story of somebody without internet, whom a tip does not help and an operator talks to.
func (c *company) support() (story, error) {
	anna, lida := c.enter("Анна", 0), c.employee(1)
	note := "горит лампочка " + letters(c.chance(10_000)+1)
	answer := "Проверьте роутер " + letters(c.chance(10_000)+1)
	return story{name: "support", hero: anna, tale: Tale{Deals: []Want{{"support", "solved", "won"}}, Notes: []string{note}}, deeds: []deed{
		starts(anna, "", "Чем помочь?"), says(anna, "нет интернета", "Что случилось?"), presses(anna, "🚫 Нет интернета", "Помогло?"), presses(anna, "👎 Нет", "специалист ответит здесь"),
		says(anna, note, "Записал."),
		{who: lida, button: "💬 Взять диалог", on: anna.name, then: "Вы говорите с: " + anna.name}, waits(anna, "К вам подключился сотрудник"),
		says(lida, answer, ""), waits(anna, answer), says(anna, "заработало у "+anna.name, ""), waits(lida, "заработало у "+anna.name),
		{who: lida, button: "✅ Беру", on: anna.name}, {who: lida, button: "✔️ Решено", on: anna.name}, waits(anna, "всё сделали"),
		{who: lida, button: "🤖 Вернуть боту", on: anna.name}, waits(anna, "Снова с вами бот"),
	}}, nil
}

// drive is the story of a driver who registers, is accepted by three people, signs and is then silent about the office.
func (c *company) drive(city, link string) func() (story, error) {
	return func() (story, error) {
		asan, accountant, director, manager := c.enter("Асан", 0), c.employee(1), c.employee(2), c.employee(3)
		if city != "Алматы" {
			manager = c.employee(4)
		}
		iin := "900101300136"
		c.secrets.add("an identity number", iin)
		plate := fmt.Sprintf("%03d ABC 02", 100+asan.ID%900)
		return story{name: "drive", hero: asan, tale: Tale{Deals: []Want{{"intake", "driver", "won"}, {"drivers", "office", "open"}}, Reads: map[string]int{"ждём вас в офисе": 2}}, deeds: []deed{
			starts(asan, "reg_ig-"+link, "Подключим вас"), presses(asan, "▶️ Начать", "Шаг 1 из 6"), sends(asan, "contact", "Шаг 2 из 6"), sends(asan, "album", "Шаг 3 из 6"),
			sends(asan, "photo", "Шаг 4 из 6"), says(asan, plate, "Шаг 5 из 6"), sends(asan, "photo", "Шаг 6 из 6"), presses(asan, "📱 По номеру телефона", "Всё верно?"),
			presses(asan, "✅ Отправить", "отправлена"), presses(asan, "👍 Хорошо", "Ответ придёт сюда"),
			{who: manager, button: "✅ Принять", on: asan.name}, waits(asan, "бухгалтерия проверит"),
			{who: accountant, button: "✅ Реквизиты верны", on: asan.name}, {who: director, button: "✅ Одобрить", on: asan.name}, waits(asan, "Шаг 1 из 3"),
			says(asan, "Ибраев Асан Муратович", "Шаг 2 из 3"), says(asan, iin, "Шаг 3 из 3"), presses(asan, "✅ Согласен", "Договор принят"),
			waits(asan, "ждём вас в офисе"), waits(manager, "не выбрал время в офисе, "+asan.name),
		}}, nil
	}
}

package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
)

// cast are the people of one play, in a city of their own: a customer, somebody who finds the same machine broken, the first line,
// the technician who repairs it and the manager who hears of the refund. Who has no part is nil.
type cast struct {
	*world
	code                          string
	anna, boris, lena, tim, maria *simulator.Person
	made                          map[int64]int // messages and presses of each, for settled
	story                         func(*cast) error
}

// deadline bounds one wait of a play: the program may be killed several times meanwhile.
const deadline = patience

// hire makes n machines, each with a crew of one, and the people around them.
func (w *world) hire(n int) []*cast {
	w.t.Helper()
	text := func(s string) *string { return &s }
	var assets []postgres.AssetRow
	var staff []postgres.StaffRow
	casts := make([]*cast, n)
	for i := range casts {
		code, crew := fmt.Sprint(301+i), fmt.Sprintf("Бригада %d", i)
		city, name, boss, first := fmt.Sprintf("Город %d", i), fmt.Sprintf("Тимур %d", i), fmt.Sprintf("Мария %d", i), fmt.Sprintf("Лена %d", i)
		assets = append(assets, postgres.AssetRow{Kind: "machine", Code: code, Name: text("Автомат"), City: &city,
			Address: text("вокзал"), Crew: &crew, Fields: map[string]any{"currency": "RUB"}})
		staff = append(staff, postgres.StaffRow{Name: name, Role: "technician", City: city, Crew: &crew, Address: fmt.Sprint(2300 + i)},
			postgres.StaffRow{Name: boss, Role: "manager", City: city, Address: fmt.Sprint(2600 + i)},
			postgres.StaffRow{Name: first, Role: "call_centre", City: city, Address: fmt.Sprint(2900 + i)})
		casts[i] = &cast{world: w, code: code, made: map[int64]int{}, story: (*cast).play,
			anna:  w.person(int64(1300+i), fmt.Sprintf("Анна %d", i)),
			boris: w.person(int64(1600+i), fmt.Sprintf("Борис %d", i)),
			lena:  w.person(int64(2900+i), first),
			tim:   w.person(int64(2300+i), name),
			maria: w.person(int64(2600+i), boss)}
	}
	ctx := waiting(w.t)
	if _, err := w.db.ImportAssets(ctx, assets, postgres.ImportOptions{}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.db.ImportStaff(ctx, "telegram", staff, postgres.ImportOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.exec(`UPDATE employees SET on_shift = true`) // whatever hour it is
	for _, c := range casts {
		a, err := w.db.AssetByCode(ctx, "machine", c.code)
		if err != nil {
			w.t.Fatal(err)
		}
		w.machines[c.code] = "m_" + w.sign.sign(a)
	}
	return casts
}

// deed is what one of them does, nothing at all for who only waits, and the words that they see then.
type deed struct {
	who  *simulator.Person
	do   simulator.Action
	then string
}

// play runs the whole story: a report with photos, words and a refund, a second reporter, the repair, which is a deal of the
// technicians linked to the report, and its outcome, which comes back over the link.
func (c *cast) play() error {
	if err := c.act([]deed{
		{c.tim, simulator.Action{Do: "start"}, "Здравствуйте, Тимур"},
		{c.maria, simulator.Action{Do: "start"}, "Здравствуйте, Мария"},
		{c.lena, simulator.Action{Do: "start"}, "Здравствуйте, Лена"},
		{c.anna, simulator.Action{Do: "start", Text: c.machines[c.code]}, "Что случилось?"},
		{c.anna, press("💸 Взял деньги, не выдал"), "Заявка уже у нас"},
		{c.anna, simulator.Action{Do: "album", Items: make([]simulator.Item, 2)}, "обавил"},
		{c.boris, simulator.Action{Do: "start", Text: c.machines[c.code]}, "о поломке знаем"},
		{c.anna, simulator.Action{Do: "text", Text: "Экран моргает"}, "Записал."},
		{c.anna, press("💸 Вернуть деньги"), "Сколько вернуть?"},
		{c.anna, press("150 ₽"), "Номер телефона для возврата?"},
		{c.boris, press("👌 Понятно"), "Спасибо, что написали!"},
		{c.anna, simulator.Action{Do: "contact", Own: true}, "Записал возврат 150"},
		{c.anna, press("✅ Всё, спасибо"), "Починим"},
		{c.lena, press("✅ Беру"), "👷"},
		{c.lena, press("🔧 Техникам"), "У техников"},
		{c.tim, simulator.Action{}, "Заявка теперь ваша"},
		{c.tim, press("✅ Беру"), "В работе"},
		{c.tim, press("📍 На месте"), "На месте"},
		{c.tim, press("✔️ Готово"), "что оказалось при осмотре"},
		{c.tim, press("💧 Вода, помпа"), "Фото результата"},
		{c.tim, simulator.Action{Do: "photo"}, "Выполнено"},
	}); err != nil {
		return err
	}
	if err := c.see(c.anna, "починили в"); err != nil {
		return err
	}
	if err := c.do(c.anna, press("👍 Да"), "Отлично, спасибо!"); err != nil {
		return err
	}
	if err := c.see(c.maria, "возврат 150"); err != nil {
		return err
	}
	return c.allSettled()
}

// act lets them do one thing after another.
func (c *cast) act(deeds []deed) error {
	for _, d := range deeds {
		if d.do.Do == "" {
			if err := c.see(d.who, d.then); err != nil {
				return err
			}
			continue
		}
		if err := c.do(d.who, d.do, d.then); err != nil {
			return err
		}
	}
	return nil
}

func (c *cast) people() (all []*simulator.Person) {
	for _, p := range []*simulator.Person{c.anna, c.boris, c.lena, c.tim, c.maria} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// allSettled waits until all that any of them did is stored and nothing waits to be sent to them.
func (c *cast) allSettled() error {
	for _, p := range c.people() {
		if err := c.settled(p); err != nil {
			return err
		}
	}
	return nil
}

func press(button string) simulator.Action { return simulator.Action{Do: "press", Button: button} }

// do lets somebody act once all they did before is taken in and answered, and waits for the answer.
func (c *cast) do(who *simulator.Person, a simulator.Action, then string) error {
	if err := c.settled(who); err != nil {
		return err
	}
	done, err := who.Do(a)
	if err != nil {
		return fmt.Errorf("%w; the chat so far:\n%s", err, c.sim.Transcript(who.Chat))
	}
	c.made[who.ID] += max(1, len(done.Messages))
	return c.see(who, then)
}

func (c *cast) see(who *simulator.Person, words string) error {
	ctx, cancel := context.WithTimeout(c.t.Context(), deadline)
	defer cancel()
	_, err := c.sim.Wait(ctx, who.Chat, simulator.Contains(words))
	return err
}

// settled waits until all that somebody did is stored and nothing waits to be sent to them.
func (c *cast) settled(who *simulator.Person) error {
	const sql = `SELECT count(*) FILTER (WHERE direction = 'in' AND kind <> 'signal'), count(*) FILTER (WHERE status IN ('queued', 'waiting'))
		FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = $1`
	var stored, open int
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		err := c.db.Pool.QueryRow(c.t.Context(), sql, fmt.Sprint(who.ID)).Scan(&stored, &open)
		if err == nil && stored >= c.made[who.ID] && open == 0 {
			return nil
		}
	}
	return fmt.Errorf("%d of %d deeds of person %d are stored, %d messages wait; the chat so far:\n%s",
		stored, c.made[who.ID], who.ID, open, c.sim.Transcript(who.Chat))
}

// playAll plays all casts, a few at a time, and fails the test when one can't go on.
func playAll(t *testing.T, casts []*cast, atOnce int) {
	t.Helper()
	queue := make(chan *cast, len(casts))
	for _, c := range casts {
		queue <- c
	}
	close(queue)
	results := make(chan error, atOnce)
	for range atOnce {
		go func() {
			for c := range queue {
				if err := c.story(c); err != nil {
					results <- fmt.Errorf("play %s: %w", c.code, err)
					return
				}
			}
			results <- nil
		}()
	}
	for range atOnce {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

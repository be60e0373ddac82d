package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres"
)

// One suite for all channels: the same people say the same things on Telegram, on WhatsApp and straight to the turn of a channel without buttons.
// They must read the same words, and the business must know the same of them.

// phone is how one person talks on a channel. What they do returns once the program has answered all of it.
type phone interface {
	scan(payload string)           // the sticker or link with this payload; none opens the chat, as each channel has it
	say(text string)               //
	photos(n int)                  // one photo, or an album
	choose(option string)          // the option with this label: its button, or its number
	screen() []bubble              // what stands there of ours, oldest first
	toasts() []string              // what was shown for a moment, all of it
	address() (channel, at string) // by which employees are imported
}

// bubble is a message of ours as it stands on a phone now.
type bubble struct{ id, text string }

// stage is a channel with two people, and the company behind it.
type stage struct {
	db             *postgres.DB
	customer, crew *reader
	begin          func()   // lets the program run, when the company is there
	settled        func()   // waits until nothing is under way
	payload        string   // of the machine's sticker
	ended          []string // what the business knows at the end
}

// everywhere are the channels on which everything must be the same. The first is what others are compared with.
var everywhere = []struct {
	name  string
	open  func(t *testing.T, kit string) *stage
	edits bool // what one presses changes where it stands, and is not sent anew
}{{"numbered", numberedStage, false}, {"telegram", telegramStage, true}, {"whatsapp", whatsappStage, false}}

// vendingReport is a report with an album, and the day of the one who repairs it.
func vendingReport(s *stage) {
	s.crew.say("/start")
	s.crew.sees("Здравствуйте")
	s.crew.choose("⏭ Пропустить") // the tour
	s.crew.sees("дальше всё настоящее")
	s.customer.scan(s.payload)
	s.customer.sees("Что случилось?")
	s.customer.choose("💸 Взял деньги, не выдал")
	s.customer.sees("Заявка уже у нас")
	s.customer.photos(2)
	s.customer.sees("обавил")
	s.customer.choose("💸 Вернуть деньги")
	s.customer.sees("Сколько вернуть?")
	s.customer.choose("150 ₽")
	s.customer.sees("Номер телефона для возврата?")
	s.customer.say("+7 707 123-45-67")
	s.customer.sees("Записал возврат 150")
	s.customer.choose("✅ Всё, спасибо")
	s.customer.sees("Починим")
	s.crew.choose("✅ Беру")
	s.crew.sees("В работе")
	s.crew.choose("📍 На месте")
	s.crew.sees("Вы на месте")
	s.crew.choose("✔️ Готово")
	s.crew.sees("что оказалось")
	s.crew.choose("💧 Вода, помпа")
	s.crew.sees("Фото результата")
	s.crew.photos(1)
	s.crew.sees("Выполнено")
	s.customer.sees("починили в")
	s.customer.choose("👍 Да")
	s.customer.sees("Отлично, спасибо!")
}

// driverRegistration is the way from a greeting to a request with all its pictures.
func driverRegistration(s *stage) {
	s.crew.say("/start")
	s.crew.sees("Здравствуйте")
	s.crew.choose("⏭ Пропустить") // the tour
	s.crew.sees("дальше всё настоящее")
	s.customer.scan("")
	s.customer.sees("Что вам нужно?")
	s.customer.choose("🚕 Стать водителем")
	s.customer.sees("Подключим вас к парку")
	s.customer.choose("▶️ Начать")
	s.customer.sees("В каком городе")
	s.customer.choose("Шымкент")
	s.customer.sees("Ваш номер телефона")
	s.customer.say("8 707 123 45 67")
	s.customer.sees("обе стороны")
	s.customer.photos(2)
	s.customer.sees("Техпаспорт")
	s.customer.photos(1)
	s.customer.sees("Номер машины")
	s.customer.say("123 ABC 02")
	s.customer.sees("Селфи с правами")
	s.customer.photos(1)
	s.customer.sees("Куда выплачивать?")
	s.customer.choose("📱 По номеру телефона")
	s.customer.sees("Всё верно?")
	s.customer.choose("✅ Отправить")
	s.customer.sees("отправлена")
}

func TestTheSameTalkIsTheSameOnEveryChannel(t *testing.T) {
	t.Parallel()
	for _, talk := range []struct {
		name, kit string
		play      func(*stage)
	}{{"a report and its repair", "vending", vendingReport}, {"a registration", "taxi", driverRegistration}} {
		t.Run(talk.name, func(t *testing.T) {
			var first *stage
			for _, c := range everywhere {
				if first == nil && c.name != everywhere[0].name {
					t.Fatalf("the %s channel did not come to its end: nothing to compare the others with", everywhere[0].name)
				}
				t.Run(c.name, func(t *testing.T) {
					s := c.open(t, talk.kit)
					s.company(t, talk.kit)
					s.begin()
					talk.play(s)
					s.settled()
					s.ended = s.known(t)
					if len(s.customer.lines(false)) < 30 || len(s.ended) < 10 {
						t.Fatalf("too little happens: %q, %q", s.customer.lines(false), s.ended)
					}
					if first == nil {
						first = s
						return
					}
					compare(t, "the customer reads", first.customer.lines(c.edits), s.customer.lines(c.edits))
					compare(t, "the crew reads", first.crew.lines(c.edits), s.crew.lines(c.edits))
					compare(t, "the business knows", first.ended, s.ended)
				})
			}
		})
	}
}

// company makes what both talks need: a machine and somebody who works.
func (s *stage) company(t *testing.T, kit string) {
	t.Helper()
	ctx := waiting(t)
	text := func(s string) *string { return &s }
	_, err := s.db.ImportAssets(ctx, []postgres.AssetRow{{Kind: "machine", Code: "214", Name: text("Кофейный автомат"), City: text("Москва"),
		Address: text("БЦ «Москва»"), Crew: text("Москва-1"), Fields: map[string]any{"currency": "RUB"}}}, postgres.ImportOptions{})
	well(t, err)
	channel, at := s.crew.address()
	worker := postgres.StaffRow{Name: "Иван Петров", Role: "technician", City: "Москва", Crew: text("Москва-1"), Address: at}
	if kit == "taxi" {
		worker = postgres.StaffRow{Name: "Мадина", Role: "manager", City: "Шымкент", Address: at}
	}
	_, err = s.db.ImportStaff(ctx, channel, []postgres.StaffRow{worker}, postgres.ImportOptions{})
	well(t, err)
	_, err = s.db.Pool.Exec(ctx, `UPDATE employees SET on_shift = true`)
	well(t, err)
	sign, err := newSigner(ctx, s.db)
	well(t, err)
	a, err := s.db.AssetByCode(ctx, "machine", "214")
	well(t, err)
	s.payload = "m_" + sign.sign(a)
}

// known is what the business knows at the end: deals, who did what in which order, files, tasks, people.
func (s *stage) known(t *testing.T) (all []string) {
	t.Helper()
	files := []string{} // each channel names them in its own way
	rows, err := s.db.Pool.Query(waiting(t), `SELECT unique_ref FROM attachments ORDER BY id`)
	well(t, err)
	refs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	well(t, err)
	for i, ref := range refs {
		files = append(files, ref, fmt.Sprint("FILE", i+1))
	}
	named := strings.NewReplacer(files...)
	for _, sql := range []string{
		`SELECT 'deal ' || id || ' ' || pipeline || '.' || stage || ' ' || status || ' ' || title || ' ' || city || ' ' || fields::text FROM deals ORDER BY id`,
		`SELECT 'event ' || coalesce(deal_id::text, '-') || ' ' || kind || ' ' || author FROM events WHERE kind <> 'file_refused' ORDER BY coalesce(deal_id, 0), id`,
		`SELECT 'file ' || coalesce(deal_id::text, '-') || ' ' || kind || ' ' || coalesce(name, '') FROM attachments ORDER BY 1`,
		`SELECT 'task ' || title FROM tasks ORDER BY 1`,
		`SELECT 'person ' || coalesce(phone, '') || ' ' || lang FROM contacts ORDER BY 1`,
	} {
		rows, err := s.db.Pool.Query(waiting(t), sql)
		well(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		well(t, err)
		for _, line := range lines {
			all = append(all, moments.ReplaceAllString(named.Replace(line), "TIME"))
		}
	}
	return all
}

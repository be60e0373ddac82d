package play

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// person is somebody of the play and what their phone shows.
type person struct {
	handle string
	crm.Person
	notes   []*note
	keys    [][]crm.Key
	pressed *crm.Press
	written string // key of their newest message
	group   bool   // a chat of many, not a person
}

// Chats of people are numbered from here, in the order of their lines.
const firstChat = 1001

const sqlSetStaff = `UPDATE employees SET skills = $2, sources = $3, cap = $4, head = $5
	WHERE id = (SELECT employee_id FROM identities WHERE channel = $6 AND address = $1)`

// scene sets something up before the play begins.
func (p *player) scene(ctx context.Context, line string) error {
	w := wordsOf(line)
	what, name := w.next(), w.next()
	switch what {
	case "customer":
		_, err := p.enter(name, w)
		return err
	case "staff":
		return p.staff(ctx, name, w)
	case "group":
		chat, err := p.enter(name, w)
		if err == nil {
			chat.group, chat.ID = true, "-"+chat.ID
		}
		return err
	case "slot":
		return p.slot(ctx, name, w)
	case "asset":
		return p.asset(ctx, name, w)
	case "channel":
		p.plain = name == "numbered"
		return w.left()
	case "clock":
		at, err := time.ParseInLocation("2006-01-02 15:04", name+" "+w.next(), p.kit.Zone)
		if err != nil || p.begun {
			return fmt.Errorf("the play begins at a time like 2026-11-23 10:00, which stands before the first line of somebody")
		}
		return p.setClock(ctx, at)
	}
	return fmt.Errorf("there are customer, staff, group, slot, asset, channel and clock")
}

// enter adds somebody to the cast, when all that is said of them is understood.
func (p *player) enter(handle string, w *words) (*person, error) {
	lang := w.value("lang", w.next())
	who := &person{handle: handle, Person: crm.Person{ID: strconv.Itoa(firstChat + len(p.people)), Name: w.value("name", handle), Lang: lang}}
	switch {
	case handle == "" || slices.Contains(reserved, handle) || p.person(handle) != nil:
		return nil, fmt.Errorf("somebody needs a name of one word that is nobody else's")
	case lang != "" && !slices.Contains(p.kit.Languages, lang):
		return nil, fmt.Errorf("%q is no language of the kit: %s", lang, strings.Join(p.kit.Languages, ", "))
	}
	p.people = append(p.people, who)
	return who, w.left()
}

// reserved are words that begin a line.
var reserved = []string{"#", "!", "=", "@", "clock", "outage", "show"}

func (p *player) staff(ctx context.Context, handle string, w *words) error {
	role, head, absent := w.next(), w.has("head"), w.has("absent")
	if p.kit.Roles[role] == "" {
		return fmt.Errorf("the kit has no role %q", role)
	}
	crew, city, skills, sources := w.value("crew", ""), w.value("city", ""), list(w.value("skills", "")), list(w.value("sources", ""))
	phone, travel := w.value("phone", ""), w.value("travel", "")
	var most *int
	if n, err := strconv.Atoi(w.value("cap", "")); err == nil {
		most = &n
	}
	who, err := p.enter(handle, w)
	if err != nil {
		return err
	}
	row := postgres.StaffRow{Name: who.Name, Role: role, City: city, Lang: &who.Lang, Crew: &crew, Address: who.ID, Phone: phone}
	if minutes, err := strconv.Atoi(travel); err == nil {
		row.Travel = &minutes
	}
	if _, err := p.db.ImportStaff(ctx, channel, []postgres.StaffRow{row}, postgres.ImportOptions{}); err != nil {
		return err
	}
	if _, err := p.db.Pool.Exec(ctx, sqlSetStaff, who.ID, skills, sources, most, head, channel); err != nil {
		return fmt.Errorf("set what %s can do: %w", handle, err)
	}
	if absent {
		return nil
	}
	if _, err := p.runner.Accept(ctx, p.from(who, who, command("/start"))); err != nil {
		return err
	}
	return p.hush(ctx)
}

func (p *player) asset(ctx context.Context, kind string, w *words) error {
	code := w.next()
	name, city, address, crew := w.value("name", ""), w.value("city", ""), w.value("address", ""), w.value("crew", "")
	row := postgres.AssetRow{Kind: kind, Code: code, Name: &name, City: &city, Address: &address, Crew: &crew, Fields: crm.Fields{}}
	for key, value := range w.values {
		row.Fields[key] = value
	}
	p.kinds[code], w.values = kind, nil
	if err := w.left(); err != nil {
		return err
	}
	_, err := p.db.ImportAssets(ctx, []postgres.AssetRow{row}, postgres.ImportOptions{})
	return err
}

// person finds somebody by their handle, nil when nobody is called so.
func (p *player) person(handle string) *person {
	if i := slices.IndexFunc(p.people, func(who *person) bool { return who.handle == handle }); i >= 0 {
		return p.people[i]
	}
	return nil
}

// reached finds whose chat an address is, nil when nobody's.
func (p *player) reached(chat string) *person {
	if i := slices.IndexFunc(p.people, func(who *person) bool { return who.ID == chat }); i >= 0 {
		return p.people[i]
	}
	return nil
}

func list(text string) []string {
	if text == "" {
		return []string{}
	}
	return strings.Split(text, ",")
}

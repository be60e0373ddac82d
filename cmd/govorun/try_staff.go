package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"govorun/bots/simulator"
	"govorun/crm"
	"govorun/crm/demo"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// The cast: whose phones the page shows. It is the customer and up to three employees of the roles that the kit gives most to do;
// the page can give a phone to any other role. Who is in it stands in a file beside the database.

// castStaff is how many employees have phones from the beginning, and firstHired the Telegram id of the first who is no demo person.
const (
	castStaff  = 3
	firstHired = 4001
)

// personView tells the page whose phone is whose. An empty role is a customer.
type personView struct {
	ID    int64             `json:"id"`
	Name  string            `json:"name"`
	Role  string            `json:"role"`
	Names map[string]string `json:"role_names,omitempty"` // of the role, by language
}

// roleView is a role that the page can give a phone to.
type roleView struct {
	Role  string            `json:"role"`
	Names map[string]string `json:"names"`
}

func (t *trial) castFile() string { return filepath.Join(t.dir, "cast.json") }

// openCast reads who has a phone, or chooses them when the company is new.
func (t *trial) openCast(ctx context.Context) error {
	if kept, err := os.ReadFile(t.castFile()); err == nil && json.Unmarshal(kept, &t.cast) == nil && len(t.cast) > 0 {
		return nil
	}
	t.cast = nil
	known := map[string]bool{}
	for _, p := range demo.People() {
		if p.Role == "" || t.names.kit.Roles[p.Role] != "" && t.demoCompany() {
			t.cast = append(t.cast, personView{ID: p.ID, Name: p.Name, Role: p.Role})
			known[p.Role] = true
		}
	}
	if t.taxiCompany() {
		t.cast = append(t.cast, personView{ID: demo.KnownDriverID, Name: demo.KnownDriverName})
	}
	for _, role := range busiest(t.names.kit) {
		if !known[role] && len(t.cast) <= castStaff {
			if _, err := t.hire(ctx, role, t.firstLanguage()); err != nil {
				return err
			}
		}
	}
	for _, p := range t.cast {
		if err := t.atWork(ctx, p); err != nil {
			return err
		}
	}
	return t.keepCast()
}

func (t *trial) keepCast() error {
	kept, err := json.Marshal(t.cast)
	if err != nil {
		return fmt.Errorf("keep whose phones there are: %w", err)
	}
	return os.WriteFile(t.castFile(), kept, 0o600)
}

// machineLink is the link word of the stickers on machines.
const machineLink = "m"

// demoCompany tells whether the kit is that of the demo company, or a copy of it: it has the roles of its people, and a dialog that a
// machine's sticker opens.
func (t *trial) demoCompany() bool {
	for _, p := range demo.People() {
		if p.Role != "" && t.names.kit.Roles[p.Role] == "" {
			return false
		}
	}
	for _, d := range t.names.kit.Dialogs {
		if slices.ContainsFunc(d.Entries, func(e dialogs.Entry) bool { return e.Link == machineLink && e.Slot != "" }) {
			return true
		}
	}
	return false
}

// firstLanguage is that of the phones: the kit's first.
func (t *trial) firstLanguage() string { return t.names.kit.Languages[0] }

// busiest gives the roles of a kit by how many buttons their cards have, the busiest first and the head of all last.
func busiest(kit *dialogs.Kit) []string {
	buttons := map[string]int{}
	for _, card := range kit.Cards {
		for _, role := range card.Roles {
			buttons[role] += len(card.Actions)
		}
	}
	if kit.Head != kit.Human {
		buttons[kit.Head] = 0
	}
	return slices.SortedFunc(maps.Keys(kit.Roles), func(a, b string) int {
		return cmp.Or(cmp.Compare(buttons[b], buttons[a]), cmp.Compare(a, b))
	})
}

// hire gives a phone to an employee of a role: somebody of the story's city who has none, else somebody new.
func (t *trial) hire(ctx context.Context, role, lang string) (personView, error) {
	if t.names.kit.Roles[role] == "" {
		return personView{}, fmt.Errorf("this business has no role %q", role)
	}
	row, err := t.candidate(ctx, role)
	if err != nil {
		return personView{}, err
	}
	p := personView{ID: firstHired, Name: row.Name, Role: role}
	for _, other := range t.cast {
		p.ID = max(p.ID, other.ID+1)
	}
	t.equip(&row, len(t.cast))
	row.Address, row.Lang = strconv.FormatInt(p.ID, 10), &lang
	if _, err := t.db.ImportStaff(ctx, "telegram", []postgres.StaffRow{row}, postgres.ImportOptions{}); err != nil {
		return personView{}, err
	}
	t.cast = append(t.cast, p)
	return p, nil
}

// equip gives an employee a phone, and those who make visits of the kit, or lead those who do, a crew.
func (t *trial) equip(row *postgres.StaffRow, n int) {
	row.Phone = demo.Phone(demo.SeatCount + n)
	for _, v := range t.names.kit.Visits {
		if row.Role == v.Role || row.Role == v.Lead {
			crew := row.City + "-1"
			row.Crew = &crew
			demo.Visiting(row)
		}
	}
}

// candidate is who gets the next phone of a role.
func (t *trial) candidate(ctx context.Context, role string) (postgres.StaffRow, error) {
	staff, err := t.db.Employees(ctx, false)
	if err != nil {
		return postgres.StaffRow{}, err
	}
	home := homeCity(t.names.kit)
	for _, near := range []bool{true, false} {
		for _, e := range staff {
			if e.Role == role && (e.City == home || !near) && t.phoneHolder(e) == 0 {
				return postgres.StaffRow{Name: e.Name, Role: e.Role, City: e.City}, nil
			}
		}
	}
	names := []string{"Анна Волкова", "Сергей Ким", "Марина Лебедева", "Олег Попов", "Ольга Соколова", "Тимур Галиев", "Айжан Оспанова", "Роман Морозов"}
	return postgres.StaffRow{Name: names[len(t.cast)%len(names)], Role: role, City: home}, nil
}

// phoneHolder gives whose phone an employee has, zero for none. Names do not tell: there are namesakes in other cities. Who was hired has
// the number of their place in the cast, and the people of the story have names of their own.
func (t *trial) phoneHolder(e postgres.EmployeeView) int64 {
	for i, p := range t.cast {
		if p.ID >= firstHired && e.Phone == demo.Phone(demo.SeatCount+i) || p.ID < firstHired && p.Role == e.Role && p.Name == e.Name {
			return p.ID
		}
	}
	return 0
}

// homeCity is where the story happens: Moscow, else Almaty, else the first city of the kit.
func homeCity(kit *dialogs.Kit) string {
	if kit.Name == taxiKit {
		return "Алматы"
	}
	if _, there := kit.Cities["Москва"]; there || len(kit.Cities) == 0 {
		return "Москва"
	}
	return slices.Min(slices.Collect(maps.Keys(kit.Cities)))
}

// atWork puts somebody with a phone to work and sends home their colleagues without one: nobody could press their buttons. Who got
// no abilities from the demo company can do all that the kit asks of their role.
func (t *trial) atWork(ctx context.Context, p personView) error {
	if p.Role == "" {
		return nil
	}
	staff, err := t.db.Employees(ctx, false)
	if err != nil {
		return err
	}
	turns, _, err := t.db.BeginTimers(ctx, 0, 0) // a transaction of the CRM that claims nothing
	if err != nil {
		return err
	}
	defer turns.Rollback(ctx)
	var own crm.EmployeeID
	for _, e := range staff {
		switch holder := t.phoneHolder(e); {
		case e.Role != p.Role:
		case holder == p.ID:
			own = e.ID
			_, err = turns.StartShift(ctx, e.ID)
		case holder == 0 && p.Role != t.names.kit.Head: // the heads of other cities answer for them
			_, err = turns.EndShift(ctx, e.ID)
		}
		if err != nil {
			return err
		}
	}
	if err := turns.Commit(ctx); err != nil {
		return err
	}
	can, err := t.db.Abilities(ctx, own)
	if err != nil || t.demoCompany() && p.ID < firstHired {
		return err
	}
	can.Skills, can.Head = skillsOf(t.names.kit, p.Role), p.Role == t.names.kit.Head
	return t.db.SetAbilities(ctx, own, can)
}

// skillsOf are those that the kit's stages and assignments name for a role.
func skillsOf(kit *dialogs.Kit, role string) (skills []string) {
	for _, p := range kit.Pipelines {
		for _, s := range p.Stages {
			if s.Owner == nil || s.Owner.Assign == nil || s.Owner.Assign.Role != role || s.Owner.Assign.Skill == nil {
				continue
			}
			if skill := strings.Trim(s.Owner.Assign.Skill.String(), `"`); !slices.Contains(skills, skill) {
				skills = append(skills, skill)
			}
		}
	}
	slices.Sort(skills)
	return skills
}

// phoneOf puts somebody's phone on the page.
func (t *trial) phoneOf(p personView, lang string) (*simulator.Person, error) {
	person, err := t.sim.AddUser(simulator.NewUser{ID: p.ID, FirstName: p.Name, LanguageCode: lang, Phone: fmt.Sprintf("7912%07d", p.ID)})
	if err != nil {
		return nil, fmt.Errorf("make simulated people: %w", err)
	}
	return person, nil
}

// people is the cast with the names of their roles.
func (t *trial) people() []personView {
	t.casting.Lock()
	defer t.casting.Unlock()
	people := slices.Clone(t.cast)
	for i, p := range people {
		if people[i].Names = t.roleNames(p.Role); p.Role == "" {
			people[i].Role = "customer"
		}
	}
	return people
}

func (t *trial) roles() (roles []roleView) {
	for _, role := range slices.Sorted(maps.Keys(t.names.kit.Roles)) {
		roles = append(roles, roleView{role, t.roleNames(role)})
	}
	return roles
}

func (t *trial) roleNames(role string) map[string]string {
	if role == "" {
		return nil
	}
	names := map[string]string{}
	for _, lang := range t.names.kit.Languages {
		names[lang] = t.names.Role(lang, role)
	}
	return names
}

// serveHire gives a phone to an employee: {"role":"director","lang":"en"}.
func (t *trial) serveHire(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Role string `json:"role"`
		Lang string `json:"lang"`
	}
	if !readJSON(w, r, &order) {
		return
	}
	if t.names.kit.Roles[order.Role] == "" {
		refuseJSON(w, http.StatusBadRequest, errors.New("this business has no such role"))
		return
	}
	t.casting.Lock()
	defer t.casting.Unlock()
	lang := cmp.Or(order.Lang, t.firstLanguage())
	p, err := t.hire(r.Context(), order.Role, lang)
	if err == nil {
		err = t.atWork(r.Context(), p)
	}
	if err == nil {
		err = t.keepCast()
	}
	if err != nil {
		t.refuse(w, err)
		return
	}
	person, err := t.phoneOf(p, lang)
	if err == nil {
		_, err = person.Start("")
	}
	if err != nil {
		t.refuse(w, err)
		return
	}
	p.Names = t.roleNames(p.Role)
	writeJSON(w, p)
}

package turn_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"govorun/crm"
)

// newcomer is somebody who has never written to the bot.
const newcomer = 5005

// crowd is a house whose head Aigul and technician Ivan have opened the bot.
func crowd(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(ivan, "/start")
	return h
}

// who is the number of the employee with an address.
func (h *house) who(person int64) int {
	return h.count(`SELECT employee_id FROM identities WHERE address = $1 AND employee_id IS NOT NULL`, fmt.Sprint(person))
}

// link is the payload of the newest invitation sent to somebody.
func (h *house) link(person int64) string {
	h.t.Helper()
	_, rest, found := strings.Cut(h.last(person).Text, "start=")
	if !found {
		h.t.Fatalf("no link in %q", h.last(person).Text)
	}
	payload, _, _ := strings.Cut(rest, "\n")
	return payload
}

// invited is the payload of an invitation that Aigul makes in one line.
func (h *house) invited(words string) string {
	h.t.Helper()
	h.text(aigul, "/invite "+words)
	return h.link(aigul)
}

func TestAnInvitationIsAskedForWithButtonsAndMakesAnEmployeeOfWhoeverOpensItFirst(t *testing.T) {
	h := crowd(t)
	h.text(aigul, "/invite")
	h.says(aigul, "Кого приглашаем")
	h.press(aigul, "техник")
	h.edited(aigul, "в каком городе")
	h.pressOn(aigul, h.edit(aigul), "Алматы")
	h.pressOn(aigul, h.edit(aigul), "Без бригады")
	out := h.last(aigul)
	if out.Kind != crm.OutMedia || len(out.Media) != 1 || len(out.Media[0].Bytes) == 0 {
		t.Fatalf("the link comes without its picture: %+v", out)
	}
	if n := h.count(`SELECT count(*) FROM invites WHERE status = 'open' AND role = 'technician' AND city = 'Алматы' AND length(token_hash) = 32`); n != 1 {
		t.Fatal("the invitation is not bound to its role and city")
	}
	h.text(newcomer, "/start "+h.link(aigul))
	h.says(newcomer, "Добро пожаловать")
	h.press(newcomer, "🎓 Учебная заявка, две минуты")
	h.says(newcomer, "Шаг 1")
	h.says(aigul, "принял")
	if n := h.count(`SELECT count(*) FROM employees e JOIN identities i ON i.employee_id = e.id WHERE i.address = $1 AND e.role = 'technician' AND e.city = 'Алматы' AND e.active`, fmt.Sprint(newcomer)); n != 1 {
		t.Fatal("the newcomer does not work here")
	}
	h.text(newcomer, "/my")
	if got := h.last(newcomer).Text; strings.Contains(got, "Добро") {
		t.Fatalf("/my of a new employee answers %q", got)
	}
}

func TestX05_ALinkIsGoodForOnePersonAndEveryBadOneGetsTheSameAnswer(t *testing.T) {
	h := crowd(t)
	link := h.invited("техник Алматы")
	h.text(newcomer, "/start "+link)
	h.says(newcomer, "Добро пожаловать")
	h.text(5006, "/start "+link)
	used := h.last(5006).Text
	h.says(aigul, "уже использованную")
	told := h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE '%использованную%'`)
	h.text(5007, "/start "+link)
	if n := h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE '%использованную%'`); n != told {
		t.Error("the inviter hears of a used link more than once")
	}
	expired, revoked := h.invited("техник Алматы"), ""
	h.exec(`UPDATE invites SET expires_at = now() - interval '1 second' WHERE status = 'open'`)
	revoked = h.invited("техник Алматы")
	h.press(aigul, "Отозвать")
	for person, payload := range map[int64]string{5008: expired, 5009: revoked, 5010: "e_" + strings.Repeat("A", 30), 5011: "e_"} {
		h.text(person, "/start "+payload)
		if got := h.last(person).Text; got != used {
			t.Errorf("%q is answered %q, a used one %q", payload, got, used)
		}
	}
	if n := h.count(`SELECT count(*) FROM employees e JOIN identities i ON i.employee_id = e.id WHERE i.address LIKE '50__'`); n != 1 {
		t.Errorf("%d people were let in, want 1", n)
	}
	h.text(ivan, "/start "+h.invited("менеджер Москва"))
	h.says(ivan, "уже работаете")
	if n := h.count(`SELECT count(*) FROM employees WHERE id = $1 AND role = 'technician'`, h.who(ivan)); n != 1 {
		t.Error("an employee changed the role by a link")
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'invite_refused'`); n < 5 {
		t.Errorf("%d refusals in the audit", n)
	}
}

func TestX05_OfTwoWhoOpenALinkAtOnceOneIsLetIn(t *testing.T) {
	h := crowd(t)
	link := h.invited("техник Алматы")
	var all sync.WaitGroup
	for i := range int64(6) {
		in := h.from(6000+i, crm.Inbound{Kind: crm.InText, Text: "/start " + link, Command: "start", Args: link, Start: link})
		all.Go(func() {
			if _, err := h.runner.Accept(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.runner.Wait()
	if n := h.count(`SELECT count(*) FROM identities WHERE employee_id IS NOT NULL AND address LIKE '600_'`); n != 1 {
		t.Fatalf("%d of six were let in", n)
	}
	if n := h.count(`SELECT count(*) FROM employees WHERE name = 'Азамат'`); n != 1 {
		t.Fatalf("%d employees were made", n)
	}
}

func TestAMistypedRoleGetsDidYouMeanAndAHigherRoleIsNotInvited(t *testing.T) {
	h := crowd(t)
	h.text(aigul, "/invite техинк Алматы")
	h.says(aigul, "Не понял")
	if b := h.last(aigul).Buttons; len(b) == 0 || !strings.Contains(strings.ToLower(b[0][0].Text), "техник алматы") {
		t.Errorf("no command to press: %v", b)
	}
	h.text(ivan, "/invite техник Алматы")
	if n := h.count(`SELECT count(*) FROM invites`); n != 0 {
		t.Error("a technician makes invitations")
	}
	h.text(aigul, `/invite техник Алматы <b>Боб</b> & Ко`)
	if n := h.count(`SELECT count(*) FROM invites WHERE status IN ('open', 'draft') AND name = '<b>Боб</b> & Ко'`); n != 1 {
		t.Error("the name of the invited is lost")
	}
	for _, o := range h.outs(aigul) { // X16
		if strings.Contains(o.Text, "<b>Боб") {
			t.Errorf("a name is markup: %q", o.Text)
		}
	}
}

func TestAnInvitationTakesACityInAnyOfItsSpellings(t *testing.T) {
	h := crowd(t)
	h.text(aigul, "/invite техник Almaty")
	h.text(aigul, "/invite техник Алма-Ата")
	if n := h.count(`SELECT count(*) FROM invites WHERE role = 'technician' AND city = 'Алматы'`); n != 2 {
		t.Errorf("%d invitations are bound to Алматы; the last answer: %q", n, h.last(aigul).Text)
	}
}

func TestX08_ADismissalHandsTheWorkOverEditsCardsAwayAndRefusesThemFromThenOn(t *testing.T) {
	h := crowd(t)
	h.text(azamat, h.scan("214"))
	h.press(azamat, "Взял деньги")
	h.press(ivan, "Беру")
	card := h.card(ivan)
	id := h.who(ivan)
	h.delivered()
	h.exec(`INSERT INTO tasks (deal_id, assignee_id, title) SELECT id, owner_id, 'visit' FROM deals`)
	h.text(aigul, "/dismiss Иван")
	h.says(aigul, "Уволить")
	before := h.count(`SELECT count(*) FROM employees WHERE active`)
	h.press(aigul, "Уволить")
	if n := h.count(`SELECT count(*) FROM employees WHERE active`); n != before-1 {
		t.Fatalf("%d people work here, before it were %d", n, before)
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE status = 'open' AND (owner_id IS NULL OR owner_id = $1)`, id); n != 0 {
		t.Error("a deal is still in the name of somebody who left, or in nobody's")
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE done_at IS NULL AND assignee_id = $1`, id); n != 0 {
		t.Error("a task is still theirs")
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_owned' AND data->'cause'->>0 = 'dismissed'`); n == 0 {
		t.Error("the timeline doesn't say why the owner changed")
	}
	gone := h.edit(ivan)
	if len(gone.Buttons) != 0 || strings.Contains(gone.Text, "Москва") || !strings.Contains(gone.Text, "№") {
		t.Errorf("the old card says %q %v", gone.Text, gone.Buttons)
	}
	was := h.count(`SELECT count(*) FROM events WHERE kind IN ('deal_moved', 'deal_owned')`)
	h.pressOn(ivan, card, "Готово")
	h.text(ivan, "/my")
	if n := h.count(`SELECT count(*) FROM events WHERE kind IN ('deal_moved', 'deal_owned')`); n != was {
		t.Error("an old card still works")
	}
	h.pressOn(aigul, h.find(aigul, "Уволить"), "Уволить") // once more
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'employee_dismissed'`); n != 1 {
		t.Errorf("dismissed %d times", n)
	}
}

func TestX06_ForgedPressesAboutPeopleAreAnsweredLikeNothing(t *testing.T) {
	h := crowd(t)
	h.exec(`INSERT INTO slots (name, role) VALUES ('Центр', 'technician')`)
	h.text(aigul, "/invite")
	head, technician := h.who(aigul), h.who(ivan)
	for _, data := range []string{"p", "p:", "p:i", "p:i:1", "p:i:1:r:manager", "p:d:" + fmt.Sprint(head) + ":yes", "p:s:1:" + fmt.Sprint(technician) + ":0", "p:r:1", "p:b:r:manager",
		"p:x:1:2", "p:s:999999999999999999999:1:1", "p:d:-1:yes", "p:s:1:people", "p:i:1:c:99"} {
		in := h.from(ivan, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: "1"}})
		in.Key = "p:" + in.Key
		if r := h.accept(in); r.Toast == "" {
			t.Errorf("%s is answered with nothing", data)
		}
	}
	if n := h.count(`SELECT count(*) FROM employees WHERE NOT active`); n != 0 {
		t.Error("a forged press dismissed somebody")
	}
	if n := h.count(`SELECT count(*) FROM slots WHERE employee_id IS NOT NULL`) + h.count(`SELECT count(*) FROM invites WHERE role <> ''`); n != 0 {
		t.Error("a forged press changed something")
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_refused'`); n < 8 {
		t.Errorf("%d refusals in the audit", n)
	}
	for _, data := range []string{"p:i:1:r:director", "p:i:999:r:technician", "p:s:77", "p:d:9999:yes", "p:b:o", "p:i:1:c:5000"} { // by somebody with the rights
		in := h.from(aigul, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: "1"}})
		in.Key = "p:" + in.Key
		h.accept(in)
	}
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d presses broke the program", n)
	}
}

// outs lists what was sent to a person.
func (h *house) outs(person int64) (list []crm.Outbound) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.out {
		if o.Address.Chat == fmt.Sprint(person) {
			list = append(list, o)
		}
	}
	return list
}

// edit is the newest edit in the chat of a person, as a message whose buttons can be pressed.
func (h *house) edit(person int64) crm.Outbound {
	h.t.Helper()
	list := h.outs(person)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Kind == crm.OutEdit {
			return list[i]
		}
	}
	h.t.Fatalf("nothing was edited for %d", person)
	return crm.Outbound{}
}

func (h *house) edited(person int64, part string) {
	h.t.Helper()
	if got := h.edit(person).Text; !strings.Contains(got, part) {
		h.t.Fatalf("the message of %d says %q, want %q in it", person, got, part)
	}
}

package turn

import (
	"slices"
	"strings"
	"unicode"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// command is one command of employees. The text "menu.<name>" says in one line what it does; menus and help are made of it.
type command struct {
	name    string
	also    []string  // other names, in any alphabet
	right   crm.Right // that a role needs for it; empty: everybody
	example string    // what may follow it in the help: {role}, {city}, {number} … are those of the reader, see examples
	private bool      // it is not for a chat that others read
	hidden  bool      // it works, but no menu and no help shows it
	visits  bool      // it is for kits with visits
	knows   bool      // it is for kits that answer questions
	codes   bool      // it is for kits whose visitors show codes
	filters bool      // a filter may follow it
	numbers bool      // it is for houses with numbers that may be banned
	do      func(*group, *postgres.Turn) error
}

// commandTable lists the commands of employees in the order of menus and help.
func commandTable() []command {
	return []command{
		{name: "start", hidden: true, do: (*group).greet},
		{name: "my", filters: true, also: []string{"мои", "моё", "мое", "менікі", "mine"}, example: "{by_stage}", do: (*group).listMy},
		{name: "deals", filters: true, also: []string{"заявки", "сделки", "өтінімдер", "list"}, example: "{by_city}", do: (*group).listAll},
		{name: "find", filters: true, also: []string{"найти", "поиск", "іздеу", "search"}, example: "{number}", do: (*group).listFound},
		{name: "deal", also: []string{"заявка", "сделка", "өтінім"}, example: "{number}", do: (*group).showDeal},
		{name: "funnel", also: []string{"воронка", "этапы", "құйғыш", "кезеңдер", "stages"}, do: (*group).funnel},
		{name: "tasks", also: []string{"задачи", "тапсырмалар", "todo"}, do: (*group).tasks},
		{name: "assign", also: []string{"передать", "назначить", "тағайындау"}, right: crm.MayAssign, example: "{number}", do: (*group).assign},
		{name: "undo", also: []string{"отменить", "болдырмау"}, do: (*group).undo},
		// Of other rooms: work on deals, visits, people.
		{name: "plan", also: []string{"план", "жоспар"}, example: "{tomorrow}", visits: true, do: (*group).planDay},
		{name: "week", also: []string{"неделя", "апта"}, right: crm.MayPlan, visits: true, do: (*group).planWeek},
		{name: "came", also: []string{"пришёл", "пришел", "келді"}, example: "4821", codes: true, do: (*group).came},
		{name: "invite", also: []string{"пригласить", "шақыру"}, right: "invite", example: "{role} {city}", private: true, do: (*group).invite},
		{name: "invites", also: []string{"приглашения", "шақырулар"}, right: "invite", private: true, do: (*group).invites},
		{name: "pair", also: []string{"связать", "байланыстыру"}, right: mayLink, private: true, do: (*group).pair},
		{name: "slots", also: []string{"места", "орындар"}, right: "slots", private: true, do: (*group).slots},
		{name: "slot", also: []string{"место", "орын"}, right: "slots", private: true, do: (*group).slot},
		{name: "dismiss", also: []string{"уволить", "босату"}, right: "slots|invite", private: true, do: (*group).dismissCommand},
		{name: "merge", also: []string{"объединить", "біріктіру"}, right: crm.MayMerge, private: true, do: (*group).mergeCommand},
		{name: "unmerge", also: []string{"разъединить", "бөлу"}, right: crm.MayMerge, private: true, do: (*group).unmergeCommand},
		{name: "bind", also: []string{"привязать", "байлау"}, right: "bind", example: "{crew}", do: (*group).bind},
		{name: "unbind", also: []string{"отвязать", "ажырату"}, right: "bind", do: (*group).unbind},

		{name: "save", also: []string{"сохранить", "сақтау"}, example: "{saved}", do: (*group).save},
		{name: "saved", also: []string{"сохранённые", "сақталған"}, do: (*group).saved},
		{name: "schedule", also: []string{"расписание", "кесте"}, example: "{saved} 8:30", private: true, do: (*group).schedule},
		{name: "export", filters: true, also: []string{"выгрузка", "выгрузить", "экспорт", "жүктеу"}, right: "export", example: "{by_city}", private: true, do: (*group).export},
		{name: "broadcast", also: []string{"рассылка", "хабарлама"}, right: crm.MayBroadcast, example: "{by_city}", private: true, do: (*group).broadcast},
		{name: "broadcasts", also: []string{"рассылки", "хабарламалар"}, right: crm.MayBroadcast, private: true, do: (*group).broadcasts},
		{name: "guard", also: []string{"защита", "номера", "қорғау", "нөмірлер"}, right: crm.MayReports, private: true, numbers: true, do: (*group).guardReport},
		{name: "questions", also: []string{"вопросы", "сұрақтар"}, right: crm.MayQuestions, private: true, knows: true, do: (*group).listQuestions},
		{name: "answer", also: []string{"ответ", "ответить", "жауап"}, right: crm.MayQuestions, private: true, hidden: true, do: (*group).answerQuestion},
		{name: "ask", also: []string{"вопрос", "спросить", "сұрақ"}, knows: true, do: (*group).askBase},
		{name: "why", also: []string{"почему", "история", "неге", "тарих"}, example: "{number}", do: (*group).why},
		{name: "shift", also: []string{"смена", "ауысым"}, do: (*group).shift},
		{name: "reports", also: []string{"отчёт", "отчёты", "есеп", "report"}, right: crm.MayReports, example: "{last_month}", private: true, do: (*group).report},
		{name: "rating", also: []string{"рейтинг", "баллы", "ұпай"}, do: (*group).rating},
		{name: "tour", also: []string{"учёба", "обучение", "оқу"}, private: true, do: (*group).tour},
		{name: "lang", also: []string{"язык", "тіл", "language"}, do: (*group).nextLanguage},
		{name: "mydata", hidden: true, do: (*group).staffData},
		{name: "forget", hidden: true, do: (*group).staffData},
		{name: "help", also: []string{"помощь", "справка", "көмек", "команды"}, do: (*group).help},
	}
}

// commandOf finds a command by any of its names.
func commandOf(name string) *command {
	name = plainName(name)
	for _, c := range commandTable() {
		if c.name == name || slices.ContainsFunc(c.also, func(other string) bool { return plainName(other) == name }) {
			return &c
		}
	}
	return nil
}

// commandIn is commandOf in this kit: a form of the kit goes before another name of a command of ours.
func (g *group) commandIn(name string) *command {
	c := commandOf(name)
	if c == nil || isCommand(name) {
		return c
	}
	for _, d := range g.Kit.Dialogs {
		if slices.ContainsFunc(d.Entries, func(e dialogs.Entry) bool { return e.Command != "" && e.Command == name }) {
			return nil
		}
	}
	return c
}

// isCommand tells whether something is the first name of a command of ours, which no form of a kit can have.
func isCommand(name string) bool {
	c := commandOf(name)
	return c != nil && c.name == plainName(name)
}

// plainName is a name as it is compared: case and the dots of ё don't matter.
func plainName(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "ё", "е")
}

// maxCommand is how many letters the name of a command may have, as with Telegram.
const maxCommand = 32

// typed is the command that a message holds, in any alphabet, and what follows it. Channels know commands of Latin letters; one of other letters
// begins the message or stands after a space.
func typed(in crm.Inbound) (name, args string) {
	switch {
	case in.Kind == crm.InEdit: // kept, never run
		return "", ""
	case in.Command != "":
		return in.Command, in.Args
	}
	text := in.Text
	for {
		before, after, found := strings.Cut(text, "/")
		if !found {
			return "", ""
		}
		text = after
		if before != "" && !strings.HasSuffix(before, " ") && !strings.HasSuffix(before, "\n") {
			continue
		}
		end := strings.IndexFunc(after, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
		if end < 0 {
			end = len(after)
		}
		name, rest := after[:end], after[end:]
		if rest != "" && !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "\n") {
			continue // a path, or meant for another bot
		}
		if n := len([]rune(name)); n > 0 && n <= maxCommand && !unicode.IsDigit([]rune(name)[0]) {
			return strings.ToLower(name), strings.TrimSpace(rest)
		}
	}
}

// may tells whether the author of a turn may use a command at all.
func (g *group) may(t *postgres.Turn, c command) bool { return g.roleMay(t.Employee.Role, c) }

// offers tells whether menus, help and suggestions name a command to a role.
func (g *group) offers(role string, c command) bool {
	return !c.hidden && (!c.knows || g.Kit.Knowledge != nil) && (!c.visits || len(g.Kit.Visits) > 0) && (!c.codes || g.Kit.Codes()) && (!c.numbers || g.Guarded != nil && g.Guarded()) && g.roleMay(role, c)
}

func (g *group) roleMay(role string, c command) bool {
	return c.right == "" || slices.ContainsFunc(strings.Split(string(c.right), "|"), func(right string) bool { return g.Kit.May(role, crm.Right(right)) })
}

// command does what an employee typed. Who has no right to it is told so, and it is noted.
func (g *group) command(t *postgres.Turn, c command) error {
	switch {
	case !g.may(t, c):
		g.event(t, postgres.EventRow{Kind: "command_refused", Data: crm.Fields{"command": c.name}})
		return g.say(t, "staff.no_right", nil)
	case c.private && t.Talk.Group:
		return g.say(t, "staff.private_only", map[string]any{"command": c.name})
	}
	if err := c.do(g, t); err != nil {
		return err
	}
	return g.tourHeard(t, c.name)
}

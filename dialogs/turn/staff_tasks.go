package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs/staff"
)

// tasks lists an employee's open tasks, each with a button that says it is done.
func (g *group) tasks(t *postgres.Turn) error {
	out, err := g.taskList(t)
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

func (g *group) taskList(t *postgres.Turn) (crm.Outbound, error) {
	lang := g.lang(t)
	out := crm.Outbound{Kind: crm.OutMessage}
	list, err := g.tx.TasksOf(g.ctx, t.Employee.ID, workLimit)
	if err != nil {
		return out, err
	}
	if len(list) == 0 {
		out.Text = g.text(lang, "tasks.none", nil)
		return out, nil
	}
	lines := []string{g.text(lang, "tasks.title", nil)}
	for i, k := range list {
		title, number := g.taskTitle(k.Title, lang), strconv.FormatInt(int64(k.Deal), 10)
		line := strconv.Itoa(i+1) + ". " + html.EscapeString(title)
		if k.Deal != 0 && !slices.Contains(strings.FieldsFunc(title, func(r rune) bool { return r < '0' || r > '9' }), number) { // most titles name it
			line += " · № " + number
		}
		if !k.DueAt.IsZero() {
			key := "tasks.due"
			if k.DueAt.Before(g.now) {
				key = "tasks.overdue"
			}
			line += " · " + g.text(lang, key, map[string]any{"time": k.DueAt.In(g.Kit.Zone).Format("02.01 15:04")})
		}
		lines = append(lines, line)
		b := crm.Button{Text: "✅ " + strconv.Itoa(i+1), Data: "t:" + strconv.FormatInt(int64(k.ID), 10) + ":finish"}
		if i%4 == 0 {
			out.Buttons = append(out.Buttons, nil)
		}
		out.Buttons[len(out.Buttons)-1] = append(out.Buttons[len(out.Buttons)-1], b)
	}
	out.Text = strings.Join(lines, "\n")
	return out, nil
}

// taskTitle is what a task is called: some titles are keys of texts.
func (g *group) taskTitle(title, lang string) string {
	if g.Kit.Texts.Has(lang, title) {
		return html.UnescapeString(g.text(lang, title, nil))
	}
	return title
}

// finishTask ends a task of the employee who presses, once; the rules that wait for it are asked, and the list shows what is left.
func (g *group) finishTask(t *postgres.Turn, id crm.TaskID) (string, error) {
	lang := g.lang(t)
	if err := g.tx.Flush(g.ctx); err != nil {
		return "", err
	}
	k, err := g.tx.Task(g.ctx, id)
	if err != nil {
		return "", err
	}
	mine := k.Assignee == t.Employee.ID || k.Assignee == 0 && k.Role == t.Employee.Role
	if mine && k.Deal != 0 { // deals are locked before what belongs to them
		d, err := g.tx.Deal(g.ctx, k.Deal)
		if err != nil {
			return "", err
		}
		mine = k.Assignee != 0 || staff.Sees(g.Kit, view(d), *t.Employee)
	}
	if !mine {
		g.event(t, postgres.EventRow{Kind: "task_refused", Deal: k.Deal, Data: crm.Fields{"asked": id}})
		return g.text(lang, "staff.no_right", nil), nil
	}
	_, err = g.tx.FinishTask(g.ctx, id)
	if errors.Is(err, crm.ErrTaken) {
		return g.text(lang, "grammar.already_done", nil), g.refreshTasks(t)
	}
	if err != nil {
		return "", err
	}
	g.happened(t, rules.Done{}, postgres.EventRow{Kind: "task_done", Deal: k.Deal, Contact: k.Contact, Data: crm.Fields{"title": k.Title}})
	if k.Deal != 0 {
		done, err := g.rules(t).Happened(rules.TaskDone, k.Deal)
		if err == nil {
			err = g.applyAll(t, done, &Trace{})
		}
		if err != nil {
			return "", err
		}
	}
	return g.text(lang, "tasks.done", nil), g.refreshTasks(t)
}

func (g *group) refreshTasks(t *postgres.Turn) error {
	if err := g.tx.Flush(g.ctx); err != nil { // rules may have made another task
		return err
	}
	out, err := g.taskList(t)
	if err != nil {
		return err
	}
	return g.replace(t, out)
}

package dialogs

import (
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// formPrefix begins the names under which the slots of forms are known: no file of dialogs/ can be called so.
const formPrefix = "form."

// callForm is the form that a missed call of somebody without an open deal fills in.
const callForm = "call"

// formTypes are the slots that a form may have: what can be typed into a field of a page.
var formTypes = []string{"text", "name", "email", "city", "choice", "number", "money", "phone", "date", "datetime", "plate"}

// intakeShape is intake.yaml.
func intakeShape() *shape {
	field := anObject("a field of a form", "What may be filled in.", append(answerFields(), may("need", aFlag("“need”", "it must be filled in")))...)
	form := anObject("a form", "What a web page may send, and what follows.",
		may("origins", listOf("“origins”", aText("a site", "sites whose pages may send it from a browser: https://park.example"))),
		must("slots", mapOf("“slots” of a form", "what may be filled in, by name", field)),
		must("then", branchesShape("“then”")))
	hook := anObject("an address outside", "An address that is told of deals.",
		must("url", aText("“url”", "its address: https://…")),
		must("secret", aText("“secret”", "the name of the environment variable with the key that signs what is sent")))
	return anObject("intake.yaml", "What comes in and goes out besides talks.",
		may("forms", mapOf("“forms”", "web forms by name", form)),
		may("calls", anObject("“calls”", "What follows from telephone calls.",
			must("missed", branchesShape("“missed”")),
			may("next", anObject("“next” of calls", "Whose telephone the exchange rings when nobody takes a call.",
				must("roles", listOf("“roles”", aText("a role", "a role of kit.yaml: the next of its people at work, who has the fewest open deals"))),
				may("phone", aText("“phone”", "the number that is rung when none of them is left: \"+77071234567\"")))))),
		may("hooks", mapOf("“hooks”", "addresses that are told of deals, by name", hook)))
}

func branchesShape(noun string) *shape {
	return listOf(noun, anObject("a branch of a form", "What follows; the first that fits is taken.",
		may("if", anExpr("a condition over the slots")), must("do", actionsShape())))
}

// intake reads intake.yaml.
func (r *reader) intake(n *yaml.Node) {
	for key, v := range pairs(child(n, "forms")) {
		name := r.name(key, "a form")
		if name == callForm {
			r.report(key, "Choose another name.", "“%s” is no name of a form: it stands for telephone calls", name)
		}
		form := r.form(name, child(v, "slots"))
		form.Origins = r.origins(child(v, "origins"))
		r.branches(form, child(v, "then"))
		r.draft.kit.Forms[name] = form
	}
	if calls := child(n, "calls"); calls != nil {
		form := r.form(callForm, nil)
		form.def.Slots["phone"] = &Slot{Name: "phone", Type: "phone"}
		form.def.Slots["line"] = &Slot{Name: "line", Type: "text"}
		r.branches(form, child(calls, "missed"))
		r.callNext(child(calls, "next"))
		r.draft.kit.Calls = form
	}
	for key, v := range pairs(child(n, "hooks")) {
		r.hook(key, v)
	}
}

// phonePattern is a telephone number in E.164.
var phonePattern = regexp.MustCompile(`^\+[0-9]{6,15}$`)

// callNext reads whose telephone rings next.
func (r *reader) callNext(n *yaml.Node) {
	if n == nil {
		return
	}
	next := &CallNext{Phone: scalar(child(n, "phone"))}
	for _, role := range elements(child(n, "roles")) {
		next.Roles = append(next.Roles, r.use(role, useRole, "", "calls ring next at role"))
	}
	if next.Phone != "" && !phonePattern.MatchString(next.Phone) {
		r.report(child(n, "phone"), "Write such as +77071234567.", "“%s” is no telephone number", next.Phone)
	}
	r.draft.kit.CallNext = next
}

// form reads the slots of a form.
func (r *reader) form(name string, slots *yaml.Node) *Form {
	f := &Form{Name: name, def: &Definition{Name: formPrefix + name, Slots: map[string]*Slot{}}}
	for key, v := range pairs(slots) {
		sl := r.slot(key, v, "slot")
		if !slices.Contains(formTypes, sl.Type) && r.fits {
			r.report(key, "Write one of "+quoted(formTypes)+".", "slot “%s” of form “%s” has type “%s”, which no page can send", sl.Name, name, sl.Type)
		}
		if sl.Secret {
			r.report(key, "Ask for it in the dialog.", "slot “%s” of form “%s” is secret, and what web pages send is not", sl.Name, name)
		}
		if isTrue(child(v, "need")) {
			f.Need = append(f.Need, sl.Name)
		}
		f.def.Slots[sl.Name] = sl
	}
	slices.Sort(f.Need)
	return f
}

func (r *reader) branches(f *Form, n *yaml.Node) {
	who := "form “" + f.Name + "”"
	if f.Name == callForm {
		who = "a missed call"
	}
	s := scope{dialog: f.def.Name, who: who, env: dialogEnv(f.def.Slots), shown: dialogTexts(f.def.Slots)}
	for _, node := range elements(n) {
		first := len(r.uses)
		b := FormBranch{If: r.condition(child(node, "if"), s), Do: r.actions(child(node, "do"), s)}
		for _, u := range r.uses[first:] {
			if u.kind == useSlot && f.def.Slots[u.name] == nil {
				r.problems = append(r.problems, u.problem("Write one of "+quoted(sortedKeys(f.def.Slots))+".", "%s “%s”, which does not exist", u.by, u.name))
			}
		}
		for i := range b.Do {
			if verb := talks(&b.Do[i]); verb != "" {
				r.report(child(node, "do"), "Remove it: nobody can be asked here.", "%s does “%s”, but there is no talk", who, verb)
			}
		}
		f.Then = append(f.Then, b)
	}
}

// talks names an action that only makes sense in a talk, empty for all others.
func talks(a *Action) string {
	switch {
	case a.HandOver != nil:
		return "hand_over"
	case a.StartDialog != nil:
		return "start_dialog"
	case a.Visit != "":
		return "visit"
	case a.Book != "":
		return "book"
	}
	return ""
}

func (r *reader) origins(n *yaml.Node) (sites []string) {
	for _, item := range elements(n) {
		site := scalar(item)
		if host, ok := strings.CutPrefix(site, "https://"); !ok || host == "" || strings.ContainsAny(host, "/*?# ") {
			r.report(item, "Write https:// and the name of the site, nothing behind it.", "“%s” is no site", site)
		}
		sites = append(sites, site)
	}
	return sites
}

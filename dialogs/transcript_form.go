package dialogs

import (
	"fmt"
	"strings"

	"govorun/crm"
)

// PlayForm fills a form in as a page would, and gives the script back with what follows. Its first line names the form, the others are
// answers; what is wrong with them, and the effects, stand below:
//
//	# POST /api/leads/site
//	phone=8 707 123 45 67
//	= deal opened id=5512 pipeline=workshop stage=new title=site
//
// The error is of a form that the kit doesn't have, or of the kit.
func PlayForm(kit *Kit, script string) (string, error) {
	first, rest, _ := strings.Cut(script, "\n")
	form := kit.Form(first[strings.LastIndex(first, "/")+1:])
	if form == nil {
		return "", fmt.Errorf("%s: the kit has no such form", first)
	}
	typed := map[string]string{}
	var out strings.Builder
	out.WriteString(first + "\n")
	for line := range strings.Lines(rest) {
		name, answer, ok := strings.Cut(strings.TrimSpace(line), "=")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.HasPrefix(line, "!") {
			continue // an effect or a problem of an earlier time
		}
		typed[name] = answer
		out.WriteString(line)
	}
	p := newPlayer(kit)
	p.contact = crm.Contact{ID: 7}
	values, problems, ignored := kit.Read(form, typed, p.lang, p.now)
	for _, name := range ignored {
		out.WriteString("! " + name + ": ignored\n")
	}
	for _, problem := range problems {
		out.WriteString("! " + problem.Field + ": " + problem.What + "\n")
	}
	if len(problems) > 0 {
		return out.String(), nil
	}
	effects, err := kit.Submit(form, values, Facts{}, p.env())
	for _, e := range effects {
		if line := effectLine(e); line != "" {
			out.WriteString("= " + line + "\n")
		}
	}
	return out.String(), err
}

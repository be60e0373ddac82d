package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/sheet"
	"govorun/dialogs/staff/filter"
)

// An export takes what somebody sees out of the house: it is for roles with the right, has a reason, is noted with its filter, bounded, and a
// large one is told to the head.

const (
	// exportLimit is how many deals one file may hold.
	exportLimit = 5000
	// exportLarge is from how many deals on the head hears of it.
	exportLarge = 200
	// reasonLetters bound a reason in a person's own words.
	reasonShortest, reasonLongest = 5, 300
	// reasonMark parts a filter from the reason typed behind it.
	reasonMark = "//"
)

// exportReasons are the reasons that have a button.
var exportReasons = [...]string{"report", "check", "hand_over", "contractor"}

// otherFormats are those that people ask for and that no export has.
var otherFormats = []string{"pdf", "doc", "docx", "word", "ods", "txt", "json", "xml", "html"}

// export asks for the reason of an export, or makes it when the reason was typed behind the filter.
func (g *group) export(t *postgres.Turn) error {
	query, reason, _ := strings.Cut(t.In.Args, reasonMark)
	query = strings.TrimSpace(query)
	if word, rest, _ := strings.Cut(query, " "); slices.Contains(otherFormats, strings.ToLower(word)) {
		return g.wrong(t, "export.formats", map[string]any{"format": escaped(word)}, strings.TrimSpace("export xlsx "+rest), strings.TrimSpace("export csv "+rest))
	}
	format, query := formatOf(query)
	l := postgres.List{Employee: t.Employee.ID, Conversation: t.Talk.ID, Base: postgres.BaseExport, Query: query}
	if format == sheet.CSV {
		l.Page = 1 // the page of an export is its format
	}
	a, err := g.readList(t, l)
	if err != nil || a.problem != nil {
		return errors.Join(err, g.problem(t, a.problem))
	}
	if reason = strings.TrimSpace(reason); reason != "" {
		if !isReason(reason) {
			return g.wrong(t, "export.bad_reason", nil)
		}
		_, err := g.exported(t, l, a, reason)
		return err
	}
	out, err := g.exportQuestion(t, a, &l)
	if errors.Is(err, crm.ErrTooBroad) {
		return g.wrong(t, "list.too_broad", nil, g.narrower(t, l)...)
	}
	if err != nil || out.Text == "" {
		return err
	}
	return g.sendList(t, l, out)
}

// formatOf reads the format that may lead a filter.
func formatOf(query string) (sheet.Format, string) {
	word, rest, _ := strings.Cut(query, " ")
	switch strings.ToLower(word) {
	case "csv":
		return sheet.CSV, strings.TrimSpace(rest)
	case "xlsx", "excel", "xls":
		return sheet.XLSX, strings.TrimSpace(rest)
	}
	return sheet.XLSX, query
}

func isReason(s string) bool {
	n := len([]rune(s))
	return n >= reasonShortest && n <= reasonLongest
}

// exportQuestion asks why, with how many deals it is about. The token of the list is made here, since the buttons bear it.
func (g *group) exportQuestion(t *postgres.Turn, a asked, l *postgres.List) (crm.Outbound, error) {
	lang := g.lang(t)
	f, err := g.tx.Find(g.ctx, t.Employee.ID, a.full, postgres.Page{Size: 1})
	if err != nil {
		return crm.Outbound{}, err
	}
	if len(f.Deals) == 0 {
		text, err := g.nothing(t, a)
		return crm.Outbound{}, errors.Join(err, g.tellText(t, text))
	}
	if l.Token == "" {
		l.Token = g.Nonce() + g.Nonce()
	}
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "export.why", map[string]any{"count": found{Found: f}.count()})}
	if len(a.typed.Conditions) > 0 {
		out.Text += "\n🔎 " + html.EscapeString(filter.Say(a.typed, a.world))
	}
	for i, reason := range exportReasons {
		if i%2 == 0 {
			out.Buttons = append(out.Buttons, nil)
		}
		last := len(out.Buttons) - 1
		out.Buttons[last] = append(out.Buttons[last], crm.Button{Text: g.text(lang, "export.reason_"+reason, nil), Data: listPressed(*l, "r"+strconv.Itoa(i))})
	}
	format := "XLSX"
	if l.Page == 1 {
		format = "CSV"
	}
	out.Buttons = append(out.Buttons, []crm.Button{{Text: "📄 " + format, Data: listPressed(*l, "c")}})
	return out, nil
}

// tellText sends a text that is ready.
func (g *group) tellText(t *postgres.Turn, text string) error {
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text})
	return err
}

// exportPress changes the format, or makes the export for the reason of a button.
func (g *group) exportPress(t *postgres.Turn, l postgres.List, action string) (toast string, err error) {
	if !g.Kit.May(t.Employee.Role, crm.MayExport) {
		return g.text(g.lang(t), "staff.no_right", nil), nil
	}
	a, err := g.readList(t, l)
	if err != nil || a.problem != nil {
		return "", errors.Join(err, g.problem(t, a.problem))
	}
	if action == "c" {
		l.Page, l.Revision = 1-l.Page, l.Revision+1
		out, err := g.exportQuestion(t, a, &l)
		if err == nil && out.Text != "" {
			err = errors.Join(g.tx.ChangeList(g.ctx, l), g.replaceList(t, l, out))
		}
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimPrefix(action, "r"))
	if err != nil || n < 0 || n >= len(exportReasons) {
		return "", crm.ErrNotFound
	}
	return g.exportNow(t, l, a, unescaped(g.text(g.lang(t), "export.reason_"+exportReasons[n], nil)))
}

// exportReason takes a reply to the question for the reason in a person's own words. It reports false when the message is no such reply.
func (g *group) exportReason(t *postgres.Turn) (bool, error) {
	if t.In.ReplyTo == "" || t.In.Kind != crm.InText {
		return false, nil
	}
	card, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.ReplyTo)
	token, is := strings.CutPrefix(card, listCard(""))
	if err != nil || !is {
		return false, err
	}
	l, err := g.tx.List(g.ctx, token)
	switch {
	case errors.Is(err, crm.ErrNotFound):
		return false, nil
	case err != nil:
		return true, err
	case l.Base != postgres.BaseExport || l.Employee != t.Employee.ID || l.Conversation != t.Talk.ID:
		return false, nil
	case l.Query == exportDone:
		return true, g.say(t, "grammar.already_done", nil)
	case !isReason(strings.TrimSpace(t.In.Text)):
		return true, g.wrong(t, "export.bad_reason", nil)
	}
	if !g.Kit.May(t.Employee.Role, crm.MayExport) {
		return true, g.say(t, "staff.no_right", nil)
	}
	a, err := g.readList(t, l)
	if err != nil || a.problem != nil {
		return true, errors.Join(err, g.problem(t, a.problem))
	}
	_, err = g.exportNow(t, l, a, strings.TrimSpace(t.In.Text))
	return true, err
}

// exportDone stands in the place of the query of an export that was made: it is made once.
const exportDone = "done"

// exportNow makes an export that was asked for and takes the buttons off the question.
func (g *group) exportNow(t *postgres.Turn, l postgres.List, a asked, reason string) (toast string, err error) {
	made, err := g.exported(t, l, a, reason)
	if err != nil || !made {
		return "", err
	}
	l.Query, l.Revision = exportDone, l.Revision+1
	if err := g.tx.ChangeList(g.ctx, l); err != nil {
		return "", err
	}
	return "", g.replaceList(t, l, crm.Outbound{Text: g.text(g.lang(t), "export.made", map[string]any{"reason": html.EscapeString(reason)})})
}

// exported sends the file, notes who took what and why, and tells the head of a large one. It reports false when there is nothing to send.
func (g *group) exported(t *postgres.Turn, l postgres.List, a asked, reason string) (bool, error) {
	deals, err := g.tx.FindAll(g.ctx, t.Employee.ID, a.full, exportLimit+1)
	switch {
	case errors.Is(err, crm.ErrTooBroad):
		return false, g.wrong(t, "list.too_broad", nil, g.narrower(t, l)...)
	case err != nil:
		return false, err
	case len(deals) == 0:
		text, err := g.nothing(t, a)
		return false, errors.Join(err, g.tellText(t, text))
	case len(deals) > exportLimit:
		return false, g.wrong(t, "export.too_many", map[string]any{"limit": exportLimit}, g.narrower(t, l)[0])
	}
	format := sheet.XLSX
	if l.Page == 1 {
		format = sheet.CSV
	}
	header, rows := g.exportRows(t, deals)
	data, err := sheet.Write(format, header, rows)
	if err != nil {
		return false, err
	}
	said := filter.Say(a.typed, a.world)
	name := "deals-" + g.now.In(g.Kit.ZoneOf(t.Employee.City)).Format("2006-01-02-1504") + "." + string(format)
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMedia, Text: g.text(g.lang(t), "export.caption", map[string]any{"n": len(deals)}),
		Media: []crm.Upload{{Kind: crm.Document, Bytes: data, Name: name, MIME: format.MIME()}}})
	if err != nil {
		return false, err
	}
	g.event(t, postgres.EventRow{Kind: "exported", Data: crm.Fields{"filter": filter.String(a.full, a.world), "count": len(deals), "format": string(format), "reason": reason}})
	if len(deals) >= exportLarge {
		err = g.exportTold(t, len(deals), said, reason)
	}
	return true, err
}

// exportRows writes deals as rows, in the words of their reader. Fields that the kit keeps secret are left out.
func (g *group) exportRows(t *postgres.Turn, deals []postgres.FoundDeal) (header []string, rows [][]string) {
	lang, zone := g.lang(t), g.Kit.ZoneOf(t.Employee.City)
	var fields []string
	for name, f := range g.Kit.Fields {
		if !f.Secret && slices.ContainsFunc(deals, func(d postgres.FoundDeal) bool { return d.Fields[name] != nil }) {
			fields = append(fields, name)
		}
	}
	fields = sorted(fields)
	for _, column := range []string{"number", "pipeline", "stage", "status", "title", "city", "contact", "code", "address", "owner", "created", "entered", "due", "visit", "closed"} {
		header = append(header, unescaped(g.text(lang, "export.column_"+column, nil)))
	}
	header = append(header, fields...)
	clock := clockIn(zone)
	for _, d := range deals {
		row := []string{strconv.FormatInt(int64(d.ID), 10), unescaped(g.pipelineName(d.Pipeline, lang)), unescaped(g.stageName(d.Pipeline, d.Stage, lang)),
			unescaped(g.text(lang, "export.status_"+string(d.Status), nil)), d.Title, d.City, d.ContactName, d.Code, d.Address, d.OwnerName,
			clock(d.CreatedAt), clock(d.EnteredAt), clock(d.DueAt), clock(d.VisitAt), clock(d.ClosedAt)}
		for _, name := range fields {
			row = append(row, cellOf(d.Fields[name]))
		}
		rows = append(rows, row)
	}
	return header, rows
}

// exportTold tells those of the head's role that much was taken out.
func (g *group) exportTold(t *postgres.Turn, n int, said, reason string) error {
	if g.Kit.Head == "" {
		return nil
	}
	people, err := g.tx.ReachPeople(g.ctx, g.Kit.Head, 0, "")
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.ID == t.Employee.ID {
			continue
		}
		lang := g.speaks(p.Lang)
		_, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: g.text(lang, "export.told", map[string]any{"name": html.EscapeString(t.Employee.Name), "n": n,
				"filter": html.EscapeString(either(said, "—")), "reason": html.EscapeString(reason)})})
		if err != nil {
			return err
		}
	}
	return nil
}

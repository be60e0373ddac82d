package importer

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	// maxNotes bounds notes, and columns that nobody knows.
	maxNotes = 2000
	// maxMail bounds addresses of mail (RFC 5321).
	maxMail = 254
)

// ContactOptions say how to import contacts, balances and correspondence, besides what all imports know.
type ContactOptions struct {
	Options
	// Known makes every row somebody with whom the business works already.
	Known bool
	// SkipWrong stores the right rows although others are wrong.
	SkipWrong bool
	// Zone is by whose clock days and times are; nil means UTC.
	Zone *time.Location
	// Now is when a balance is that bears no day.
	Now time.Time
}

// ContactReport says besides how many rows were of somebody whom a row above named already, how many asked to be forgotten and were left out, and
// how many contacts each city has; "" are those of no city.
type ContactReport struct {
	Report
	Merged, Forgotten int
	Cities            map[string]int
}

// contactColumns are the headers of a list of contacts. Other columns become fields.
func contactColumns() map[string]string {
	return map[string]string{
		"name": "name", "full name": "name", "имя": "name", "фио": "name", "водитель": "name", "клиент": "name", "контакт": "name",
		"phone": "phone", "phone number": "phone", "mobile": "phone", "телефон": "phone", "мобильный": "phone", "номер телефона": "phone", "номер": "phone",
		"mail": "mail", "email": "mail", "e-mail": "mail", "почта": "mail", "эл почта": "mail",
		"city": "city", "город": "city",
		"source": "source", "источник": "source", "реклама": "source",
		"status": "status", "статус": "status", "этап": "status",
		"known": "known", "driver": "known", "наш водитель": "known", "наш": "known",
		"partner": "partner", "партнёр": "partner", "партнер": "partner", "парк": "partner", "таксопарк": "partner",
		"balance": "balance", "баланс": "balance", "остаток": "balance", "сальдо": "balance",
		"debt": "debt", "долг": "debt", "задолженность": "debt",
		"as of": "at", "balance at": "at", "date": "at", "дата": "at", "на дату": "at", "дата баланса": "at", "по состоянию на": "at",
		"notes": "notes", "note": "notes", "comment": "notes", "комментарий": "notes", "заметки": "notes", "заметка": "notes", "примечание": "notes",
	}
}

// Contacts imports people from a CSV or XLSX list. A row is the contact who has its number or mail already, if that is theirs for certain, else
// a new one; rows of one person become one. Empty cells change nothing.
func Contacts(ctx context.Context, db *postgres.DB, r io.Reader, o ContactOptions) (ContactReport, error) {
	return contacts(ctx, db, r, o, "contacts")
}

// Balances imports what the business owes people, or (below zero) they owe, as of a day. Only newer ones count. Who is not known yet becomes a
// contact: they have a balance, so they work here.
func Balances(ctx context.Context, db *postgres.DB, r io.Reader, o ContactOptions) (ContactReport, error) {
	return contacts(ctx, db, r, o, "balances")
}

func contacts(ctx context.Context, db *postgres.DB, r io.Reader, o ContactOptions, what string) (ContactReport, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	t, err := openAny(r, contactColumns())
	if err != nil {
		return ContactReport{}, err
	}
	if err := t.needsOne("phone", "mail"); err != nil {
		return ContactReport{}, err
	}
	if what == "balances" {
		if err := t.needsOne("balance", "debt"); err != nil {
			return ContactReport{}, err
		}
	}
	s, report, err := readContacts(t, o)
	if err != nil {
		return report, err
	}
	if report.Forgotten, err = s.leaveForgotten(ctx, db); err != nil {
		return report, err
	}
	write := s.storing(o.Options)
	if o.SkipWrong {
		write.Dry = o.Dry
	}
	n, err := db.ImportContacts(ctx, s.rows, write)
	if err != nil {
		return report, err
	}
	report.Report = s.report(t, n)
	report.Stored = !write.Dry
	for _, row := range s.rows {
		report.Cities[row.Fields.Text("city")]++
	}
	return report, nil
}

// contactSet is the outcome of reading contacts.
type contactSet struct {
	set[postgres.ContactImport]
}

// readContacts reads all rows, and makes one of those of one person.
func readContacts(t *table, o ContactOptions) (*contactSet, ContactReport, error) {
	s, report := &contactSet{}, ContactReport{Cities: map[string]int{}}
	place := map[string]int{}
	for {
		rec, wrong, err := t.next()
		if errors.Is(err, io.EOF) {
			return s, report, nil
		}
		if err != nil {
			return s, report, err
		}
		var row postgres.ContactImport
		if len(wrong) == 0 {
			row, wrong = contactOf(t, rec, o)
		}
		if len(wrong) > 0 {
			s.refuse(wrong)
			continue
		}
		if i, twice := placeOf(place, row); twice {
			s.rows[i] = joined(s.rows[i], row)
			report.Merged++
			row = s.rows[i]
			noteContact(place, row, i)
			continue
		}
		noteContact(place, row, len(s.rows))
		s.rows = append(s.rows, row)
	}
}

func placeOf(place map[string]int, row postgres.ContactImport) (int, bool) {
	for _, key := range []string{row.Phone, row.Mail} {
		if i, known := place[key]; known && key != "" {
			return i, true
		}
	}
	return 0, false
}

func noteContact(place map[string]int, row postgres.ContactImport, i int) {
	for _, key := range []string{row.Phone, row.Mail} {
		if key != "" {
			place[key] = i
		}
	}
}

// joined fills the gaps of the first row by the second; of two balances the newer one counts.
func joined(first, second postgres.ContactImport) postgres.ContactImport {
	if first.Name == "" {
		first.Name = second.Name
	}
	if first.Phone == "" {
		first.Phone = second.Phone
	}
	if first.Mail == "" {
		first.Mail = second.Mail
	}
	fields := maps.Clone(second.Fields)
	maps.Copy(fields, first.Fields)
	if second.Fields.Text(crm.FieldBalanceAt) > first.Fields.Text(crm.FieldBalanceAt) {
		fields[crm.FieldBalance], fields[crm.FieldBalanceAt] = second.Fields[crm.FieldBalance], second.Fields[crm.FieldBalanceAt]
	}
	if known, _ := second.Fields[crm.FieldKnown].(bool); known {
		fields[crm.FieldKnown] = true
	}
	first.Fields = fields
	return first
}

// needsOne asks for at least one of some columns.
func (t *table) needsOne(roles ...string) error {
	for _, c := range t.columns {
		for _, role := range roles {
			if c.role == role {
				return nil
			}
		}
	}
	return errors.New("the header has no column " + strings.Join(roles, " or ") + ": name one of the columns so")
}

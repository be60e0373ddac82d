package importer

import (
	"context"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// contactRow is a row while it is read.
type contactRow struct {
	postgres.ContactImport
	o        ContactOptions
	rec      record
	problems []Problem
	balance  *float64
	at       time.Time
}

func (r *contactRow) wrong(column, reason string) {
	r.problems = append(r.problems, Problem{Line: r.rec.line, Column: column, Reason: reason})
}

// contactOf reads one row, and tells all that is wrong with it.
func contactOf(t *table, rec record, o ContactOptions) (postgres.ContactImport, []Problem) {
	r := &contactRow{o: o, rec: rec}
	r.Fields = crm.Fields{}
	if o.Known {
		r.Fields[crm.FieldKnown] = true
	}
	for i, c := range t.columns {
		if i >= len(rec.cells) || strings.TrimSpace(rec.cells[i]) == "" {
			continue
		}
		limit := maxName
		if c.role == "" || c.role == "notes" {
			limit = maxNotes
		}
		value, wrong := cell(rec.cells[i], limit)
		if wrong != "" {
			r.wrong(c.header, wrong)
			continue
		}
		r.take(c, value)
	}
	if r.Phone == "" && r.Mail == "" && len(r.problems) == 0 {
		r.wrong("", "neither a phone nor a mail: who is this?")
	}
	r.weigh()
	return r.ContactImport, r.problems
}

// take keeps one cell.
func (r *contactRow) take(c column, value string) {
	switch c.role {
	case "name":
		r.Name = value
	case "phone":
		if r.Phone = r.phone(value); r.Phone == "" {
			r.wrong(c.header, "this is no phone number: write such as +77071234567")
		}
	case "mail":
		mail := strings.ToLower(value)
		if at := strings.IndexByte(mail, '@'); at < 1 || !strings.Contains(mail[at:], ".") || strings.ContainsAny(mail, " <>,;") || len(mail) > maxMail {
			r.wrong(c.header, "this is no address of mail: write such as name@example.kz")
			return
		}
		r.Mail = mail
	case "city":
		name, wrong := r.o.city(value)
		if wrong != "" {
			r.wrong(c.header, wrong)
			return
		}
		r.Fields["city"] = name
	case "known":
		yes, known := truth(value)
		if !known {
			r.wrong(c.header, "write yes or no")
		}
		r.Fields[crm.FieldKnown] = yes
	case "balance", "debt":
		sum, ok := money(value)
		if !ok {
			r.wrong(c.header, "this is no sum: write such as -12500.50")
			return
		}
		if c.role == "debt" {
			sum = -sum
		}
		r.balance = &sum
	case "at":
		at, ok := moment(value, r.o.Zone)
		if !ok {
			r.wrong(c.header, "this is no day: write such as 2026-11-22")
		}
		r.at = at
	case "":
		if c.key != "" {
			r.Fields[c.key] = value
		}
	default: // source, status, partner, notes
		r.Fields[c.role] = value
	}
}

// phone brings a number to E.164.
func (r *contactRow) phone(value string) string {
	if r.o.Phone != nil {
		return r.o.Phone(value)
	}
	return value
}

// weigh keeps the balance with its day.
func (r *contactRow) weigh() {
	if r.balance == nil {
		return
	}
	if r.at.IsZero() {
		r.at = r.o.Now
	}
	r.Fields[crm.FieldBalance], r.Fields[crm.FieldKnown] = *r.balance, true
	r.Fields[crm.FieldBalanceAt] = r.at.UTC().Format(time.RFC3339)
}

// leaveForgotten leaves out who asked to be forgotten: a list of before must not bring them back.
func (s *contactSet) leaveForgotten(ctx context.Context, db *postgres.DB) (left int, err error) {
	var phones []string
	for _, row := range s.rows {
		if row.Phone != "" {
			phones = append(phones, row.Phone)
		}
	}
	forgotten, err := db.ForgottenPhones(ctx, phones)
	if err != nil || len(forgotten) == 0 {
		return 0, err
	}
	kept := s.rows[:0]
	for _, row := range s.rows {
		if row.Phone != "" && forgotten[row.Phone] {
			left++
			continue
		}
		kept = append(kept, row)
	}
	s.rows = kept
	return left, nil
}

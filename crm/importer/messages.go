package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"govorun/crm/postgres"
)

// maxText is the longest message taken, in letters; a longer one is cut and says so.
const maxText = 3900

// MessageOptions say how to import correspondence, besides what imports of contacts know.
type MessageOptions struct {
	ContactOptions
	// Mask takes out of a text what must not be kept, such as numbers of cards; nil keeps texts.
	Mask func(string) string
	// Folder holds the files that the table names; nil when there are none.
	Folder *os.Root
	// MaxFile is the largest file taken, Quota how many bytes of files all in all.
	MaxFile, Quota int64
	// Keep stores a file; an error of it is why the file is not taken, in a word.
	Keep func(name string, r io.ReadSeeker, limit int64) (postgres.FileImport, error)
}

// MessageReport says besides how many files were taken, of how many bytes, and how many were not, by why.
type MessageReport struct {
	Report
	Forgotten int
	Files     int
	Bytes     int64
	Refused   map[string]int
}

// messageColumns are the headers of a correspondence. Other columns are not kept.
func messageColumns() map[string]string {
	return map[string]string{
		"phone": "phone", "телефон": "phone", "номер": "phone", "мобильный": "phone",
		"mail": "mail", "email": "mail", "e-mail": "mail", "почта": "mail",
		"time": "at", "date": "at", "at": "at", "время": "at", "дата": "at", "дата и время": "at",
		"direction": "direction", "направление": "direction",
		"text": "text", "message": "text", "текст": "text", "сообщение": "text",
		"file": "file", "attachment": "file", "файл": "file", "вложение": "file",
	}
}

// Messages imports correspondence from a CSV or XLSX table: a row is a message with its time, direction (in or out) and, if it has one, a file.
func Messages(ctx context.Context, db *postgres.DB, r io.Reader, o MessageOptions) (MessageReport, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	report := MessageReport{Refused: map[string]int{}}
	t, err := openAny(r, messageColumns(), "at", "text")
	if err != nil {
		return report, err
	}
	if err := t.needsOne("phone", "mail"); err != nil {
		return report, err
	}
	s := &set[postgres.MessageImport]{}
	seen := map[string]int{}
	for {
		rec, wrong, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return report, err
		}
		if len(wrong) == 0 {
			var row messageRow
			if row, wrong = messageOf(t, rec, o); len(wrong) == 0 {
				row.Ref = refOf(row, seen)
				s.rows = append(s.rows, row.MessageImport)
				continue
			}
		}
		s.refuse(wrong)
	}
	return report, storeMessages(ctx, db, t, s, o, &report)
}

func storeMessages(ctx context.Context, db *postgres.DB, t *table, s *set[postgres.MessageImport], o MessageOptions, report *MessageReport) error {
	var err error
	if report.Forgotten, err = leaveWriters(ctx, db, s); err != nil {
		return err
	}
	write := s.storing(o.Options)
	if o.SkipWrong {
		write.Dry = o.Dry
	}
	if err := takeFiles(ctx, s.rows, o, report, write.Dry); err != nil {
		return err
	}
	n, err := db.ImportMessages(ctx, s.rows, write)
	if err != nil {
		return err
	}
	report.Report = s.report(t, n)
	report.Fields, report.Stored = nil, !write.Dry
	return nil
}

// leaveWriters leaves out the messages of who asked to be forgotten.
func leaveWriters(ctx context.Context, db *postgres.DB, s *set[postgres.MessageImport]) (left int, err error) {
	distinct := map[string]bool{}
	for _, row := range s.rows {
		distinct[row.Phone] = row.Phone != ""
	}
	var phones []string
	for phone, is := range distinct {
		if is {
			phones = append(phones, phone)
		}
	}
	forgotten, err := db.ForgottenPhones(ctx, phones)
	if err != nil || len(forgotten) == 0 {
		return 0, err
	}
	kept := s.rows[:0]
	for _, row := range s.rows {
		if forgotten[row.Phone] {
			left++
			continue
		}
		kept = append(kept, row)
	}
	s.rows = kept
	return left, nil
}

// messageRow is a message while it is read.
type messageRow struct {
	postgres.MessageImport
	file string
}

// messageOf reads one row.
func messageOf(t *table, rec record, o MessageOptions) (messageRow, []Problem) {
	who := &contactRow{o: o.ContactOptions, rec: rec}
	var row messageRow
	for i, c := range t.columns {
		if i >= len(rec.cells) || c.role == "" {
			continue
		}
		value := strings.TrimSpace(rec.cells[i])
		switch c.role {
		case "phone", "mail":
			if value != "" {
				who.take(c, tidy(value))
			}
		case "at":
			at, ok := moment(tidy(value), o.Zone)
			if !ok {
				who.wrong(c.header, "this is no time: write such as 2026-11-22 10:00")
			}
			row.At = at
		case "direction":
			out, ok := direction(value)
			if !ok {
				who.wrong(c.header, "write in or out")
			}
			row.Out = out
		case "text":
			row.Text = o.body(value)
		case "file":
			row.file = value
		}
	}
	row.Phone, row.Mail = who.Phone, who.Mail
	if row.Phone == "" && row.Mail == "" && len(who.problems) == 0 {
		who.wrong("", "neither a phone nor a mail: with whom was this?")
	}
	if row.file != "" {
		row.File = &postgres.FileImport{Name: row.file}
	}
	return row, who.problems
}

// body is a text as it is kept.
func (o MessageOptions) body(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if o.Mask != nil {
		text = o.Mask(text)
	}
	if letters := []rune(text); len(letters) > maxText {
		text = string(letters[:maxText]) + " …"
	}
	return text
}

// direction reads whether the company wrote; as when absent the person did.
func direction(value string) (out, ok bool) {
	switch strings.ToLower(value) {
	case "", "in", "incoming", "от клиента", "входящее", "вх", "кіріс":
		return false, true
	case "out", "outgoing", "клиенту", "исходящее", "исх", "шығыс":
		return true, true
	}
	return false, false
}

// refOf tells a message from all others; the second of two that are alike is another one.
func refOf(row messageRow, seen map[string]int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%v\x00%s\x00%s", row.Phone, row.Mail, row.At.Unix(), row.Out, row.Text, row.file))
	ref := "i:" + hex.EncodeToString(sum[:16])
	seen[ref]++
	if n := seen[ref]; n > 1 {
		ref = fmt.Sprintf("%s:%d", ref, n)
	}
	return ref
}

// takeFiles stores the files of messages within their limits. Those that are not taken leave a line that says why.
func takeFiles(ctx context.Context, rows []postgres.MessageImport, o MessageOptions, report *MessageReport, dry bool) error {
	for i := range rows {
		f := rows[i].File
		if f == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		taken, reason, err := o.take(f.Name, o.Quota-report.Bytes, dry)
		if err != nil {
			return err
		}
		taken.Name, taken.Reason = path.Base(strings.ReplaceAll(f.Name, `\`, "/")), reason
		if reason != "" {
			report.Refused[reason]++
		} else {
			report.Files++
			report.Bytes += taken.Size
		}
		rows[i].File = &taken
	}
	return nil
}

// take stores one file, or says in a word why not. A path that leads out of the folder is missing.
func (o MessageOptions) take(name string, left int64, dry bool) (f postgres.FileImport, reason string, err error) {
	if o.Folder == nil || o.Keep == nil {
		return f, "missing", nil
	}
	file, err := o.Folder.Open(strings.ReplaceAll(name, `\`, "/"))
	if err != nil {
		return f, "missing", nil
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		return f, "missing", nil
	case info.Size() > o.MaxFile:
		return postgres.FileImport{Size: info.Size()}, "too_large", nil
	case info.Size() > left:
		return postgres.FileImport{Size: info.Size()}, "quota", nil
	case dry:
		return postgres.FileImport{Size: info.Size()}, "", nil
	}
	f, err = o.Keep(name, file, o.MaxFile)
	var refused Refused
	if errors.As(err, &refused) {
		return postgres.FileImport{Size: info.Size()}, string(refused), nil
	}
	return f, "", err
}

// Refused is why a file is not taken, in a word.
type Refused string

func (r Refused) Error() string { return "the file is not taken: " + string(r) }

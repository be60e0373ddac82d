package turn_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
)

// file is the newest file that a person got.
func (h *house) file(person int64) *crm.Upload {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if o := h.out[i]; o.Address.Chat == fmt.Sprint(person) && o.Kind == crm.OutMedia {
			return &o.Media[0]
		}
	}
	return nil
}

func TestX29AnExportIsForARightWithAReasonBoundedNotedAndToldToTheHead(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) VALUES ('sales', 'talk', 'open', '=HYPERLINK("http://evil")', 4, 'Moscow')`)
	h.deals(4, 2, "Own ")
	h.text(mia, "/export")
	h.says(mia, "no right")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'command_refused'`); n != 1 || h.file(mia) != nil {
		t.Errorf("%d refusals are noted", n)
	}
	h.text(hana, "/export PDF city:Moscow")
	if b := h.last(hana).Buttons; !strings.Contains(h.last(hana).Text, "xlsx") || len(b) != 2 || b[1][0].Text != "/export csv city:Moscow" {
		t.Errorf("another format: %q %v", h.last(hana).Text, b)
	}
	h.text(hana, "/export city:Moscow")
	h.says(hana, "What for?")
	if h.file(hana) != nil {
		t.Fatal("the file came without a reason")
	}
	question := h.list(hana)
	h.pressOn(hana, question, "Checking")
	file := h.file(hana)
	if file == nil || !strings.HasSuffix(file.Name, ".xlsx") {
		t.Fatalf("the file is %+v", file)
	}
	if !bytes.HasPrefix(file.Bytes, []byte("PK")) {
		t.Error("the file is no XLSX")
	}
	if r := h.pressOn(hana, question, "A report"); !strings.Contains(r.Toast, "lready") && r.Toast == "" {
		t.Errorf("a second press hears %q", r.Toast)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'exported' AND employee_id = 4 AND data->>'count' = '3' AND data->>'reason' = 'Checking' AND data->>'filter' <> ''`); n != 1 {
		t.Errorf("%d exports are noted", n)
	}

	h.text(hana, "/export csv city:Moscow // figures for the tax office")
	if file := h.file(hana); !strings.HasSuffix(file.Name, ".csv") || !strings.Contains(string(file.Bytes), `'=HYPERLINK`) || bytes.Count(file.Bytes, []byte("\r\n")) != 4 {
		t.Errorf("the file is %s:\n%s", file.Name, file.Bytes)
	}

	h.exec(`INSERT INTO employees (id, name, role, city, lang) VALUES (40, 'Second', 'head', 'Moscow', 'en')`)
	h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '540', 40)`)
	h.deals(4, 250, "Many ")
	h.text(hana, "/export")
	question = h.list(hana)
	h.exec(`UPDATE messages SET ref = '777' WHERE id = $1`, question.ID)
	h.exec(referred)
	in := h.from(hana, crm.Inbound{Kind: crm.InText, Text: "x", ReplyTo: "777"})
	h.accept(in)
	h.says(hana, "5 to 300")
	in = h.from(hana, crm.Inbound{Kind: crm.InText, Text: "moving <b>to another</b> system", ReplyTo: "777"})
	h.accept(in)
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'exported' AND data->>'count' = '253'`); n != 1 {
		t.Errorf("%d large exports are noted", n)
	}
	h.says(540, "Hana: a large export, 253")
	h.says(540, "&lt;b&gt;to another")

	h.deals(4, 5000, "Too many ")
	h.text(hana, "/export // everything there is")
	h.says(hana, "5000 jobs at most")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'exported'`); n != 3 {
		t.Errorf("%d exports are noted", n)
	}
}

package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
	"govorun/crm/postgres/cluster"
	"govorun/crm/postgres/pgtest"
)

// What is planted and must not be found, and who may see it.
const (
	plantedIBAN = "KZ86125KZT5004100100"
	plantedCard = "4242424242424242"
	plantedIIN  = "900101300126"
	plantedText = "паспорт № 12345678"
	saule       = 3101 // accountant
)

// newSealedWorld is a world that pays drivers, with an accountant.
func newSealedWorld(t *testing.T, env ...string) *world {
	t.Helper()
	w := worldOn(t, pgtest.DSN(t))
	kit, err := filepath.Abs("../../dialogs/turn/testdata/sealed")
	well(t, err)
	w.env = append(append(w.env, "GOVORUN_KIT="+kit), env...)
	_, err = w.db.ImportStaff(waiting(t), "telegram", []postgres.StaffRow{{Name: "Сауле", Role: "accountant", Address: fmt.Sprint(saule)}}, postgres.ImportOptions{})
	well(t, err)
	return w
}

// data is the data folder of a world's programs.
func (w *world) data() string {
	for _, one := range w.env {
		if dir, is := strings.CutPrefix(one, "GOVORUN_DATA="); is {
			return dir
		}
	}
	return ""
}

// pays lets a driver ask for a payout, with a card number in the wrong place, and gives the bytes of their selfie.
func (w *world) pays(id int64) (selfie []byte) {
	w.t.Helper()
	p := w.person(id, "Азамат")
	w.did(p.Start(""))
	w.sees(p, "На какой счёт")
	w.did(p.Text("kz86 125k zt50 0410 0100"))
	w.sees(p, "ИИН")
	w.did(p.Text("или на карту " + plantedCard))
	w.sees(p, "Слишком длинно")
	w.did(p.Text(plantedIIN))
	w.sees(p, "селфи")
	w.did(p.Photo(900, 1200, ""))
	w.sees(p, "паспорт")
	w.did(p.Do(simulator.Action{Do: "document", Item: simulator.Item{Content: []byte("%PDF-1.7\n" + strings.Repeat(plantedText+"\n", 200)), FileName: "p.pdf"}}))
	w.sees(p, "Счёт KZ86 ···0100")
	w.did(p.Press("Да, верно"))
	w.sees(p, "Спасибо")
	w.becomes(2, `SELECT count(*) FROM attachments WHERE status = 'stored' AND deal_id IS NOT NULL`)
	for _, m := range w.sim.Messages(id) {
		if len(m.Photo) > 0 {
			b, _, ok := w.sim.FileBytes(m.Photo[len(m.Photo)-1].FileID)
			if !ok {
				w.t.Fatal("the photo has no bytes")
			}
			selfie = b
		}
	}
	return selfie
}

// dump is the whole database as text.
func (w *world) dump() []byte {
	w.t.Helper()
	programs, err := cluster.Find()
	well(w.t, err)
	var dump, trouble bytes.Buffer
	cmd := exec.CommandContext(waiting(w.t), filepath.Join(programs.Dir, "pg_dump"), "--enable-row-security", w.dsn)
	cmd.Stdout, cmd.Stderr = &dump, &trouble
	if err := cmd.Run(); err != nil {
		w.t.Fatalf("%v: %s", err, &trouble)
	}
	return dump.Bytes()
}

func TestX19_X20_ADumpTheFilesAndTheLogAtDebugHoldNoSecret(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	p := w.serve().ready()
	boss := w.hired2(saule, "Сауле")
	selfie := w.pays(101)
	w.sees(boss, "KZ86 ···0100")
	w.did(boss.Press("🔐 Показать полностью"))
	shown := w.sees(boss, plantedIBAN)
	if !strings.Contains(shown.Text, plantedIIN) {
		t.Errorf("the accountant reads %q", shown.Text)
	}
	w.quiet()
	middle := selfie[len(selfie)/2 : len(selfie)/2+40]
	planted := map[string][]byte{"account": []byte(plantedIBAN), "account as typed": []byte("kz86 125k"), "card": []byte(plantedCard), "number": []byte(plantedIIN),
		"document": []byte(plantedText), "selfie": middle, "selfie in hex": []byte(hex.EncodeToString(middle))}
	places := map[string][]byte{"the dump": w.dump(), "the log": []byte(p.out.String())}
	well(t, filepath.WalkDir(w.data(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		places[path], err = os.ReadFile(path)
		return err
	}))
	if len(places) < 5 { // dump, log, keys and two files
		t.Fatalf("only %d places were looked through", len(places))
	}
	for place, bytesOf := range places {
		for name, secret := range planted {
			if bytes.Contains(bytesOf, secret) {
				t.Errorf("the %s stands in %s", name, place)
			}
		}
	}
	if !bytes.Contains(places["the dump"], []byte("‹sealed:KZ86 ···0100:k1:")) || !bytes.Contains(places["the dump"], []byte("secret_viewed")) {
		t.Error("the dump holds neither the sealed account nor the record of the view")
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind IN ('secret_viewed', 'file_viewed') AND employee_id IS NOT NULL`); n != 4 {
		t.Errorf("%d views are recorded, want 4", n)
	}
}

// hired2 makes an employee press Start, whatever the kit says to that.
func (w *world) hired2(id int64, name string) *simulator.Person {
	w.t.Helper()
	p := w.person(id, name)
	w.did(p.Start(""))
	w.becomesMore(1, `SELECT count(*) FROM conversations WHERE chat = $1`, fmt.Sprint(id))
	return p
}

func TestX21_ALinkOpensAFileForItsEmployeeOnlyWhileTheyMaySeeIt(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, "GOVORUN_PUBLIC=https://bot.example.org")
	p := w.serve().ready()
	boss := w.hired2(saule, "Сауле")
	w.pays(101)
	w.sees(boss, "KZ86 ···0100")
	w.did(boss.Press("🔐 Показать полностью"))
	shown := w.sees(boss, plantedIBAN)
	var links []string
	for _, row := range shown.ReplyMarkup.Rows {
		for _, b := range row {
			u, err := url.Parse(b.URL)
			if err != nil || u.Host != "bot.example.org" || !strings.HasPrefix(u.Path, "/files/") {
				t.Fatalf("the link is %q, %v", b.URL, err)
			}
			links = append(links, u.Path)
		}
	}
	if len(links) != 2 {
		t.Fatalf("%d links, want those of selfie and passport", len(links))
	}
	passport := links[1]
	resp, body := w.fetchFile(p, passport)
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(body, "%PDF-1.7\n"+plantedText) {
		t.Fatalf("the link gives %d, %.40q", resp.StatusCode, body)
	}
	for header, want := range map[string]string{"Content-Disposition": `attachment; filename="file-`, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox",
		"Content-Type": "application/octet-stream", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := resp.Header.Get(header); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'file_viewed' AND data->>'name' = 'passport' AND employee_id IS NOT NULL AND deal_id IS NOT NULL`); n != 1 {
		t.Errorf("%d views are recorded, want 1", n)
	}
	for name, path := range map[string]string{"changed": passport[:len(passport)-2] + "AA", "cut off": passport[:len(passport)-10], "another's signature": "/files/AAAA", "none": "/files/", "a path": "/files/..%2f..%2fetc%2fpasswd"} {
		if resp, _ := w.fetchFile(p, path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("a link that is %s gives %d", name, resp.StatusCode)
		}
	}
	w.exec(`UPDATE employees SET role = 'manager' WHERE name = 'Сауле'`)
	if resp, _ := w.fetchFile(p, passport); resp.StatusCode != http.StatusNotFound {
		t.Errorf("another role gets %d", resp.StatusCode)
	}
	w.exec(`UPDATE employees SET role = 'accountant', active = false WHERE name = 'Сауле'`)
	if resp, _ := w.fetchFile(p, passport); resp.StatusCode != http.StatusNotFound {
		t.Errorf("somebody dismissed gets %d", resp.StatusCode)
	}
	w.exec(`UPDATE employees SET active = true WHERE name = 'Сауле'`)
	w.exec(`UPDATE role_scopes SET sees = 'own' WHERE role = 'accountant'`)
	w.exec(`UPDATE deals SET owner_id = (SELECT id FROM employees WHERE name LIKE 'Айгуль%')`)
	if resp, _ := w.fetchFile(p, passport); resp.StatusCode != http.StatusNotFound {
		t.Errorf("who sees the deal no more gets %d", resp.StatusCode)
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'file_viewed'`); n != 1 {
		t.Errorf("%d views are recorded after refusals, want 1", n)
	}
}

// fetchFile asks a program for a path.
func (w *world) fetchFile(p *program, path string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(waiting(w.t), http.MethodGet, "http://"+p.address+path, nil)
	well(w.t, err)
	resp, err := http.DefaultClient.Do(req)
	well(w.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	well(w.t, err)
	return resp, string(body)
}

func TestX21_ALinkEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	db := openStored(t, pgtest.DSN(t))
	v, err := openVault(waiting(t), db, t.TempDir())
	well(t, err)
	y := &system{vault: v}
	now := time.Now()
	link := y.signLink(7, 9, now.Add(linkLife))
	if id, me, ok := y.readLink(link, now.Add(linkLife-time.Second*2)); !ok || id != 7 || me != 9 {
		t.Errorf("before its end: %d, %d, %v", id, me, ok)
	}
	if _, _, ok := y.readLink(link, now.Add(linkLife+time.Second)); ok {
		t.Error("it opens after its end")
	}
}

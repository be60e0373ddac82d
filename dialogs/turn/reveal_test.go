package turn_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/crm/seal"
	"govorun/dialogs"
)

// Saule is the accountant, Mukhtar a manager who may not see secrets; the driver is Azamat.
const (
	saule   = 5001
	mukhtar = 5002

	account = "KZ86125KZT5004100100"
	iin     = "900101300126"
)

// newSealed is a house that pays drivers, with keys.
func newSealed(t *testing.T) (*house, *seal.Ring) {
	t.Helper()
	ring, err := seal.NewRing([]seal.Key{{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(os.DirFS("testdata/sealed"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: pgtest.New(t)}
	h.startWith(kit)
	h.runner.Seal = ring
	if err := h.runner.Keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	for id, role := range map[int]string{saule: "accountant", mukhtar: "manager"} {
		h.exec(`INSERT INTO employees (id, name, role, lang) VALUES ($1, $2, $2, 'ru')`, id, role)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(id), id)
		h.text(int64(id), "/start")
	}
	return h, ring
}

// selfie sends a photo.
func (h *house) selfie(person int64) {
	h.t.Helper()
	h.accept(h.from(person, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "selfie-1", Unique: "u1", Width: 900, Height: 1200}}}))
}

// registers lets Azamat ask for a payout, up to the summary.
func (h *house) registers() {
	h.t.Helper()
	h.text(azamat, "/payout")
	h.text(azamat, "kz86 125k zt50 0410 0100")
	h.says(azamat, "ИИН")
	h.text(azamat, iin)
	h.says(azamat, "селфи")
	h.selfie(azamat)
	h.press(azamat, "Пропустить")
}

// everywhere tells in which tables a text stands.
func (h *house) everywhere(text string) (tables []string) {
	h.t.Helper()
	rows, err := h.db.Pool.Query(context.Background(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, name)
	}
	for _, name := range all {
		if h.count(`SELECT count(*) FROM "`+name+`" t WHERE strpos(t::text, $1) > 0`, text) > 0 {
			tables = append(tables, name)
		}
	}
	return tables
}

func (h *house) nowhere(texts ...string) {
	h.t.Helper()
	for _, text := range texts {
		if tables := h.everywhere(text); len(tables) > 0 {
			h.t.Errorf("%q stands in %v", text, tables)
		}
	}
}

func TestX20_SecretsStandNowhereInTheDatabaseAndPeopleSeeMasks(t *testing.T) {
	h, _ := newSealed(t)
	h.registers()
	h.says(azamat, "Счёт KZ86 ···0100 (KZ86 ···0100), ИИН •••••.")
	h.nowhere(account, "125k zt50", iin)
	h.press(azamat, "Да, верно")
	h.says(azamat, "платим на KZ86 ···0100.")
	h.says(saule, "Payout to KZ86 ···0100")
	h.says(saule, "KZ86 ···0100, •••••")
	h.nowhere(account, "125k zt50", iin)
	h.is("messages whose words are hidden", h.count(`SELECT count(*) FROM messages WHERE content ? 'veiled'`), 2)
	h.is("masked accounts in the history", h.count(`SELECT count(*) FROM messages WHERE direction = 'in' AND content->>'text' = 'KZ86 ···0100'`), 1)
	h.is("sealed fields", h.count(`SELECT count(*) FROM deals WHERE fields->>'account' LIKE '‹sealed:KZ86 ···0100:k1:%' AND fields->>'iin' LIKE '‹sealed:%'`), 1)
	if words := strings.Join(h.everywhere("‹sealed:"), " "); strings.Contains(words, "deal_words") || strings.Contains(words, "messages") {
		t.Errorf("tokens stand in %s", words)
	}
	h.text(saule, "/why 1")
	if got := h.last(saule).Text; seal.Holds(got) {
		t.Errorf("the story of the deal shows a token: %s", got)
	}
}

func TestX21_WhoMaySeeSecretsGetsThemInTheirOwnChatAndEachViewIsRecorded(t *testing.T) {
	h, ring := newSealed(t)
	h.registers()
	h.press(azamat, "Да, верно")
	h.delivered()
	h.press(saule, "Показать полностью")
	shown := h.outs(saule)
	var text, photo crm.Outbound
	for _, o := range shown {
		if o.Reveal {
			text = o
		}
		if o.Kind == crm.OutMedia {
			photo = o
		}
	}
	plain, err := ring.Revealed(text.Text, html.EscapeString)
	if err != nil || !strings.Contains(plain, account) || !strings.Contains(plain, iin) || !strings.Contains(plain, "Счёт: ") {
		t.Errorf("the accountant reads %q, %v", plain, err)
	}
	if len(photo.Media) != 1 || photo.Media[0].Ref != "selfie-1" {
		t.Errorf("the selfie was sent as %+v", photo)
	}
	h.nowhere(account, iin) // the row of the message holds tokens
	h.is("views of secrets", h.count(`SELECT count(*) FROM events WHERE kind = 'secret_viewed' AND employee_id = $1 AND deal_id IS NOT NULL AND data->>'field' IN ('account', 'iin')`, saule), 2)
	h.is("views of files", h.count(`SELECT count(*) FROM events WHERE kind = 'file_viewed' AND employee_id = $1 AND data->>'name' = 'selfie'`, saule), 1)
}

func TestX21_ALinkTakesThePlaceOfAFileWhenThereIsAnAddress(t *testing.T) {
	h, _ := newSealed(t)
	h.runner.FileLink = func(id crm.AttachmentID, me crm.EmployeeID) string {
		return fmt.Sprintf("https://x.example/files/%d-%d", id, me)
	}
	h.registers()
	h.press(azamat, "Да, верно")
	h.delivered()
	h.exec(`UPDATE attachments SET status = 'stored', hash = repeat('a', 64)`)
	h.press(saule, "Показать полностью")
	out := h.last(saule)
	if !out.Reveal || len(out.Buttons) != 1 || !strings.HasPrefix(out.Buttons[0][0].URL, "https://x.example/files/") || !strings.HasSuffix(out.Buttons[0][0].URL, "-5001") {
		t.Errorf("the links are %+v", out.Buttons)
	}
	h.is("views of files", h.count(`SELECT count(*) FROM events WHERE kind = 'file_viewed'`), 0)
}

func TestX08_WhoseRoleHasNoSuchButtonGetsNoSecret(t *testing.T) {
	h, _ := newSealed(t)
	h.registers()
	h.press(azamat, "Да, верно")
	h.delivered()
	deal := h.count(`SELECT id FROM deals`)
	h.text(mukhtar, fmt.Sprintf("/deal %d", deal))
	if got := h.last(mukhtar).Text; !strings.Contains(got, "KZ86 ···0100") || strings.Contains(got, account) {
		t.Errorf("the manager's card: %q", got)
	}
	h.forged(mukhtar, fmt.Sprintf("k:%d:payout:secret", deal), "1")
	for _, o := range h.outs(mukhtar) {
		if o.Reveal {
			t.Errorf("the manager is shown %q", o.Text)
		}
	}
	h.is("views", h.count(`SELECT count(*) FROM events WHERE kind = 'secret_viewed'`), 0)
}

func TestX20_AnAnswerThatIsRefusedOrChangedLaterIsNotKeptEither(t *testing.T) {
	h, _ := newSealed(t)
	h.text(azamat, "/payout")
	h.text(azamat, "мой счёт KZ87125KZT5004100100") // wrong check digits: no answer, and for the remark only a text
	h.says(azamat, "Не похоже на счёт")
	h.nowhere("KZ87125")
	h.text(azamat, "скорее бы")
	h.is("remarks", h.count(`SELECT count(*) FROM conversations WHERE session->'slots'->'remark'->>'text' = 'скорее бы'`), 1)
	h.text(azamat, account)
	h.says(azamat, "ИИН")
	h.text(azamat, "90010130012")
	h.says(azamat, "12")
	h.text(azamat, iin)
	h.says(azamat, "селфи")
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InEdit, Text: "900101300999", Edits: strings.TrimPrefix(h.key(azamat, 1), "m:"), Key: "e:9"}))
	h.nowhere(account, "90010130012", iin, "900101300999")
}

// key is the key of the message that a person sent, counted from the end.
func (h *house) key(person int64, back int) (key string) {
	h.t.Helper()
	if err := h.db.Pool.QueryRow(context.Background(), `SELECT m.ref FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.chat = $1 AND m.direction = 'in' ORDER BY m.id DESC OFFSET $2 LIMIT 1`, fmt.Sprint(person), back-1).Scan(&key); err != nil {
		h.t.Fatal(err)
	}
	return key
}

func TestX20_AnAnswerThatIsPutAsideRightAfterAStartKeepsNoSecret(t *testing.T) {
	h, ring := newSealed(t)
	h.text(azamat, "/payout")
	h.text(azamat, "kz86 125k zt50 0410 0100")
	h.says(azamat, "ИИН")
	h.startWith(h.runner.Kit) // which knows nothing of what was asked
	h.runner.Seal = ring
	h.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.content->>'text' LIKE '%селфи%' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse()`)
	h.text(azamat, iin)
	h.is("dead letters", h.count(`SELECT count(*) FROM dead_letters`), 1)
	if tables := h.everywhere(iin); len(tables) > 0 {
		t.Errorf("the number stands in %v", tables)
	}
}

func TestNobodyForgesASealedValue(t *testing.T) {
	h, ring := newSealed(t)
	h.text(azamat, "/payout")
	h.text(azamat, account)
	h.text(azamat, ring.Seal("x", "m")) // as if a dump had shown them one
	h.says(azamat, "12")
	h.is("tokens of messages", h.count(`SELECT count(*) FROM messages WHERE content::text LIKE '%‹sealed:%'`), 0)
}

func TestWordsThatAreNoSecretStayInTheHistory(t *testing.T) {
	h, _ := newSealed(t)
	h.text(azamat, "/payout")
	h.text(azamat, "оператор")
	h.is("calls", h.count(`SELECT count(*) FROM messages WHERE direction = 'in' AND content->>'text' = 'оператор'`), 1)
}

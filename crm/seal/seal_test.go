package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"govorun/crm/seal"
)

func secret(fill byte) []byte { return bytes.Repeat([]byte{fill}, 32) }

func ring(t testing.TB, ids ...int64) *seal.Ring {
	t.Helper()
	var list []seal.Key
	for _, id := range ids {
		list = append(list, seal.Key{ID: id, Secret: secret(byte(id))})
	}
	r, err := seal.NewRing(list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const iban = "KZ86125KZT5004100100"

func TestX20_ATokenShowsItsMaskAndOpensOnlyWithTheKey(t *testing.T) {
	r := ring(t, 2, 1)
	token := r.Seal(iban, seal.Ends(iban))
	if strings.Contains(token, iban) || !seal.Sealed(token) {
		t.Fatalf("sealed as %q", token)
	}
	if got := seal.Masked("Счёт: " + token + ", да?"); got != "Счёт: KZ86 ···0100, да?" {
		t.Errorf("shown as %q", got)
	}
	if got, err := r.Open(token); err != nil || got != iban {
		t.Errorf("opened as %q, %v", got, err)
	}
	if _, err := ring(t, 1).Open(token); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("without the key: %v", err)
	}
	other, err := seal.NewRing([]seal.Key{{ID: 2, Secret: secret(9)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(token); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("with another key of that number: %v", err)
	}
}

func TestAMaskCanNotBeExchanged(t *testing.T) {
	r := ring(t, 1)
	token := strings.Replace(r.Seal(iban, seal.Ends(iban)), "KZ86", "KZ99", 1)
	if _, err := r.Open(token); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("opened under another mask: %v", err)
	}
}

func TestWhatIsSealedOrEmptyIsNotSealedAgain(t *testing.T) {
	r := ring(t, 1)
	token := r.Seal("1234", "")
	if r.Seal(token, "x") != token || r.Seal("", "x") != "" {
		t.Error("sealed once more")
	}
}

func TestRevealedOpensEveryTokenEscapedAndKeepsTheRest(t *testing.T) {
	r := ring(t, 1)
	text := "<b>a</b> " + r.Seal("<x>", "m") + " and " + r.Seal("y", "")
	if got, err := r.Revealed(text, html.EscapeString); err != nil || got != "<b>a</b> &lt;x&gt; and y" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := ring(t, 2).Revealed(text, html.EscapeString); !errors.Is(err, seal.ErrNoKey) || got != "<b>a</b> m and " {
		t.Errorf("without the key %q, %v", got, err)
	}
}

func TestATextThatIsCutOffShowsTheMaskAndNoMore(t *testing.T) {
	text := "счёт " + ring(t, 1).Seal(iban, seal.Ends(iban))
	for end := range len(text) {
		if got := seal.Masked(text[:end]); strings.Contains(got, ":k1") || strings.Contains(got, "sealed:") && end > len("счёт ‹sealed:") {
			t.Fatalf("cut after %d bytes it shows %q", end, got)
		}
	}
}

func TestNobodyCanTypeAToken(t *testing.T) {
	r := ring(t, 1)
	token := r.Seal(iban, "m")
	for _, typed := range []string{token, "‹sea" + "‹sealed:" + "led:x:k1:AAAA›", "‹sealed:" + token,
		"‹sea\u200bled:x:k1:AAAA›", "‹\u2060s\u00ade\ufe0faled:x:k1:AAAA›", "‹‹sea\xffled:\u200bsealed:x:k1:AAAA›", "‹seal\u3164ed:x", "‹\rsealed:x"} {
		seen := strings.NewReplacer("\u200b", "", "\u2060", "", "\u00ad", "", "\ufe0f", "", "\xff", "", "\u3164", "", "\r", "")
		if got := seal.Clean(typed); seal.Holds(seen.Replace(got)) {
			t.Errorf("%q is left as %q", typed, got)
		}
	}
	if got := seal.Clean("обычный текст ‹в кавычках›"); got != "обычный текст ‹в кавычках›" {
		t.Errorf("changed an ordinary text: %q", got)
	}
}

func TestEveryTextComesBackWhateverItsMask(t *testing.T) {
	r := ring(t, 3)
	rapid.Check(t, func(t *rapid.T) {
		plain, mask := rapid.StringN(1, 80, -1).Draw(t, "plain"), rapid.String().Draw(t, "mask")
		if seal.Holds(plain) {
			return
		}
		token := r.Seal(plain, mask)
		if got, err := r.Open(token); err != nil || got != plain {
			t.Fatalf("%q: %q, %v", token, got, err)
		}
		if got := seal.Masked("a" + token + "b" + token); seal.Holds(got) {
			t.Fatalf("a token is left: %q", got)
		}
	})
}

func FuzzMaskedLeavesNoTokenAndNeverPanics(f *testing.F) {
	f.Add("‹sealed:m:k1:AAAA›")
	f.Add("‹sealed:m:k1:A")
	f.Add("‹sealed:‹sealed:")
	f.Fuzz(func(t *testing.T, text string) {
		seal.Masked(text)
		if seal.Holds(seal.Clean(text)) {
			t.Errorf("%q", text)
		}
	})
}

func TestMasksShowTheEndsOfLongNumbersOnly(t *testing.T) {
	for number, want := range map[string]string{iban: "KZ86 ···0100", "+77071234567": "+770 ···4567", "1234567": seal.Hidden, "": seal.Hidden} {
		if got := seal.Ends(number); got != want {
			t.Errorf("%q is shown as %q, want %q", number, got, want)
		}
	}
}

func TestASignatureCountsForItsPurposeAndItsRing(t *testing.T) {
	r := ring(t, 2, 1)
	signed := r.Sign("files", []byte("7 of 9"))
	if got, err := r.Verify("files", signed); err != nil || string(got) != "7 of 9" {
		t.Errorf("%q, %v", got, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return r.Verify("calls", signed) },
		"another ring":    func() ([]byte, error) { return ring(t, 1).Verify("files", signed) },
		"cut off":         func() ([]byte, error) { return r.Verify("files", signed[:len(signed)-4]) },
		"changed":         func() ([]byte, error) { return r.Verify("files", "A"+signed[1:]) },
		"nothing":         func() ([]byte, error) { return r.Verify("files", "") },
	} {
		if got, err := try(); name != "changed" && !errors.Is(err, seal.ErrBroken) || name == "changed" && err == nil && signed[0] != 'A' {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestMastersAreReadAndNeverPrinted(t *testing.T) {
	m, err := seal.NewMaster(bytes.NewReader(secret(5)))
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.NewMaster(bytes.NewReader(secret(6)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := seal.ParseMasters("# of the year, the newest first\n" + m.Text() + " # new\n\n" + other.Text())
	if err != nil || len(list) != 2 || !list[0].Equal(m) || !list[1].Equal(other) {
		t.Fatalf("%v, %v", list, err)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", m, m, m, m); strings.Contains(printed, m.Text()) || strings.Contains(printed, string(secret(5))) || !strings.Contains(printed, m.Name()) {
		t.Errorf("printed as %s", printed)
	}
	if _, err := seal.ParseMasters(m.Text() + ",short"); err == nil || strings.Contains(err.Error(), m.Text()) {
		t.Errorf("a short key: %v", err)
	}
	wrapped, err := m.Wrap(secret(7))
	if err != nil || bytes.Contains(wrapped, secret(7)) {
		t.Fatalf("wrapped as %x, %v", wrapped, err)
	}
	if got, err := m.Unwrap(wrapped); err != nil || !bytes.Equal(got, secret(7)) {
		t.Errorf("unwrapped as %x, %v", got, err)
	}
	if _, err := other.Unwrap(wrapped); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("unwrapped by another: %v", err)
	}
}

func BenchmarkMaskedOfATextWithoutTokens(b *testing.B) {
	text := strings.Repeat("Обычный ответ водителю, в нём нет секретов. ", 10)
	for b.Loop() {
		seal.Masked(text)
	}
}

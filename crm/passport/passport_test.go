package passport

import (
	"bytes"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"govorun/crm"
)

var (
	oldKey = bytes.Repeat([]byte{1}, 32)
	newKey = bytes.Repeat([]byte{2}, 32)
)

func TestACodeComesBackAsItsAssetAndVersion(t *testing.T) {
	s := Signer{Keys: [][]byte{newKey}}
	urlSafe := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	for _, id := range []crm.AssetID{1, 127, 128, 214, 3000, 1 << 40, math.MaxInt64} {
		for _, version := range []int{1, 2, 300, math.MaxInt32} {
			code := s.Sign(id, version)
			if len(code) > MaxLength || len("m_"+code) > 64 || !urlSafe.MatchString(code) {
				t.Errorf("asset %d version %d: the code %q does not fit a link", id, version, code)
			}
			gotID, gotVersion, err := s.Verify(code)
			if err != nil || gotID != id || gotVersion != version {
				t.Errorf("asset %d version %d: read back %d, %d, %v", id, version, gotID, gotVersion, err)
			}
		}
	}
}

func TestTheCodeOfAUsualMachineIsShort(t *testing.T) {
	if code := (Signer{Keys: [][]byte{newKey}}).Sign(3000, 1); len(code) > 20 {
		t.Errorf("%q has %d characters", code, len(code))
	}
}

func TestX03_AGuessedOrForgedCodeIsNotOurs(t *testing.T) {
	if bits := macBytes * 8; bits < 80 {
		t.Fatalf("%d bits of signature, at least 80 are promised", bits)
	}
	s := Signer{Keys: [][]byte{newKey}}
	for _, guess := range []string{"1", "214", "9999", "AQE", "1gEB"} { // plain numbers, and claims without a signature
		if _, _, err := s.Verify(guess); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", guess, err)
		}
	}
	code := s.Sign(214, 1)
	raw, _ := encoding.DecodeString(code)
	for i := range len(raw) * 8 { // one wrong bit anywhere
		forged := bytes.Clone(raw)
		forged[i/8] ^= 1 << (i % 8)
		if _, _, err := s.Verify(encoding.EncodeToString(forged)); !errors.Is(err, ErrInvalid) {
			t.Errorf("bit %d turned over is still accepted: %v", i, err)
		}
	}
}

func TestX03_ASignatureOfAnotherUseOfTheKeyIsWorthless(t *testing.T) {
	a, b := Signer{Keys: [][]byte{newKey}}.Sign(214, 1), Signer{Keys: [][]byte{oldKey}}.Sign(214, 1)
	if a == b {
		t.Fatal("two keys sign alike")
	}
	if _, _, err := (Signer{Keys: [][]byte{oldKey}}).Verify(a); !errors.Is(err, ErrInvalid) {
		t.Errorf("a code of another key: %v", err)
	}
}

func TestX04_AfterARotationOldAndNewCodesVerifyUntilTheOldKeyIsDropped(t *testing.T) {
	printed := Signer{Keys: [][]byte{oldKey}}.Sign(214, 1)
	rotated := Signer{Keys: [][]byte{newKey, oldKey}}
	if id, _, err := rotated.Verify(printed); err != nil || id != 214 {
		t.Errorf("a sticker printed before the rotation: %d, %v", id, err)
	}
	if id, _, err := rotated.Verify(rotated.Sign(215, 1)); err != nil || id != 215 {
		t.Errorf("a sticker printed after the rotation: %d, %v", id, err)
	}
	if _, _, err := (Signer{Keys: [][]byte{newKey}}).Verify(printed); !errors.Is(err, ErrInvalid) {
		t.Errorf("the old key is dropped, its sticker must be worthless: %v", err)
	}
}

func TestD14_AnyJunkIsAnUnknownCode(t *testing.T) {
	s := Signer{Keys: [][]byte{newKey}}
	good := s.Sign(214, 1)
	for _, junk := range []string{
		"", " ", "../../x'--", "m_" + good, good + "=", good + "A", " " + good, good[:len(good)-1], strings.ToUpper(good),
		strings.Repeat("A", 200), strings.Repeat("☕", 50), "\x00\xff\xfe", "' OR 1=1--", "%2e%2e", "\u202e214", good + "\n",
	} {
		if id, version, err := s.Verify(junk); !errors.Is(err, ErrInvalid) || id != 0 || version != 0 {
			t.Errorf("%q: %d, %d, %v", junk, id, version, err)
		}
	}
}

func TestWithoutAKeyNothingVerifiesAndNothingIsSigned(t *testing.T) {
	good := Signer{Keys: [][]byte{newKey}}.Sign(214, 1)
	for _, s := range []Signer{{}, {Keys: [][]byte{nil}}, {Keys: [][]byte{[]byte("short")}}} {
		if _, _, err := s.Verify(good); !errors.Is(err, ErrInvalid) {
			t.Errorf("verified without a key: %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a code was signed without a usable key")
				}
			}()
			s.Sign(214, 1)
		}()
	}
}

func TestLinksOpenTheBotWithTheCode(t *testing.T) {
	if got := TelegramLink("@VendingBot", "m", "7Q2-_x"); got != "https://t.me/VendingBot?start=m_7Q2-_x" {
		t.Error(got)
	}
	if got := WhatsAppLink("+7 (701) 123-45-67", "m", "7Q2-_x"); got != "https://wa.me/77011234567?text=M-7Q2-_x" {
		t.Error(got)
	}
}

func FuzzVerify(f *testing.F) {
	s := Signer{Keys: [][]byte{newKey, oldKey}}
	f.Add(s.Sign(214, 1))
	f.Add("../../x'--")
	f.Add("AQEAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, code string) {
		id, version, err := s.Verify(code)
		if err != nil {
			return
		}
		// What is accepted must be exactly what we would have printed, by one of our keys.
		if code != s.Sign(id, version) && code != (Signer{Keys: [][]byte{oldKey}}).Sign(id, version) {
			t.Errorf("%q is accepted as asset %d version %d, but was never signed", code, id, version)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := Signer{Keys: [][]byte{newKey, oldKey}}
	code := s.Sign(214, 1)
	for b.Loop() {
		if _, _, err := s.Verify(code); err != nil {
			b.Fatal(err)
		}
	}
}

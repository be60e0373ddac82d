package whatsapp

import (
	"regexp"
	"testing"

	"govorun/crm"
)

func TestW24_IdsFollowFromTheRowAndCantBeGuessed(t *testing.T) {
	salt, other := []byte("salt of the first account 32 byte"), []byte("salt of another account, 32 bytes")
	form := regexp.MustCompile(`^3EB0[0-9A-F]{18}$`)
	seen := map[string]bool{}
	for _, id := range []crm.MessageID{1, 11, 5_000_000_000} {
		for part := range 3 {
			got := messageID(salt, id, part)
			if got != messageID(salt, id, part) || !form.MatchString(got) || !mayBeOurs(got) {
				t.Errorf("message %d part %d: %q", id, part, got)
			}
			if seen[got] || got == messageID(other, id, part) {
				t.Errorf("message %d part %d: %q stands for something else too", id, part, got)
			}
			seen[got] = true
		}
	}
	if mayBeOurs("3A0123456789") || mayBeOurs("3EB0") {
		t.Error("an id of a phone passes as ours")
	}
}

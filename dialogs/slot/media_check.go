package slot

import (
	"slices"
	"strings"

	"govorun/crm"
)

// Check says what becomes of a photo that is not as it should be.
type Check string

// What becomes of such a photo. Empty means Flag.
const (
	Flag   Check = "flag"   // taken, and the reviewer hears of it
	Refuse Check = "refuse" // asked for again, with the reason
	Ignore Check = "ignore" // taken like any other
)

// CheckWords are the words that a kit may write.
func CheckWords() []string { return []string{string(Flag), string(Refuse), string(Ignore)} }

// Checks are those of one slot: a picture known from another contact, one forwarded from another chat, the same picture twice, and a
// picture of a screen.
type Checks struct{ Reused, Forwarded, Same, Screenshot Check }

// Seen is what is known of a picture from before: Another that somebody else has sent it, Here that the deal in question has it already.
type Seen struct{ Another, Here bool }

// check compares a photo with what is known, sets the flags that it brings, and says what is wrong when it is to be refused.
func (v *Value) check(spec Spec, given Given, m crm.Media) *Wrong {
	seen := given.Seen[m.Unique]
	var flags []string
	for _, c := range []struct {
		is   bool
		rule Check
		flag string
		key  string
	}{
		{m.Unique != "" && seen.Another, spec.Checks.Reused, Reused, "slot.photo_reused"},
		{m.Forwarded, spec.Checks.Forwarded, Forwarded, "slot.photo_forwarded"},
		{m.Unique != "" && (seen.Here || v.holds(m) || slices.Contains(spec.Others, m.Unique)), spec.Checks.Same, SameImage, "slot.photo_same"},
		{ofScreen(m), spec.Checks.Screenshot, Screenshot, "slot.photo_screenshot"},
	} {
		switch {
		case !c.is || c.rule == Ignore:
		case c.rule == Refuse:
			return wrong(c.key)
		default:
			flags = append(flags, c.flag)
		}
	}
	for _, flag := range flags {
		v.flag(flag)
	}
	return nil
}

// holds tells whether the answer has this very picture.
func (v *Value) holds(m crm.Media) bool {
	return slices.ContainsFunc(v.Media, func(have crm.Media) bool { return have.Unique == m.Unique })
}

// ofScreen tells whether a file is a picture of a screen: by its name, or since cameras make no PNG.
func ofScreen(m crm.Media) bool {
	name := strings.ToLower(m.Name)
	return strings.Contains(name, "screenshot") || strings.Contains(name, "снимок экрана") || m.MIME == "image/png"
}

func (v *Value) flag(flag string) {
	if !slices.Contains(v.Flags, flag) {
		v.Flags = append(v.Flags, flag)
	}
}

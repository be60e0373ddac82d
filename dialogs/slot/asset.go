package slot

import (
	"maps"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"govorun/locales"
)

// maxCode is how long the code of an asset may be, in characters: what doesn't fit on a sticker is none.
const maxCode = 32

// parseAsset takes the asset that was found for what the person sent. Unknown, disabled and mistyped codes get one and the same answer.
func parseAsset(_ Spec, given Given) (Value, *Wrong) {
	if given.Asset != nil {
		asset := *given.Asset
		return Value{Text: asset.Code, Asset: &asset}, nil
	}
	if text, _ := locales.Clean(given.Text); text == "" {
		return Value{}, wrong("slot.asset_wanted")
	}
	return Value{}, wrong("grammar.unknown_code")
}

// codeWord is a piece of a text that may be a code: letters and digits with dashes, dots or slashes inside.
var codeWord = regexp.MustCompile(`[\pL\pN]+(?:[-–—_./][\pL\pN]+)*`)

// machinePrefix is the letter before a code in links of numbered channels: "M-214".
var machinePrefix = regexp.MustCompile(`^M-?(\d+)$`)

// AssetCode finds the code in what a person typed and brings it to the one form in which codes are looked up: upper case, Latin instead
// of look-alike Cyrillic letters. "№214", "214", "автомат 214" and "M-214" are all 214. Codes of assets are brought to the same form
// before they are compared. Empty when there is nothing like a code.
func AssetCode(text string) string {
	clean, _ := locales.Clean(text)
	if len(clean) > 4*maxText {
		return ""
	}
	words := codeWord.FindAllString(digits(clean), -1)
	code := ""
	for _, word := range words {
		word = twins(strings.ToUpper(word), cyrillicTwins, latinTwins)
		word = strings.ReplaceAll(strings.ReplaceAll(word, "–", "-"), "—", "-")
		if strings.ContainsFunc(word, unicode.IsDigit) || len(words) == 1 {
			code = word
			break
		}
	}
	code = strings.TrimPrefix(code, "NO.") // "No.214"
	if m := machinePrefix.FindStringSubmatch(code); m != nil {
		code = m[1]
	}
	if utf8.RuneCountInString(code) > maxCode {
		return ""
	}
	return code
}

// showAsset gives the parts that texts name: {{.machine.code}} and so on; the asset named alone is "№ 214, БЦ «Москва»".
func showAsset(spec Spec, v Value) any {
	a := v.Asset
	if a == nil {
		return ""
	}
	key := "asset.show"
	name := a.Name
	if name == "" {
		name = a.Address
	}
	if name != "" {
		key = "asset.show_name"
	}
	fields := map[string]any{}
	maps.Copy(fields, a.Fields)
	return map[string]any{
		"text": say(spec, key, map[string]any{"code": a.Code, "name": name}),
		"id":   int64(a.ID), "kind": a.Kind, "code": a.Code, "name": a.Name, "city": a.City, "address": a.Address,
		"own": int64(a.Own), "open": a.Open, "own_at": showMoment(spec, a.OwnAt), "since": showMoment(spec, a.Since), "fields": fields,
	}
}

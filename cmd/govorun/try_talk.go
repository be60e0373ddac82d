package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/dialogs"
)

// A talk played by hand becomes a golden transcript: what the person did is played once more against the pure dialogs, with the
// machines they scanned as the scene, so that the file goes into a kit's transcripts/ and `go test` replays it as it is.

var (
	startLine   = regexp.MustCompile(`^> /start m_(\S+)$`)
	phoneDigits = regexp.MustCompile(`\+?\d[\d\s()-]{8,}\d`)
)

// languageNames are the last words of titles, by which a transcript tells its language.
var languageNames = map[string]string{"ru": "Russian", "en": "English", "kk": "Kazakh"}

// serveTalk gives the talk of a chat as a transcript. What can't be replayed, such as a talk of the staff, is given as it was
// seen, with the reason in its title.
func (t *trial) serveTalk(w http.ResponseWriter, r *http.Request) {
	chat, err := strconv.ParseInt(r.PathValue("chat"), 10, 64)
	if err != nil {
		refuseJSON(w, http.StatusBadRequest, fmt.Errorf("%q is no number of a chat", r.PathValue("chat")))
		return
	}
	seen := t.sim.Transcript(chat)
	script := t.script(r.Context(), seen, t.language(chat))
	played, err := dialogs.Play(t.names.kit, script)
	if err != nil {
		played = fmt.Sprintf("# as it was seen, not to be replayed: %v\n%s", err, seen)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprint(w, withoutPhones(played))
}

// language is the one in which the bot met the person: that of the phone, where the kit has it.
func (t *trial) language(chat int64) string {
	for _, u := range t.sim.State().Users {
		if u.ID == chat {
			return t.names.kit.Texts.Match(u.LanguageCode)
		}
	}
	return t.names.kit.Languages[0]
}

// script is what the person did, with the scene in front.
func (t *trial) script(ctx context.Context, seen, lang string) string {
	var scene, did []string
	for _, line := range strings.Split(seen, "\n") {
		if !strings.HasPrefix(line, "> ") {
			continue
		}
		if found := startLine.FindStringSubmatch(line); found != nil {
			if asset, err := t.scanned(ctx, found[1]); err == nil {
				line = "> /start m_" + asset.Code
				if s := sceneOf(asset); !slices.Contains(scene, s) {
					scene = append(scene, s)
				}
			}
		}
		did = append(did, withoutPhones(line))
	}
	title := "# " + t.names.kit.Name + ": a talk played by hand, " + languageNames[lang]
	return strings.Join(append(append([]string{title}, scene...), did...), "\n") + "\n"
}

func (t *trial) scanned(ctx context.Context, code string) (crm.Asset, error) {
	id, version, err := t.signer.verify(code)
	if err != nil {
		return crm.Asset{}, err
	}
	return t.db.AssetByPassport(ctx, id, version)
}

func sceneOf(a crm.Asset) string {
	words := []string{"@ asset", a.Code, "kind=" + a.Kind, "name=" + strconv.Quote(a.Name), "city=" + strconv.Quote(a.City), "address=" + strconv.Quote(a.Address)}
	for _, name := range sortedNames(a.Fields) {
		words = append(words, name+"="+strconv.Quote(a.Fields.Text(name)))
	}
	return strings.Join(words, " ")
}

// withoutPhones puts an example in place of phone numbers: transcripts are shared.
func withoutPhones(text string) string { return phoneDigits.ReplaceAllString(text, "+7 707 000-00-00") }

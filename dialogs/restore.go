package dialogs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing/fstest" // its MapFS is the standard library's file system in memory
)

// versionLength is how many hex digits of the hash name a version.
const versionLength = 12

// version names what a dialog is now: a hash of its file and of the texts it uses in all languages.
func (k *Kit) version(d *Definition) string {
	texts := map[string]map[string]map[string]string{}
	for _, lang := range k.Languages {
		texts[lang] = k.raw.subset(lang, d.texts)
	}
	written, _ := json.Marshal(texts) // maps of strings always can be written
	hash := sha256.New()
	hash.Write(k.files[d.File])
	hash.Write(written)
	return hex.EncodeToString(hash.Sum(nil))[:versionLength]
}

// textsOf lists the keys that a dialog uses, sorted; of no dialog those of roles, pipelines and cards.
func (d *draft) textsOf(dialog string) []string {
	keys := map[string]bool{}
	for _, u := range d.texts {
		if u.dialog == dialog {
			keys[u.key] = true
		}
	}
	return sortedKeys(keys)
}

// subset gives some texts of a language, as far as the kit has them itself.
func (r rawTexts) subset(lang string, keys []string) map[string]map[string]string {
	result := map[string]map[string]string{}
	for _, key := range keys {
		if text, ok := r[lang][key]; ok {
			result[key] = text.forms
		}
	}
	return result
}

// Source gives the stored form of a dialog as it is now: a small kit of its own, as a JSON object of files, with this dialog, the
// dialogs it calls, their texts, kit.yaml and pipelines.yaml. RestoreKit brings it back when the kit has changed.
func (k *Kit) Source(dialog string) ([]byte, error) {
	if k.Dialogs[dialog] == nil {
		return nil, fmt.Errorf("store dialog %q: there is none of that name", dialog)
	}
	stored := map[string]string{"kit.yaml": string(k.files["kit.yaml"])}
	if pipelines, ok := k.files["pipelines.yaml"]; ok {
		stored["pipelines.yaml"] = string(pipelines)
	}
	keys := slices.Clone(k.names)
	for _, name := range k.calls(dialog, nil) {
		stored[k.Dialogs[name].File] = string(k.files[k.Dialogs[name].File])
		keys = append(keys, k.Dialogs[name].texts...)
	}
	for _, lang := range k.Languages {
		texts, err := json.Marshal(k.raw.subset(lang, keys)) // which is YAML too, written in a tenth of the time
		if err != nil {
			return nil, fmt.Errorf("store the %s texts of dialog %s: %w", lang, dialog, err)
		}
		stored["locales/"+lang+".yaml"] = string(texts)
	}
	return json.Marshal(stored)
}

// RestoreKit brings back what Source stored: a kit that holds one version of one dialog and what it calls, so that conversations
// begun on it can finish. It was checked when it was current, so only what can't be read is an error.
func RestoreKit(source []byte) (*Kit, error) {
	var stored map[string]string
	if err := json.Unmarshal(source, &stored); err != nil {
		return nil, fmt.Errorf("restore a stored dialog: %w", err)
	}
	memory := files{}
	for name, text := range stored {
		memory[name] = []byte(text)
	}
	d := read(memory.open(), true)
	if len(d.problems) > 0 {
		return nil, fmt.Errorf("restore a stored dialog: %w", d.problems.sorted())
	}
	if d.kit.Texts == nil || len(d.kit.Dialogs) == 0 {
		return nil, errors.New("restore a stored dialog: it is incomplete")
	}
	d.finish()
	return d.kit, nil
}

// open gives the files as a file system.
func (f files) open() fstest.MapFS {
	memory := fstest.MapFS{}
	for name, data := range f {
		memory[name] = &fstest.MapFile{Data: data}
	}
	return memory
}

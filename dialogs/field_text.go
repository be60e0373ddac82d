package dialogs

import (
	"fmt"
	"time"

	"govorun/crm"
)

// fieldNames begin the text keys of what fields of deals are called: “fields.serial”.
const fieldNames = "fields."

// FieldInWords tells a field of a deal as people read it: by its type when pipelines.yaml declares it, with its name when the kit has the text
// “fields.NAME”. It reports false for what is only the machine's: a field without either, or a file, which the timeline tells by itself.
func (k *Kit) FieldInWords(name string, value any, lang string, now time.Time) (text string, told bool) {
	field, named := k.Fields[name], k.Texts.Has(lang, fieldNames+name)
	if field == nil && !named || field != nil && isMedia(field.Type) {
		return "", false
	}
	v := view{kit: k, lang: lang, now: now}
	text = fmt.Sprint(v.fieldTexts(crm.Fields{name: value})[name])
	if value == nil {
		text = "—"
	}
	if named {
		label, _ := k.Texts.Text(lang, fieldNames+name, nil)
		text = label + ": " + text
	}
	return text, true
}

package dialogs

import "govorun/dialogs/slot"

// Small shapes that many places share. noun completes a problem's sentence, doc is shown by editors.

func aText(noun, doc string) *shape   { return &shape{is: formText, noun: noun, doc: doc} }
func aTextKey(doc string) *shape      { return &shape{is: formText, noun: "a text key", doc: doc} }
func anExpr(doc string) *shape        { return &shape{is: formText, noun: "an expression", doc: doc} }
func aFlag(noun, doc string) *shape   { return &shape{is: formBool, noun: noun, doc: doc} }
func aNumber(noun, doc string) *shape { return &shape{is: formNumber, noun: noun, doc: doc} }
func aPeriod(noun, doc string) *shape { return &shape{is: formDuration, noun: noun, doc: doc} }
func listOf(noun string, of *shape) *shape {
	return &shape{is: formList, noun: noun, doc: of.doc, of: of}
}
func mapOf(noun, doc string, of *shape) *shape {
	return &shape{is: formMap, noun: noun, doc: doc, of: of}
}
func aWord(noun, doc string, words ...string) *shape {
	return &shape{is: formText, noun: noun, doc: doc, words: words}
}
func anObject(noun, doc string, fields ...field) *shape {
	return &shape{is: formObject, noun: noun, doc: doc, fields: fields}
}
func may(name string, s *shape) field  { return field{name: name, shape: s} }
func must(name string, s *shape) field { return field{name: name, shape: s, need: true} }

func exprMap(noun, doc string) *shape { return mapOf(noun, doc, anExpr("an expression")) }

// kitShape is kit.yaml.
func kitShape() *shape {
	return anObject("kit.yaml", "The business: its languages, hours, roles and the dialog people meet first.",
		must("kit", aText("“kit”", "the name of the kit, a word")),
		must("languages", listOf("“languages”", aText("a language", "languages such as ru, en, kk; the first is the default"))),
		must("zone", aText("“zone”", "the time zone of the business, such as Europe/Moscow")),
		must("home", aText("“home”", "the dialog of a plain /start and of words that fit nothing")),
		may("human", aText("“human”", "the role that takes talks over")),
		may("resume_after", aPeriod("“resume_after”", "silence after which a person is shown where they are")),
		may("hours", mapOf("“hours”", "working hours by day: mon-fri: \"09:00-18:00\"", aText("the hours of a day", "\"09:00-18:00\""))),
		may("quiet", aText("“quiet”", "when robots write to nobody, by the clock of each person: \"22:00-09:00\"")),
		may("reminders", aNumber("“reminders”", "how many reminders in a row a robot may send about a deal; 2 when absent, at most 5")),
		may("whatsapp", anObject("“whatsapp”", "What is special about WhatsApp.", may("polls", aFlag("“polls”", "questions with options are polls; numbers may be typed as well")))),
		may("holidays", listOf("“holidays”", aText("a holiday", "days off for everybody: 2026-12-31"))),
		may("cities", mapOf("“cities”", "cities with a zone or a region of their own", cityShape())),
		may("sources", sourcesShape()),
		may("reports", reportsShape()),
		may("head", aText("“head”", "the role that gets what nobody takes")),
		may("guard", guardShape()),
		may("retention", retentionShape()),
		consentsShape(),
		documentsShape(),
		may("roles", mapOf("“roles”", "roles of employees: the text key of each name, or what the role sees and may as well", roleShape())),
	)
}

// dialogShape is a file of dialogs/.
func dialogShape() *shape {
	entry := anObject("an entry", "A way into the dialog: a link, a command or words.",
		may("link", aText("“link”", "prefix of a deep link: m for ?start=m_…")),
		may("slot", aText("“slot” of an entry", "the slot that the link fills")),
		may("command", aText("“command”", "a command without the slash")),
		may("words", aTextKey("the text key of words separated by |")),
	)
	return anObject("a dialog", "A conversation with slots and states.",
		must("dialog", aText("“dialog”", "the name of the dialog, the same as the file's")),
		may("entry", listOf("“entry”", entry)),
		must("start", aText("“start”", "the first state")),
		may("continue_in", aWord("“continue_in”", "where the talk goes on once this dialog has led to a deal", "whatsapp", "telegram")),
		may("steps", listOf("“steps”", aText("a step", "states counted as “step 1 of 2”"))),
		may("timeouts", listOf("“timeouts”", timeoutShape())),
		may("slots", mapOf("“slots”", "the answers, by name", slotShape())),
		must("states", mapOf("“states”", "the states, by name", stateShape())),
	)
}

func slotShape() *shape { return anObject("a slot", "A named answer.", answerFields()...) }

// answerFields are the keys that describe an answer.
func answerFields() []field {
	return []field{
		must("type", aWord("the type of a slot", "what kind of answer it is", slot.Types()...)),
		may("kind", aText("“kind”", "the kind of asset, for type asset")),
		may("visit", aText("“visit”", "the kind of visit, for type window")),
		may("currency", aText("“currency”", "ISO code such as RUB, for type money")),
		may("min", aNumber("“min”", "the least number, length or count")),
		may("max", aNumber("“max”", "the greatest number, length or count")),
		may("regions", listOf("“regions”", aText("a region", "countries such as RU, of phones and plates"))),
		may("secret", aFlag("“secret”", "kept out of cards, lists and logs")),
		may("options", listOf("“options” of a slot", aTextKey("text keys of what may be chosen; the id is what follows the last dot"))),
		may("day", aFlag("“day”", "a date without a time of day")),
		may("future", aFlag("“future”", "only a date that is still to come")),
		may("elsewhere", aFlag("“elsewhere”", "a city that kit.yaml doesn't name will do, too")),
		may("checks", checksShape()),
		may("side", aNumber("“side”", "pixels that the shorter side of a photo has at least; 600 when absent")),
	}
}

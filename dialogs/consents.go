package dialogs

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm"
	"govorun/crm/seal"
)

// Consent is something that people agree to, in the version that they have to agree to today. A document (Title is set) is made for each deal
// and agreed to as it was sent; any other consent is agreed to by the text that was shown.
type Consent struct {
	Name    string
	Version int
	Title   string // text key: of a document, and of its file
	Key     string // text key: what is agreed to; of a document the template of which it is made
}

// Document tells whether it is made and sent as a file.
func (c *Consent) Document() bool { return c.Title != "" }

// field is where a contact bears the version agreed to last.
func (c *Consent) field() string { return "agreed_" + c.Name }

// SentField is where a deal bears the version of a document that its contact was sent last: that is the one they can agree to.
func SentField(name string) string { return "sent_" + name }

func consentsShape() field {
	return may("consents", mapOf("“consents”", "what people agree to", anObject("a consent", "What people agree to, with a version.",
		must("version", aNumber("“version”", "a whole number: a new one is asked for again")),
		must("text", aTextKey("the text key of what is agreed to")))))
}

func documentsShape() field {
	return may("documents", mapOf("“documents”", "what is made as a file of a deal's data, to be agreed to", anObject("a document", "A file made of a template.",
		must("version", aNumber("“version”", "a whole number: a new one is agreed to anew")),
		must("title", aTextKey("the text key of its title, which is also the name of the file")),
		must("text", aTextKey("the text key of the template: “# ” begins a heading, “- ” an item, an empty line a paragraph")))))
}

// documentTexts is what the template of a document may show.
func documentTexts() exprEnv {
	return exprEnv{"contact": {members: exprEnv{"name": textMember, "phone": textMember, "fields": fieldsMember}}, "deal": {members: dealTexts()}, "today": textMember}
}

// consents reads what people agree to, documents among it.
func (r *reader) consents(n *yaml.Node) {
	for key, node := range pairs(child(n, "consents")) {
		r.consent(key, node, scope{who: "consent “" + key.Value + "”", shown: exprEnv{}})
	}
	for key, node := range pairs(child(n, "documents")) {
		r.consent(key, node, scope{who: "document “" + key.Value + "”", shown: documentTexts()})
	}
}

func (r *reader) consent(key, node *yaml.Node, s scope) {
	version := numberOf(child(node, "version"))
	if r.fits && (version < 1 || version != float64(int32(version))) {
		r.report(child(node, "version"), "Write 1, and one more whenever the words change.", "%s has the version “%s”", s.who, scalar(child(node, "version")))
	}
	c := &Consent{Name: r.name(key, "a consent"), Version: int(version), Title: r.text(child(node, "title"), scope{who: s.who}), Key: r.text(child(node, "text"), s)}
	if r.draft.kit.Consents[key.Value] != nil {
		r.report(key, "Give each its own name.", "“%s” is both a consent and a document", key.Value)
	}
	r.declare(key, useConsent, "", key.Value)
	if c.Document() {
		r.declare(key, useDocument, "", key.Value)
	}
	r.draft.kit.Consents[key.Value] = c
}

// agreed lists what the contact has agreed to in the versions of today.
func (v *view) agreed() []string {
	names := []string{}
	for _, name := range sortedKeys(v.kit.Consents) {
		c := v.kit.Consents[name]
		if version, _ := v.contact.Fields[c.field()].(float64); int(version) == c.Version {
			names = append(names, name)
		}
	}
	return names
}

// agree keeps that the contact agrees. Expressions that follow see it.
func (t *step) agree(name string) {
	c := t.kit.Consents[name]
	if c == nil {
		return // of a kit that had it once
	}
	version := c.Version
	if sent, ok := t.deal.Fields[SentField(name)].(float64); ok && c.Document() { // the kit may have a newer one since
		version = int(sent)
	}
	agreed := crm.Agreed{Contact: t.contact.ID, Deal: t.s.Deal, Name: name, Version: version}
	if !c.Document() {
		text, _ := t.kit.Texts.Text(t.lang, c.Key, nil)
		sum := sha256.Sum256([]byte(text))
		agreed.Digest = hex.EncodeToString(sum[:])
	}
	t.effect(agreed)
	fields := crm.Fields{c.field(): float64(version)}
	for k, v := range t.contact.Fields {
		if k != c.field() {
			fields[k] = v
		}
	}
	t.contact.Fields = fields
	delete(t.vars, "agreed")
	delete(t.vars, "contact")
	t.effect(crm.ContactChanged{Contact: t.contact.ID, Fields: crm.Fields{c.field(): float64(version)}})
}

// sendDocument makes a document of the deal for its contact.
func (t *step) sendDocument(name string) {
	c := t.kit.Consents[name]
	if c == nil || !t.needDeal() {
		return
	}
	if own := t.contact.Lang; t.def == nil && slices.Contains(t.kit.Languages, own) {
		defer func(presser string) { t.lang = presser }(t.lang) // a card is read in another language than that of its contact
		t.lang = own
	}
	title, _ := t.kit.Texts.Text(t.lang, c.Title, nil)
	args := t.args(c.Key, nil)
	if args != nil {
		t.unmask(args)
		args["today"] = t.now.Format("02.01.2006") // it is read in other years, too
	}
	text, err := t.kit.Texts.Text(t.lang, c.Key, args)
	if err != nil {
		t.fail(err)
		return
	}
	t.effect(crm.DocumentWanted{Deal: t.s.Deal, Name: name, Version: c.Version, Title: title, Text: text})
}

// unmask puts the sealed fields of the deal themselves in the place of their masks: the file of a document is sealed as a whole.
func (t *step) unmask(args map[string]any) {
	deal, _ := args["deal"].(map[string]any)
	fields, _ := deal["fields"].(map[string]any)
	for name := range fields {
		if token, is := t.deal.Fields[name].(string); is && seal.Holds(token) {
			fields[name] = token
		}
	}
}

package dialogs

import (
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"govorun/dialogs/slot"
)

// checksShape is what becomes of photos that are not as they should be.
func checksShape() *shape {
	check := func(noun, doc string) *shape { return aWord(noun, doc, slot.CheckWords()...) }
	return anObject("“checks”", "What becomes of a photo that is not as it should be: taken with a flag for the reviewer (when absent), refused, or taken like any other.",
		may("reused", check("“reused”", "somebody else has sent the same picture before")),
		may("forwarded", check("“forwarded”", "it was forwarded from another chat")),
		may("same", check("“same”", "the same picture stands in this answer, in another one, or on the deal already")),
		may("screenshot", check("“screenshot”", "it is a picture of a screen")))
}

func checksOf(n *yaml.Node) slot.Checks {
	check := func(name string) slot.Check { return slot.Check(scalar(child(n, name))) }
	return slot.Checks{Reused: check("reused"), Forwarded: check("forwarded"), Same: check("same"), Screenshot: check("screenshot")}
}

// checksSource writes checks into a generated dialog.
func checksSource(c slot.Checks) string {
	var parts []string
	for _, p := range []struct {
		name string
		is   slot.Check
	}{{"reused", c.Reused}, {"forwarded", c.Forwarded}, {"same", c.Same}, {"screenshot", c.Screenshot}} {
		if p.is != "" {
			parts = append(parts, p.name+": "+string(p.is))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func retakeShape() *shape {
	return anObject("“retake”", "Asks the contact for one of the photos again: who presses picks which, and why.",
		must("items", mapOf("“items”", "the photos by the names under which they are attached (licence.2 is the second one), with the text key of each", aTextKey("the text key of the photo"))),
		must("reasons", listOf("“reasons”", aTextKey("text keys of what may be wrong; the id is what follows the last dot"))),
		may("ask", aTextKey("the text key of what the contact is told, with {{.item}} and {{.reason}}; the product's own when absent")),
		may("stage", aText("“stage” of a retake", "where the deal waits for the photo")),
		may("back", aText("“back” of a retake", "where it goes when the last wanted photo has come; needed with “stage”")))
}

func questionShape() *shape {
	return anObject("“question”", "Asks the owner or the contact what who presses types; the answer comes back with the card.",
		must("to", aWord("“to” of a question", "who is asked", "owner", "contact")),
		may("stage", aText("“stage” of a question", "where the deal waits for the answer")),
		may("back", aText("“back” of a question", "where it goes when the answer has come; needed with “stage”")))
}

func replaceShape() *shape {
	return anObject("“replace”", "Attaches a photo in place of one that the deal has.",
		must("slot", aText("“slot” of a replacement", "the slot that holds the photo; its name is that of the files")),
		may("place", aNumber("“place”", "which of the files of that name, from 1")),
		may("only", aFlag("“only”", "the deal has no other file of that name: what was flagged before is flagged no more")))
}

func handBackShape() *shape {
	return anObject("“hand_back”", "Brings an answer, with the card, to the employee whose number the slot “by” holds.",
		must("card", aText("“card”", "a card of cards.yaml")),
		must("text", aTextKey("the text key of the line above the card")),
		may("files", aTextKey("the text key instead, when the slot “answer” is empty")),
		may("from", aText("“from” of an answer", "the stage on which the deal waited")),
		may("stage", aText("“stage” of an answer", "the stage to which it goes from there")))
}

func askBackShape() *shape {
	return anObject("“ask_back”", "Starts a dialog in which somebody answers the question of the slot “question”.",
		must("dialog", aText("“dialog”", "the dialog that asks")),
		must("to", aWord("“to”", "who is asked", "owner", "contact")))
}

// retake reads which photos can be asked for again, and why.
func (r *reader) retake(n *yaml.Node, s scope) *Retake {
	if n == nil {
		return nil
	}
	a := &Retake{Ask: scalar(child(n, "ask"))}
	if ask := child(n, "ask"); ask != nil {
		s := s
		s.shown = exprEnv{"deal": s.shown["deal"], "contact": s.shown["contact"], "item": textMember, "reason": textMember}
		a.Ask = r.text(ask, s)
	}
	for key, text := range pairs(child(n, "items")) {
		item := RetakeItem{Name: key.Value, Place: 1, Key: r.text(text, s)}
		if name, place, numbered := strings.Cut(key.Value, "."); numbered {
			item.Name = name
			item.Place, _ = strconv.Atoi(place)
		}
		if !namePattern.MatchString(item.Name) || item.Place < 1 || item.Place > 20 || slices.Contains([]string{bySlot, itemSlot, "reason"}, item.Name) {
			r.report(key, "Write the name of a slot, or such a name with a number: licence.2.", "%s asks for “%s”, which is no photo", s.who, key.Value)
		}
		r.uses = append(r.uses, use{r.at(key), useFiles, item.Name, "", s.who + " asks again for"})
		a.Items = append(a.Items, item)
	}
	for _, reason := range elements(child(n, "reasons")) {
		a.Reasons = append(a.Reasons, r.text(reason, s))
	}
	if r.fits && (len(a.Items) == 0 || len(a.Reasons) == 0) {
		r.report(n, "Name at least one photo and one reason.", "%s asks for no photo, or for no reason", s.who)
	}
	a.Stage, a.Back = r.away(n, s)
	return a
}

// question reads who is asked.
func (r *reader) question(n *yaml.Node, s scope) *Question {
	if n == nil {
		return nil
	}
	q := &Question{To: scalar(child(n, "to"))}
	q.Stage, q.Back = r.away(n, s)
	return q
}

// away reads where a deal waits, and where it goes from there.
func (r *reader) away(n *yaml.Node, s scope) (stage, back string) {
	stage = r.use(child(n, "stage"), useStage, "", s.who+" lets the deal wait at stage")
	back = r.use(child(n, "back"), useStage, "", s.who+" brings the deal back to stage")
	r.declare(n, "away", "", s.path)
	if (stage == "") != (back == "") {
		r.report(n, "Write both “stage” and “back”, or neither.", "%s lets the deal wait somewhere, or come back from there, but not both", s.who)
	}
	return stage, back
}

// reviewAction reads what ends a retake or a question.
func (r *reader) reviewAction(verb string, n *yaml.Node, s scope) Action {
	switch verb {
	case "replace":
		return Action{Replace: &Replace{Slot: r.ownSlot(child(n, "slot"), s, "replaces by slot"), Place: max(1, int(numberOf(child(n, "place")))),
			Only: isTrue(child(n, "only"))}}
	case "hand_back":
		r.ownSlot(&yaml.Node{Kind: yaml.ScalarNode, Value: bySlot, Line: n.Line, Column: n.Column}, s, "brings an answer to whom the slot names:")
		return Action{HandBack: &HandBack{
			Card: r.use(child(n, "card"), useCard, "", s.who+" shows card"), Key: r.text(child(n, "text"), s), Files: r.text(child(n, "files"), s),
			From:  r.use(child(n, "from"), useStage, "", s.who+" brings the deal back from stage"),
			Stage: r.use(child(n, "stage"), useStage, "", s.who+" brings the deal back to stage"),
		}}
	}
	return Action{AskBack: &AskBack{Dialog: r.use(child(n, "dialog"), useDialog, "", s.who+" asks in dialog"), To: scalar(child(n, "to"))}}
}

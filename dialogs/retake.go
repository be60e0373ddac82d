package dialogs

import (
	"fmt"
	"slices"
	"strings"
)

// Beginnings of the names of generated dialogs, and slots that all of them have.
const (
	retakePrefix   = "retake."
	questionPrefix = "question."

	bySlot       = "by" // the number of the employee who waits for the answer
	itemSlot     = "item"
	questionSlot = "question"
	answerSlot   = "answer"
	answerFiles  = "files"

	// toldSuffix ends the key of what the contact reads in place of what a button says: “blur” and “the letters are blurred”.
	toldSuffix = "_told"
)

// generated tells whether a name is one that only dialogs made of other lines of the kit bear.
func generated(dialog string) bool {
	for _, prefix := range []string{demandPrefix, visitPrefix, retakePrefix, questionPrefix} {
		if strings.HasPrefix(dialog, prefix) {
			return true
		}
	}
	return false
}

// RetakeOf names the dialog that asks the contact for one photo of a card's “retake” again.
func (k *Kit) RetakeOf(card, action string, item RetakeItem) string {
	return fmt.Sprintf("%s%s.%s.%s.%d", retakePrefix, card, action, item.Name, item.Place)
}

// QuestionOf names the dialog in which whoever pressed the button of a card types their question.
func (k *Kit) QuestionOf(card, action string) string {
	return demandPrefix + questionPrefix + card + "." + action
}

// Told is the id of an option of a retake's dialog: of a photo or a reason by its text key, in the words for the contact.
func (k *Kit) Told(key string) string { return afterDot(k.toldKey(key)) }

// toldKey is the text that the contact reads.
func (k *Kit) toldKey(key string) string {
	if k.Texts != nil && k.Texts.Has(k.Languages[0], key+toldSuffix) {
		return key + toldSuffix
	}
	return key
}

// addReviews adds a dialog for every photo that can be asked for again, and two for every button that asks a question: one in which it is
// typed, and one in which it is answered.
func (d *draft) addReviews() {
	for _, name := range sortedKeys(d.kit.Cards) {
		for i := range d.kit.Cards[name].Actions {
			a := &d.kit.Cards[name].Actions[i]
			if a.Retake != nil {
				for _, item := range a.Retake.Items {
					dialog := d.kit.RetakeOf(name, a.ID, item)
					d.addDemand("dialogs/"+dialog+".yaml", d.kit.retakeSource(dialog, name, a.Retake, item))
				}
			}
			if a.Question != nil {
				dialog := d.kit.QuestionOf(name, a.ID)
				d.addDemand("dialogs/"+dialog+".yaml", questionSource(dialog, name, a))
				answer := answerDialog(name, a)
				d.addDemand("dialogs/"+answer+".yaml", answerSource(answer, name, a.Question))
			}
		}
	}
}

// answerDialog names the dialog in which a question is answered: an employee's ends with their right to the deal.
func answerDialog(card string, a *CardAction) string {
	name := questionPrefix + card + "." + a.ID
	if a.Question.To == "owner" {
		return demandPrefix + "answer." + card + "." + a.ID
	}
	return name
}

// retakeSource writes the dialog that asks for one photo again.
func (k *Kit) retakeSource(dialog, card string, a *Retake, item RetakeItem) string {
	reasons := make([]string, len(a.Reasons))
	for i, key := range a.Reasons {
		reasons[i] = k.toldKey(key)
	}
	ask := first(a.Ask, "retake.ask")
	return fmt.Sprintf(`dialog: %s
start: ask
slots:
  item: {type: choice, options: %s}
  reason: {type: choice, options: %s}
  by: {type: number}
  %s: {type: photo, checks: {same: refuse}}
timeouts:
  - {after: 24h, say: retake.remind, daytime: true}
  - {after: 72h, say: retake.remind, daytime: true, do: [{task: {to: owner, title: retake.call, due: 4h}}]}
states:
  ask: {ask: %q, slot: %s, next: got}
  got:
    do:
      - replace: {slot: %s, place: %d, only: %v}
      - hand_back: {card: %s, text: retake.came%s}
    say: retake.thanks
    end: done
`, dialog, quotedList([]string{k.toldKey(item.Key)}), quotedList(reasons), item.Name, ask, item.Name, item.Name, item.Place, a.only(item), card, backTo(a.Stage, a.Back))
}

// only tells whether no other photo of the name can be asked for.
func (a *Retake) only(item RetakeItem) bool {
	return !slices.ContainsFunc(a.Items, func(other RetakeItem) bool { return other.Name == item.Name && other.Place != item.Place })
}

// questionSource writes the dialog in which an employee types a question.
func questionSource(dialog, card string, a *CardAction) string {
	move := ""
	if a.Question.Stage != "" {
		move = "\n      - move_deal: " + a.Question.Stage
	}
	return fmt.Sprintf(`dialog: %s
start: ask
slots:
  question: {type: text, min: 1, max: 500}
states:
  ask: {ask: question.what, slot: question, next: asked}
  asked:
    do:
      - comment: '"❓ " + question'%s
      - ask_back: {dialog: %s, to: %s}
    say: question.sent
    end: done
`, dialog, move, answerDialog(card, a), a.Question.To)
}

// answerSource writes the dialog in which a question is answered, in words or with files.
func answerSource(dialog, card string, q *Question) string {
	ask := "question.ask"
	if q.To == "owner" {
		ask = "question.ask_owner"
	}
	return fmt.Sprintf(`dialog: %s
start: ask
slots:
  question: {type: text}
  by: {type: number}
  answer: {type: text, min: 1, max: 2000}
  files: {type: photos, max: 10}
timeouts:
  - {after: 24h, say: question.remind, daytime: true}
states:
  ask:
    ask: %s
    slot: answer
    accept: [{slot: files, to: answered}]
    next: answered
  answered:
    do:
      - attach: files
      - comment: 'answer == nil ? "" : "💬 " + answer'
      - hand_back: {card: %s, text: question.came, files: question.came_files%s}
    say: question.thanks
    end: done
`, dialog, ask, card, backTo(q.Stage, q.Back))
}

func backTo(stage, back string) string {
	if stage == "" {
		return ""
	}
	return ", from: " + stage + ", stage: " + back
}

package dialogs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/file"
	yaml "go.yaml.in/yaml/v4"
)

// useKind is what kind of thing a name stands for.
type useKind string

const (
	useState    useKind = "state"
	useSlot     useKind = "slot"
	useDialog   useKind = "dialog"
	useRole     useKind = "role"
	usePipeline useKind = "pipeline"
	useStage    useKind = "stage"
	useCard     useKind = "card"
	usePicture  useKind = "picture"
	useField    useKind = "field" // that a stage demands
	useVisit    useKind = "visit"
	useHook     useKind = "hook"
	useConsent  useKind = "consent"
	useDocument useKind = "document"

	usePlace     useKind = "place"      // pipeline.stage
	useDealField useKind = "deal field" // any that something sets
	useFiles     useKind = "files"      // that something attaches
)

// noun is what a problem calls the kind.
func (k useKind) noun() useKind {
	switch k {
	case usePlace:
		return useStage
	case useDealField:
		return useField
	}
	return k
}

// use is a name that must exist: who names it, where, and in which dialog (of states and slots) or pipeline (of stages).
type use struct {
	place
	kind useKind
	name string
	in   string
	by   string // "state “problem” leads to"
}

// textUse is a text key that must exist, with what its placeholders may show.
type textUse struct {
	place
	key string
	scope
}

func (r *reader) declare(n *yaml.Node, kind useKind, in, name string) {
	r.declared[string(kind)+" "+in+" "+name] = r.at(n)
}

// use reads a name and notes that it must exist.
func (r *reader) use(n *yaml.Node, kind useKind, in, by string) string {
	name := scalar(n)
	if name != "" {
		r.uses = append(r.uses, use{r.at(n), kind, name, in, by})
	}
	return name
}

// fills reads the name of a slot and notes that something fills it.
func (r *reader) fills(n *yaml.Node, dialog, by string) string {
	r.filled[dialog+" "+scalar(n)] = true
	return r.use(n, useSlot, dialog, by)
}

func (r *reader) leads(n *yaml.Node, s scope) string {
	return r.use(n, useState, s.dialog, s.who+" leads to")
}

// text reads a text key and notes that it must exist in every language.
func (r *reader) text(n *yaml.Node, s scope) string {
	if scalar(n) != "" {
		r.draft.texts = append(r.draft.texts, textUse{r.at(n), scalar(n), s})
	}
	return scalar(n)
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]*$`)

// maxOptionID keeps "nonce:id" within the 64 bytes that Telegram allows on a button.
const maxOptionID = 64 - len("abcdef:")

// optionID reads the id of a button, unlike all ids before it.
func (r *reader) optionID(n *yaml.Node, before *[]string, who string) string {
	id := scalar(n)
	switch {
	case id == "":
		return ""
	case len(id) > maxOptionID:
		r.report(n, fmt.Sprintf("Write at most %d letters.", maxOptionID), "%s has an id of %d bytes, too long for a button's 64", who, len(id))
	case !idPattern.MatchString(id):
		r.report(n, "Write small Latin letters, digits, _, . and -.", "%s has the id “%s”", who, id)
	case slices.Contains(*before, id):
		r.report(n, "Give each its own id.", "%s has the id “%s” twice", who, id)
	}
	*before = append(*before, id)
	return id
}

func (r *reader) condition(n *yaml.Node, s scope) *Expr  { return r.compile(n, s, true) }
func (r *reader) expression(n *yaml.Node, s scope) *Expr { return r.compile(n, s, false) }

func (r *reader) expressions(n *yaml.Node, s scope) map[string]*Expr {
	var result map[string]*Expr
	for key, v := range pairs(n) {
		if result == nil {
			result = map[string]*Expr{}
		}
		if e := r.expression(v, s); e != nil {
			result[key.Value] = e
		}
	}
	return result
}

func (r *reader) compile(n *yaml.Node, s scope, condition bool) *Expr {
	source := scalar(n)
	if source == "" {
		return nil
	}
	r.draft.kit.knows = r.draft.kit.knows || standingPattern.MatchString(source)
	e, err := compileExpr(source, s.env, condition)
	var wrong *file.Error
	if errors.As(err, &wrong) {
		r.wrongExpression(n, s, wrong)
	}
	return e
}

var unknownPattern = regexp.MustCompile(`^unknown (name|field) (\w+)`)

// wrongExpression puts the compiler's complaint where the mistake stands in the file.
func (r *reader) wrongExpression(n *yaml.Node, s scope, wrong *file.Error) {
	at := r.at(n)
	switch n.Style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		at.line, at.column = n.Line+max(wrong.Line, 1), wrong.Column+1
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		at.column += wrong.Column + 1
	default:
		at.column += wrong.Column
	}
	if unknown := unknownPattern.FindStringSubmatch(wrong.Message); unknown != nil {
		candidates := s.env.names()
		if unknown[1] == "field" {
			candidates = s.env.memberNames()
		}
		r.problems = append(r.problems, at.problem(r.instead(unknown[2], candidates, "one of "+quoted(candidates)),
			"%s asks in “%s” for “%s”, which is not known here", s.who, n.Value, unknown[2]))
		return
	}
	message, _, _ := strings.Cut(wrong.Message, "\n")
	fix := "Correct the expression here."
	if strings.Contains(message, "expected bool") {
		fix = "Write a comparison such as x == \"y\"."
	}
	r.problems = append(r.problems, at.problem(fix, "%s has the expression “%s”, which is wrong here: %s", s.who, n.Value, message))
}

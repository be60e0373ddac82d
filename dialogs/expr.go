package dialogs

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	"github.com/expr-lang/expr/vm/runtime"

	"govorun/dialogs/slot"
)

// maxExprNodes bounds how long an expression may be; a kit's conditions have about ten.
const maxExprNodes = 200

// exprBuiltins are the functions a kit may call: pure, without a clock, and unable to make much out of little.
var exprBuiltins = [...]string{
	"len", "lower", "upper", "trim", "int", "float", "string", "round", "floor", "ceil", "abs", "min", "max",
	"duration", "date", "any", "all", "none", "count", "filter", "map",
}

// Expr is an expression of a kit, compiled once. It is immutable and may be evaluated by many goroutines.
type Expr struct {
	source  string
	program *vm.Program
}

// compileExpr compiles an expression over env. When condition is set it must give true or false. An error is a *file.Error,
// whose Line and Column (from 0) point into source.
func compileExpr(source string, env exprEnv, condition bool) (*Expr, error) {
	house := &houseRules{}
	options := []expr.Option{
		expr.Env(env.types()),
		expr.MaxNodes(maxExprNodes),
		expr.DisableAllBuiltins(),
		expr.Patch(house),
		expr.Function("same", same, new(func(string, string) bool), new(func(int, int) bool)),
		expr.Function("differ", differ, new(func(string, string) bool), new(func(int, int) bool)),
		expr.Function("figures", figures, new(func(float64, string) string), new(func(int, string) string)),
		expr.Operator("==", "same"),
		expr.Operator("!=", "differ"),
	}
	for _, name := range exprBuiltins {
		options = append(options, expr.EnableBuiltin(name))
	}
	if condition {
		options = append(options, expr.AsBool())
	}
	program, err := expr.Compile(source, options...)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return nil, at
		}
		return nil, &file.Error{Message: err.Error()}
	}
	if house.refused != nil {
		return nil, house.refused.Bind(file.NewSource(source))
	}
	return &Expr{source: source, program: program}, nil
}

// Eval gives the value of the expression: string, float64, int, bool, time.Time, time.Duration, a list, a map, or nil.
// vars holds what exprEnv.types describes (ids as plain int, not crm.DealID; objects as map[string]any); a slot without an answer is
// missing or nil.
func (e *Expr) Eval(vars map[string]any) (any, error) {
	value, err := vm.Run(e.program, vars)
	if err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", e.source, withoutValues(err))
	}
	return value, nil
}

// Bool gives the truth of a condition. A comparison with nothing ("amount > 100" before the amount is known) makes the whole
// condition false, so that a kit need not ask for nil first.
func (e *Expr) Bool(vars map[string]any) (bool, error) {
	value, err := vm.Run(e.program, vars)
	if err != nil {
		if aboutNothing(err) {
			return false, nil
		}
		return false, fmt.Errorf("evaluate condition %q: %w", e.source, withoutValues(err))
	}
	truth, ok := value.(bool)
	if !ok && value != nil {
		return false, fmt.Errorf("evaluate condition %q: it gives %T instead of true or false", e.source, value)
	}
	return truth, nil
}

// withoutValues keeps of the library's error what it is about and where, not the values that it quotes: they may be what a person wrote, and
// errors are stored, logged and shown to employees.
func withoutValues(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return errors.New("it can't be done with these values")
	}
	what := at.Message
	if i := strings.IndexAny(what, "(\""); i >= 0 {
		what = what[:i] + "…"
	}
	return fmt.Errorf("%s (%d:%d)", what, at.Line, at.Column+1)
}

// String gives the source of the expression.
func (e *Expr) String() string { return e.source }

// aboutNothing recognises the library's refusals to compare or convert nil.
func aboutNothing(err error) bool {
	text := err.Error()
	return strings.Contains(text, "<nil>") || strings.Contains(text, "is nil, not") || strings.Contains(text, "invalid argument for nil")
}

// houseRules are what a kit's expressions do differently: a member of nothing is nothing, and what could grow without bound (ranges,
// reduce) is refused, so that lists are never longer than answers are.
type houseRules struct{ refused *file.Error }

// Visit is called by the compiler for every node.
func (r *houseRules) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.MemberNode:
		if !n.Method && !n.Optional {
			n.Optional = true
			ast.Patch(node, &ast.ChainNode{Node: n})
		}
	case *ast.BuiltinNode:
		if n.Name == "reduce" {
			r.refused = &file.Error{Location: n.Location(), Message: "reduce is not allowed here"}
		}
	case *ast.BinaryNode:
		if n.Operator == ".." {
			r.refused = &file.Error{Location: n.Location(), Message: "ranges are not allowed here"}
		}
	}
}

// same is == of two texts or two whole numbers; the library's own would panic when one of them is nil.
func same(params ...any) (any, error) { return runtime.Equal(params[0], params[1]), nil }

// figures writes a sum as people of a language read it: digits in threes, hundredths when there are any.
func figures(params ...any) (any, error) {
	n, whole := params[0].(int)
	sum, real := params[0].(float64)
	lang, named := params[1].(string)
	if !whole && !real || !named {
		return nil, errors.New("figures: it is no number, or the language is missing")
	}
	if whole {
		sum = float64(n)
	}
	return slot.Show(slot.Spec{Type: "number", Lang: lang}, Value{Number: math.Round(sum*100) / 100}), nil
}

// differ is the opposite of same.
func differ(params ...any) (any, error) { return !runtime.Equal(params[0], params[1]), nil }

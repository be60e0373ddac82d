package rules

import (
	"encoding/json"
	"reflect"
	"strings"

	"govorun/crm"
)

// same tells whether two values of a field are equal. Numbers are compared by value: what was an int is a float64 once stored.
func same(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		other, ok := b.(string)
		return ok && a == other
	case bool:
		other, ok := b.(bool)
		return ok && a == other
	}
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

// number gives the value of any number that Go or JSON makes.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return float64(r.Int()), true
	case r.CanFloat():
		return r.Float(), true
	}
	return 0, false
}

// filled tells whether a demanded field holds something. No and zero are answers.
func filled(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return strings.TrimSpace(v) != ""
	case []any:
		return len(v) > 0
	}
	return true
}

// missing lists those of the demanded fields that are not filled.
func missing(fields crm.Fields, demanded []string) []string {
	var none []string
	for _, name := range demanded {
		if !filled(fields[name]) {
			none = append(none, name)
		}
	}
	return none
}

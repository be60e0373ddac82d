package dialogs

import (
	"fmt"
	"time"

	"govorun/crm"
)

// answerOf gives the value of an expression as an answer for a slot. A bare name of another slot is copied whole, with its files.
func (t *step) answerOf(e *Expr, target *Slot) (Value, bool) {
	if target == nil {
		return Value{}, false
	}
	if source := t.slot(e.String()); source != nil && source.Type == target.Type {
		value, ok := t.values[source.Name]
		return value, ok
	}
	return answerFrom(t.eval(e), target)
}

// answerFrom makes an answer of a plain value: of an expression, or of a signal that went through JSON.
func answerFrom(plain any, target *Slot) (Value, bool) {
	switch v := plain.(type) {
	case string:
		if v == "" {
			return Value{}, false
		}
		switch target.Type {
		case "date", "datetime", "window":
			at, err := time.Parse(time.RFC3339, v)
			return Value{Time: at}, err == nil
		case "number", "money", "photo", "photos", "file", "asset", "location", "many":
			return Value{}, false
		}
		return Value{Text: v}, true
	case float64:
		return numberAnswer(v, target)
	case int:
		return numberAnswer(float64(v), target)
	case time.Time:
		return Value{Time: v}, true
	case []string:
		return Value{Many: v}, true
	case []any:
		return Value{Many: textsOf(v)}, target.Type == "many"
	case map[string]any:
		if target.Type == "asset" {
			asset := assetFrom(v)
			return Value{Asset: &asset, Text: asset.Code}, asset.ID != 0
		}
	}
	return Value{}, false
}

func numberAnswer(n float64, target *Slot) (Value, bool) {
	switch target.Type {
	case "money":
		return Value{Number: n * minorUnits}, true
	case "number":
		return Value{Number: n}, true
	case "text", "choice":
		return Value{Text: fmt.Sprint(n)}, true
	}
	return Value{}, false
}

func textsOf(list []any) []string {
	texts := make([]string, 0, len(list))
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// assetFrom is the opposite of assetVariable, also after JSON has made floats and texts of numbers and times.
func assetFrom(vars map[string]any) Asset {
	text := func(name string) string { s, _ := vars[name].(string); return s }
	whole := func(name string) int64 {
		switch n := vars[name].(type) {
		case int:
			return int64(n)
		case float64:
			return int64(n)
		}
		return 0
	}
	since, ok := vars["since"].(time.Time)
	if !ok {
		since, _ = time.Parse(time.RFC3339, text("since"))
	}
	fields, _ := vars["fields"].(map[string]any)
	return Asset{
		ID: crm.AssetID(whole("id")), Kind: text("kind"), Code: text("code"), Name: text("name"), City: text("city"),
		Address: text("address"), Crew: crm.CrewID(whole("crew")), Own: crm.DealID(whole("own")), Open: int(whole("open")),
		Since: since, Fields: fields,
	}
}

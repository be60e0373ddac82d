package turn

import (
	"fmt"
	"strings"
	"time"

	"govorun/crm/seal"
)

// clockIn writes times for a sheet, empty when there is none.
func clockIn(zone *time.Location) func(time.Time) string {
	return func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(zone).Format("2006-01-02 15:04")
	}
}

// cellOf writes the value of a field for a sheet.
func cellOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return seal.Masked(v)
	case float64:
		return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = cellOf(one)
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		return ""
	}
	return fmt.Sprint(v)
}

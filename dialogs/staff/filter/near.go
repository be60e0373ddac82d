package filter

import (
	"slices"

	"govorun/locales"
)

// slips is how many slips of the keyboard a word of some length may have.
func slips(length int) int {
	switch {
	case length <= 3:
		return 0
	case length <= 5:
		return 1
	}
	return 2
}

// nearest finds the known words with the fewest slips, sorted; none when even those have too many.
func nearest(typed string, known []string, most int) []string {
	var near []string
	for _, k := range known {
		d := locales.Slips(typed, k, most)
		if d > most {
			continue
		}
		if d < most {
			near, most = nil, d
		}
		near = append(near, k)
	}
	slices.Sort(near)
	return slices.Compact(near)
}

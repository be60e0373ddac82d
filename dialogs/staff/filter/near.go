package filter

import "slices"

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

// distance counts the slips (a letter wrong, missing, too much, or two swapped) between two words; more than most is most+1.
func distance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return most + 1
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], most+1)
}

// nearest finds the known words with the fewest slips, sorted; none when even those have too many.
func nearest(typed string, known []string, most int) []string {
	var near []string
	for _, k := range known {
		d := distance(typed, k, most)
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

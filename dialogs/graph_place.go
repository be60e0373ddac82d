package dialogs

import "slices"

// place gives every box its coordinates: layers from top to bottom, and within them as near to the neighbours as fits.
func (l *layout) place() {
	y := gapY
	for _, layer := range l.layers {
		height := 0.0
		for _, b := range layer {
			height = max(height, l.boxes[b].height)
		}
		for _, b := range layer {
			l.boxes[b].y = y + height/2
		}
		l.heights = append(l.heights, height)
		y += height + gapY
	}
	l.height = y
	for _, layer := range l.layers {
		l.spread(layer, func(box) (float64, bool) { return 0, false })
	}
	for round := range maxRounds {
		if round%2 == 0 {
			for _, layer := range l.layers {
				l.spread(layer, func(b box) (float64, bool) { return l.mean(b.up) })
			}
		} else {
			for _, layer := range slices.Backward(l.layers) {
				l.spread(layer, func(b box) (float64, bool) { return l.mean(b.down) })
			}
		}
	}
	l.moveRight()
}

// mean is the middle of some boxes.
func (l *layout) mean(boxes []int) (float64, bool) {
	sum := 0.0
	for _, b := range boxes {
		sum += l.boxes[b].x
	}
	return sum / float64(max(len(boxes), 1)), len(boxes) > 0
}

// run is a stretch of boxes that touch each other: they move together, to the mean of where each wants to be.
type run struct {
	count int
	sum   float64
}

// spread moves the boxes of a layer as near as possible (in the sense of least squares) to where they want to be, keeping their
// order and their gaps: boxes that would overlap become one run, which stands where its members want it on average.
func (l *layout) spread(layer []int, wanted func(box) (float64, bool)) {
	offsets := make([]float64, len(layer))
	var runs []run
	for i, b := range layer {
		if i > 0 {
			offsets[i] = offsets[i-1] + l.apart(layer[i-1], b)
		}
		want, ok := wanted(l.boxes[b])
		if !ok {
			want = l.boxes[b].x
		}
		runs = append(runs, run{1, want - offsets[i]})
		for n := len(runs); n > 1 && runs[n-2].sum/float64(runs[n-2].count) > runs[n-1].sum/float64(runs[n-1].count); n = len(runs) {
			runs[n-2].count += runs[n-1].count
			runs[n-2].sum += runs[n-1].sum
			runs = runs[:n-1]
		}
	}
	i := 0
	for _, r := range runs {
		for range r.count {
			l.boxes[layer[i]].x = r.sum/float64(r.count) + offsets[i]
			i++
		}
	}
}

// apart is how far the centres of two neighbours must be from each other.
func (l *layout) apart(left, right int) float64 {
	gap := gapX
	if l.boxes[left].node < 0 && l.boxes[right].node < 0 {
		gap = dummyGap
	}
	return (l.boxes[left].width+l.boxes[right].width)/2 + l.boxes[left].aside + gap
}

// moveRight moves everything so that the leftmost box stands at the margin.
func (l *layout) moveRight() {
	left, right := 0.0, 0.0
	for i, b := range l.boxes {
		if i == 0 || b.x-b.width/2 < left {
			left = b.x - b.width/2
		}
		if i == 0 || b.x+b.width/2+b.aside > right {
			right = b.x + b.width/2 + b.aside
		}
	}
	for i := range l.boxes {
		l.boxes[i].x += gapX - left
	}
	l.width = right - left + 2*gapX
}

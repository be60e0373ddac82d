package bench

import (
	"embed"
	"fmt"
	"io/fs"

	"govorun/dialogs"
)

// rulesFiles are the measured business and what fills its database.
//
//go:embed rules_kit rules_base.sql rules_floor.sql
var rulesFiles embed.FS

// Who works in the measured company, by employee number; rules_base.sql makes them.
const (
	clerks      = 200 // 1 to 200
	workers     = 200 // 201 to 400; as many again take the jobs of the floors
	firstWorker = clerks + 1
	firstFloor  = clerks + workers + 1
)

// loadRules reads the kit of this measurement. Robots write to its customers at any hour: measurements are made at night too.
func loadRules() (*dialogs.Kit, error) {
	files, err := fs.Sub(rulesFiles, "rules_kit")
	if err != nil {
		return nil, fmt.Errorf("open the kit of the measurement: %w", err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		return nil, fmt.Errorf("read the kit of the measurement: %w", err)
	}
	kit.Silence = dialogs.Silence{}
	return kit, nil
}

// embedded gives the text of a file beside this one.
func embedded(file string) string {
	text, err := rulesFiles.ReadFile(file)
	if err != nil {
		panic("the embedded file " + file + " is unreadable: " + err.Error()) // the compiler put it there
	}
	return string(text)
}

// stride scatters the measured deals over the tables; it is prime.
const stride = 7919

// decades is how many tens of deals may be measured.
func (r *rules) decades() int {
	n := r.Deals/10 - 2
	if n%stride == 0 {
		n--
	}
	return n
}

// deal gives the nth deal of a kind, each only once: what it is by its last digit, see rules_base.sql.
func (r *rules) deal(nth, digit int) int64 {
	return int64(10*(1+nth*stride%r.decades()) + digit)
}

// deals are those from the nth on, so many.
func (r *rules) deals(nth, many, digit int) []int64 {
	ids := make([]int64, many)
	for i := range ids {
		ids[i] = r.deal(nth+i, digit)
	}
	return ids
}

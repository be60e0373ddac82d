package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// Knowledge says how answers of the knowledge base are measured.
type Knowledge struct {
	Entries int // answers in the base, each with three ways to ask for it
	Each    int // how often each kind of question is asked one at a time; as often by sixteen
}

// knowledgeRun is one running measurement.
type knowledgeRun struct {
	Knowledge
	Config
	db    *postgres.DB
	kit   *dialogs.Kit
	read  time.Duration   // that took the answers
	floor []time.Duration // bare round trips in between: what the machine was like
}

// knowledgeCell is what one kind of questions took, and how many of them got the right answer.
type knowledgeCell struct {
	name       string
	ask        func(question string, n int) string
	known      bool // there is an answer
	One, Many  []time.Duration
	asked, hit int
}

// Run measures, prints the report and leaves nothing behind.
func (k Knowledge) Run(ctx context.Context, c Config) error {
	m, cells, err := k.askAll(ctx, c)
	if err != nil {
		return err
	}
	m.print(cells)
	return nil
}

// askAll asks all kinds of questions.
func (k Knowledge) askAll(ctx context.Context, c Config) (*knowledgeRun, []*knowledgeCell, error) {
	m, cells := &knowledgeRun{Knowledge: k, Config: c}, knowledgeCells()
	place, err := c.base(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	defer place.drop()
	if err := m.know(); err != nil {
		return nil, nil, err
	}
	return m, cells, place.with(ctx, func(db *postgres.DB) error {
		m.db = db
		for _, cell := range cells {
			m.say("%s", cell.name)
			if err := m.measure(ctx, cell); err != nil {
				return err
			}
		}
		return nil
	})
}

// know makes a kit that knows much, as a start of the program does.
func (m *knowledgeRun) know() error {
	m.say("reading %d answers", m.Entries)
	files, err := kits.FS("lead")
	if err != nil {
		return err
	}
	if m.kit, err = dialogs.Load(files); err != nil {
		return err
	}
	began := time.Now()
	m.kit.Knowledge = m.kit.NewKnowledge(muchKnown(m.Entries))
	m.read = time.Since(began)
	return nil
}

// answer looks a text up as a turn does, in a transaction that has begun; begin and end of that are not counted.
func (m *knowledgeRun) answer(ctx context.Context, text string) (found dialogs.Found, took time.Duration, err error) {
	tx, _, err := m.db.BeginTimers(ctx, 0, 0)
	if err != nil {
		return found, 0, err
	}
	defer tx.Rollback(ctx)
	began := time.Now()
	_, city, err := tx.QuestionsLately(ctx, 1, 1)
	if err != nil {
		return found, 0, err
	}
	found = m.kit.Find(&dialogs.Known{Base: m.kit.Knowledge, City: city}, text, m.kit.Languages[0], "")
	return found, time.Since(began), nil
}

const knowledgeWarm = 20 // questions that are not counted

func (m *knowledgeRun) measure(ctx context.Context, cell *knowledgeCell) error {
	questions := m.kit.Knowledge.Questions
	one := func(ctx context.Context, n int) (time.Duration, bool, error) {
		q := questions[n*7919%len(questions)]
		found, took, err := m.answer(ctx, cell.ask(q.Text, n))
		return took, found.ID == q.ID || !cell.known && found.ID == "", err
	}
	for n := range knowledgeWarm + m.Each {
		took, hit, err := one(ctx, n)
		if err != nil {
			return err
		}
		if n < knowledgeWarm {
			continue
		}
		began := time.Now()
		if _, err := m.db.Pool.Exec(ctx, "SELECT 1"); err != nil {
			return fmt.Errorf("measure the floor: %w", err)
		}
		m.floor = append(m.floor, time.Since(began))
		cell.asked++
		if cell.One = append(cell.One, took); hit {
			cell.hit++
		}
	}
	var mu sync.Mutex
	_, err := inParallel(ctx, manyAtOnce, m.Each+knowledgeWarm*manyAtOnce, func(ctx context.Context, n int) error {
		took, _, err := one(ctx, n)
		mu.Lock()
		defer mu.Unlock()
		if n >= knowledgeWarm*manyAtOnce {
			cell.Many = append(cell.Many, took)
		}
		return err
	})
	return err
}

func (m *knowledgeRun) print(cells []*knowledgeCell) {
	fmt.Fprintf(m.Out, "\n%d answers, %d ways to ask for them, %d words (read in %s). From the text to its answer, ms.\n",
		m.Entries, len(m.kit.Knowledge.Questions), len(m.kit.Knowledge.Words()), rounded(m.read))
	table := tabwriter.NewWriter(m.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "asked\tright\tp50\tp95\tp99\tat 16 p50\tp99")
	at := func(times []time.Duration, q float64) string {
		return fmt.Sprintf("%.2f", milliseconds(quantile(sortedTimes(times), q)))
	}
	for _, c := range append(cells, together(cells)) {
		fmt.Fprintf(table, "%s\t%.1f %%\t%s\t%s\t%s\t%s\t%s\n", c.name, c.right(),
			at(c.One, 0.5), at(c.One, 0.95), at(c.One, 0.99), at(c.Many, 0.5), at(c.Many, 0.99))
	}
	table.Flush()
	fmt.Fprintf(m.Out, "A bare round trip in between: p50 %s, p99 %s ms.\n", at(m.floor, 0.5), at(m.floor, 0.99))
}

// together takes all kinds of questions as one.
func together(cells []*knowledgeCell) *knowledgeCell {
	all := &knowledgeCell{name: "all"}
	for _, c := range cells {
		all.One, all.Many = slices.Concat(all.One, c.One), slices.Concat(all.Many, c.Many)
		all.asked, all.hit = all.asked+c.asked, all.hit+c.hit
	}
	return all
}

// right is how many got the right answer, in percent.
func (c *knowledgeCell) right() float64 { return 100 * float64(c.hit) / float64(max(1, c.asked)) }

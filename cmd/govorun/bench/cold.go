package bench

import (
	"context"
	"fmt"
	"time"

	"govorun/cmd/govorun/bench/report"
)

// cold is one start: from the process to the first answer, and the part of it in which the private Postgres started.
type cold struct{ all, postgres time.Duration }

// Cold measures the time from the start of the program to its first answer, with the schema in place, as the median of runs.
func Cold(ctx context.Context, c Config, runs int) error {
	starts, err := c.coldStarts(ctx, runs)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\nFrom the start of the process to its first answer, schema in place, median of %d:\n", runs)
	fmt.Fprintf(c.Out, "  all                   %.0f ms\n", report.Median(of(starts, func(s cold) float64 { return milliseconds(s.all) })))
	fmt.Fprintf(c.Out, "  PostgreSQL's start    %.0f ms\n", report.Median(of(starts, func(s cold) float64 { return milliseconds(s.postgres) })))
	fmt.Fprintf(c.Out, "  the program's own     %.0f ms\n", report.Median(of(starts, cold.own)))
	return nil
}

// own is what the program itself took, in milliseconds.
func (c cold) own() float64 { return milliseconds(c.all - c.postgres) }

// coldStarts starts the program so many times, and once before that, which reads it from disk.
func (c Config) coldStarts(ctx context.Context, runs int) ([]cold, error) {
	place, err := c.base(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer place.drop()
	starts := make([]cold, 0, runs)
	for range runs + 1 {
		one, err := place.coldStart(ctx, serving{Limits: "usual", Log: "info"})
		if err != nil {
			return nil, err
		}
		starts = append(starts, one)
	}
	return starts[1:], nil
}

// coldStart starts the program, says /start until somebody takes it, and waits for the answer.
func (b *base) coldStart(ctx context.Context, s serving) (cold, error) {
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return cold{}, err
	}
	defer api.close()
	s.API = api.URL
	p, err := b.serve(s)
	if err != nil {
		return cold{}, err
	}
	defer p.stop()
	d := newDriver(api, p.hook)
	person := d.enter()
	defer person.post.close()
	person.listener.want = 1
	chat := d.chats.Add(1)
	api.listen(chat, &person.listener)
	body := update(d.updates.Add(1), chat, 0)
	err = p.wait(ctx, time.Millisecond, func() bool {
		status, err := person.post.post(body)
		return err == nil && status/100 == 2
	})
	if err != nil {
		return cold{}, err
	}
	select {
	case at := <-person.listener.done:
		return cold{all: at.Sub(p.started), postgres: postgresTook(p.log.String())}, nil
	case <-time.After(replyTime):
		return cold{}, p.trouble("took the first message and did not answer")
	case <-ctx.Done():
		return cold{}, context.Cause(ctx)
	}
}

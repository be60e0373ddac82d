package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// cold is one start: from the process to the first answer, and the part of it in which the private Postgres started.
type cold struct{ all, postgres time.Duration }

// Cold measures the time from the start of the program to its first answer, with the schema in place, as the median of runs.
func Cold(ctx context.Context, c Config, runs int) error {
	dir, remove, err := folder()
	if err != nil {
		return err
	}
	defer remove()
	db, err := c.open(ctx, dir)
	if err != nil {
		return err
	}
	if c.Database != "" {
		err = checkEmpty(ctx, db)
	}
	line := describe(dir, serverVersion(ctx, db))
	shut(db)
	if err != nil {
		return err
	}
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer api.close()
	starts := make([]cold, 0, runs)
	for range runs + 1 {
		one, err := c.coldStart(ctx, serving{Dir: dir, API: api.URL, Limits: "usual", Log: "info"})
		if err != nil {
			return err
		}
		starts = append(starts, one)
	}
	starts = starts[1:] // the first reads the program from disk
	middle := func(figure func(cold) time.Duration) time.Duration {
		times := make([]time.Duration, len(starts))
		for i, s := range starts {
			times[i] = figure(s)
		}
		slices.Sort(times)
		return quantile(times, 0.5)
	}
	fmt.Fprintf(c.Out, "%s\n\nFrom the start of the process to its first answer, schema in place, median of %d:\n", line, runs)
	fmt.Fprintf(c.Out, "  all                   %.0f ms\n", milliseconds(middle(func(s cold) time.Duration { return s.all })))
	fmt.Fprintf(c.Out, "  PostgreSQL's start    %.0f ms\n", milliseconds(middle(func(s cold) time.Duration { return s.postgres })))
	fmt.Fprintf(c.Out, "  the program's own     %.0f ms\n", milliseconds(middle(func(s cold) time.Duration { return s.all - s.postgres })))
	return nil
}

// coldStart starts the program, says /start until somebody takes it, and waits for the answer.
func (c Config) coldStart(ctx context.Context, s serving) (cold, error) {
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return cold{}, err
	}
	defer api.close()
	s.API = api.URL
	p, err := c.serve(s)
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

package telegram

import (
	"context"

	"govorun/bots"
	"govorun/crm"
)

// step is one call of a sending that takes several.
type step func(ctx context.Context) (ref string, err error)

// inSteps takes the steps that are still to do and returns the ref of the last.
func (c *Channel) inSteps(ctx context.Context, id crm.MessageID, steps []step) (string, error) {
	at := c.partly.Get(id)
	for at.Parts < len(steps) {
		ref, err := steps[at.Parts](ctx)
		if err != nil {
			c.partly.Set(id, at)
			return "", err
		}
		at.Parts++
		at.Ref = ref
	}
	c.partly.Set(id, bots.Reached{})
	return at.Ref, nil
}

package postgres_test

import (
	"errors"

	"govorun/crm"
)

func isNotFound(err error) bool { return errors.Is(err, crm.ErrNotFound) }
func isTooBroad(err error) bool { return errors.Is(err, crm.ErrTooBroad) }

package bots

import "errors"

// Reasons why a file can't be had.
var (
	ErrTooLarge = errors.New("the file is larger than the limit")
	ErrGone     = errors.New("the provider no longer has the file")
)

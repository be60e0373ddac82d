package bots

import "govorun/crm"

// Reason is an error of our own making: what is wrong, in words that hold nobody's data.
type Reason string

// Error gives the words.
func (r Reason) Error() string { return string(r) }

// GiveUp is a sending that can never succeed: a short word for the record, and why.
func GiveUp(reason, why string) error {
	return &crm.SendError{Policy: crm.GiveUp, Reason: reason, Err: Reason(why)}
}

// Done is a sending for which there is nothing to do, and why.
func Done(why string) error {
	return &crm.SendError{Policy: crm.Done, Reason: "nothing_to_do", Err: Reason(why)}
}

package crm

import "time"

// FormSent is a web form that somebody sent: its name in the kit, the answers as they were typed by the names of their slots, the key under
// which the site sends it again when it got no answer, and a digest of the whole, by which another form under that key is told apart.
type FormSent struct {
	Name   string            `json:"name"`
	Values map[string]string `json:"values"`
	Key    string            `json:"key"`
	Digest string            `json:"digest"`
	Lang   string            `json:"lang,omitempty"`
}

// CallStatus is how a call ended.
type CallStatus string

// How a call ended.
const (
	CallAnswered CallStatus = "answered"
	CallMissed   CallStatus = "missed"
)

// Call is a telephone call as the exchange tells it. ID is the exchange's own, unique; Phone is the other side in E.164; Line is the number or the
// name of the line; Employee is the extension or phone of who answered; Seconds is how long they talked.
type Call struct {
	ID       string     `json:"id"`
	Phone    string     `json:"phone"`
	Line     string     `json:"line,omitempty"`
	Out      bool       `json:"out,omitempty"`
	Status   CallStatus `json:"status"`
	At       time.Time  `json:"at"`
	Seconds  int        `json:"seconds,omitempty"`
	Employee string     `json:"employee,omitempty"`
}

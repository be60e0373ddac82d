package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"govorun/crm"
)

// callHidden is the chat of calls without a number.
const callHidden = "hidden"

// calls takes what a telephone exchange tells of a call: id, phone, status (answered or missed), at (RFC 3339), and, if it likes, direction (in or out),
// line, seconds and employee (the phone of who answered, or who let it ring). Each try is a call of its own id. To a missed one is answered whom to ring
// next.
func (a *api) calls(w http.ResponseWriter, r *http.Request) {
	if err := a.admit(r, "calls"); err != nil {
		refuse(w, err)
		return
	}
	given, err := fields(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	call, err := readCall(given)
	if err != nil {
		refuse(w, err)
		return
	}
	chat := either(call.Phone, callHidden)
	_, err = a.accept(r.Context(), crm.Inbound{Address: crm.Address{Channel: "call", Chat: chat}, From: crm.Person{ID: chat},
		Key: "c:" + call.ID, Kind: crm.InCall, SentAt: call.At, Call: &call})
	if err != nil {
		refuse(w, failed(err))
		return
	}
	answer(w, http.StatusOK, struct {
		Next *callee `json:"next,omitempty"`
	}{a.nextCallee(r.Context(), call)})
}

// callee is whom the exchange can ring next. A number of the company has no name.
type callee struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone"`
}

// nextCallee is whose telephone is rung when nobody took a call: the next employee at work, else the number of the kit, else nobody. The call is
// stored already: when it can't be told, nothing is.
func (a *api) nextCallee(ctx context.Context, call crm.Call) *callee {
	plan := a.kit.CallNext
	if plan == nil || call.Status != crm.CallMissed || call.Out {
		return nil
	}
	found, err := a.next(ctx, plan.Roles, call.Phone, a.kit.Open(a.now(), ""))
	switch {
	case err == nil:
		return &callee{found.Name, found.Phone}
	case plan.Phone != "":
		return &callee{Phone: plan.Phone}
	}
	return nil
}

// readCall makes a call of what was sent.
func readCall(given map[string]string) (crm.Call, error) {
	bad := func(what string) (crm.Call, error) {
		return crm.Call{}, refusal{http.StatusUnprocessableEntity, what}
	}
	call := crm.Call{ID: given["id"], Line: given["line"], Status: crm.CallStatus(given["status"]), Out: given["direction"] == "out"}
	switch {
	case call.ID == "" || len(call.ID) > maxFormKey:
		return bad("“id” is the exchange's own number of the call: send it, up to 200 characters.")
	case call.Status != crm.CallAnswered && call.Status != crm.CallMissed:
		return bad("“status” is answered or missed.")
	case given["direction"] != "" && given["direction"] != "in" && given["direction"] != "out":
		return bad("“direction” is in or out.")
	case len(call.Line) > maxFormKey:
		return bad("“line” is over 200 characters: send its name.")
	}
	if phone := given["phone"]; phone != "" && phone != callHidden {
		if call.Phone = phoneOf(phone); call.Phone == "" {
			return bad("“phone” is no number: send such as +77071234567, or nothing when it is hidden.")
		}
	}
	var err error
	if call.At, err = time.Parse(time.RFC3339, given["at"]); err != nil {
		return bad("“at” is when the call began: send such as 2026-11-22T10:00:00+05:00.")
	}
	if text := given["seconds"]; text != "" {
		if call.Seconds, err = strconv.Atoi(text); err != nil || call.Seconds < 0 || call.Seconds > 24*3600 {
			return bad("“seconds” is a whole number.")
		}
	}
	if text := given["employee"]; text != "" {
		call.Employee = either(phoneOf(text), text)
	}
	return call, nil
}

package main

import (
	"net/http"
	"strconv"
	"time"

	"govorun/crm"
)

// callHidden is the chat of calls without a number.
const callHidden = "hidden"

// calls takes what a telephone exchange tells of a call: id, phone, status (answered or missed), at (RFC 3339), and, if it likes, direction (in or out),
// line, seconds and employee (the phone of who answered). Each try is a call of its own id.
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
	answer(w, http.StatusOK, struct{}{})
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

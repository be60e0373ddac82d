package simulator

import (
	"encoding/json"
	"strconv"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func conflict(typ string, at attrs) node {
	return node{Tag: "stream:error", Attrs: at, Content: []node{{Tag: "conflict", Attrs: attrs{"type": typ}}}}
}

var (
	replaced = conflict("replaced", attrs{})
	removed  = conflict("device_removed", attrs{"code": "401"})
	drained  = node{Tag: "stream:error", Attrs: attrs{"code": "503"}}
)

// Drop closes the device's connection without a word.
func (s *Server) Drop(dev types.JID) error {
	live, err := s.live(dev, false)
	if live == nil {
		return err
	}
	return live.raw.Close()
}

// Restart ends the stream with code 503, as when a server is drained. The client comes back by itself.
func (s *Server) Restart(dev types.JID) error { return s.end(dev, false, drained) }

// Replace tells the device that another session took its place (events.StreamReplaced).
func (s *Server) Replace(dev types.JID) error { return s.end(dev, false, replaced) }

// Unlink removes the device, as the phone's owner does under Linked Devices (events.LoggedOut). Later logins of it are refused.
func (s *Server) Unlink(dev types.JID) error { return s.end(dev, true, removed) }

func (s *Server) live(dev types.JID, unlink bool) (*conn, error) {
	d, err := s.device(dev)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if unlink {
		d.forget()
	}
	return d.live, nil
}

func (s *Server) end(dev types.JID, unlink bool, last node) error {
	live, err := s.live(dev, unlink)
	if live == nil {
		return err
	}
	if err = live.send(last); err == nil {
		live.linger()
	}
	return err
}

// Linked says whether a device is linked: neither the phone nor the client took it away.
func (s *Server) Linked(dev types.JID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[dev]
	return d != nil && !d.unlinked
}

// Online says whether a device is connected.
func (s *Server) Online(dev types.JID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[dev]
	return d != nil && d.live != nil
}

// Timelock tells the device that its account may not write to new contacts before ends (events.NotifyAccountReachoutTimelock), the
// notice that belongs to send error 463.
func (s *Server) Timelock(dev types.JID, enforcement string, ends time.Time) error {
	body, err := json.Marshal(map[string]any{"data": map[string]any{"xwa2_notify_account_reachout_timelock": map[string]any{
		"enforcement_type": enforcement, "is_active": true, "time_enforcement_ends": strconv.FormatInt(ends.Unix(), 10),
	}}})
	if err != nil {
		return err
	}
	return s.Push(dev, node{Tag: "notification", Attrs: attrs{"id": s.newID(), "from": types.ServerJID, "type": "mex", "t": s.unix()},
		Content: []node{{Tag: "update", Content: body}}})
}

// Refusal is what a login is answered with instead of success.
type Refusal struct {
	Reason events.ConnectFailureReason
	// Code and Expire belong to a temporary ban (402).
	Code   events.TempBanReason
	Expire time.Duration
}

func (r *Refusal) node() node {
	at := attrs{"reason": int(r.Reason), "location": "fake"}
	if r.Reason == events.ConnectFailureTempBanned {
		at["code"], at["expire"] = int(r.Code), int(r.Expire/time.Second)
	}
	return node{Tag: "failure", Attrs: at}
}

// RefuseNextLogin refuses the next login of any device once: a ban is {ConnectFailureTempBanned, code, how long}, an outdated client is
// {Reason: ConnectFailureClientOutdated}.
func (s *Server) RefuseNextLogin(r Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = &r
}

// Refuse refuses every login of a device until it is called with nil.
func (s *Server) Refuse(dev types.JID, r *Refusal) error { return s.refuse(dev, r, time.Time{}) }

// Ban cuts the device's connection and refuses its logins with a temporary ban until it ends; Refuse with nil ends it at once.
func (s *Server) Ban(dev types.JID, code events.TempBanReason, howLong time.Duration) error {
	if err := s.refuse(dev, &Refusal{Reason: events.ConnectFailureTempBanned, Code: code, Expire: howLong}, s.Now().Add(howLong)); err != nil {
		return err
	}
	return s.Drop(dev)
}

func (s *Server) refuse(dev types.JID, r *Refusal, until time.Time) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.refusal, d.until = r, until
	return nil
}

// refuses gives what a login of a device, nil when unknown, is refused with. s.mu must be held.
func (s *Server) refuses(d *device) *Refusal {
	if once := s.refusal; once != nil {
		s.refusal = nil
		return once
	}
	if d == nil || d.refusal == nil {
		return nil
	}
	r := *d.refusal
	if !d.until.IsZero() {
		if r.Expire = d.until.Sub(s.Now()); r.Expire <= 0 {
			d.refusal = nil
			return nil
		}
	}
	return &r
}

// Revision sets the web version that the front page names: what the library's GetLatestVersion finds.
func (s *Server) Revision(rev uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revision = rev
}

// Outdate refuses logins of web versions below this revision (events.ClientOutdated). Zero lets everyone in again.
func (s *Server) Outdate(minimum uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.minimum = minimum
}

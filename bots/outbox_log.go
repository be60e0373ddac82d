package bots

import (
	"context"
	"log/slog"

	"govorun/crm"
)

// tell writes what became of a try to send: turn is the inbound message that led to it, the same number in every line of that turn's story.
func (s *sender) tell(ctx context.Context, out crm.Outbound, verdict *crm.SendError) {
	level, what, reason := slog.LevelDebug, "outbox_sent", ""
	if verdict != nil {
		level, what, reason = slog.LevelDebug, "outbox_waits", verdict.Reason
		switch verdict.Policy {
		case crm.GiveUp, crm.Blocked:
			level, what = slog.LevelInfo, "outbox_refused"
		case crm.Retry:
			level, what = slog.LevelInfo, "outbox_retry"
		}
	}
	if !s.c.Log.Enabled(ctx, level) {
		return
	}
	s.c.Log.Log(ctx, level, what, "turn", int64(out.Cause), "channel", s.ch.Name(), "conversation", int64(out.Conversation),
		"message", int64(out.ID), "attempts", out.Attempts, "reason", reason)
}

package telegram

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
)

// verdict is what follows from a refusal whose description holds words, in lower case.
type verdict struct {
	words  string
	policy crm.Policy
	reason string
}

// verdicts are in the words of Telegram's server (tdlib/telegram-bot-api, Client.cpp, and the names it passes on from Telegram
// itself). The first that fits counts.
var verdicts = []verdict{
	{"bot was blocked by the user", crm.Blocked, "blocked"},
	{"user is deactivated", crm.Blocked, "deactivated"},
	{"can't initiate conversation", crm.Blocked, "never_started"},
	{"can't send messages to bots", crm.Blocked, "is_a_bot"},
	{"bot was kicked", crm.Blocked, "kicked"},
	{"bot is not a member", crm.Blocked, "not_a_member"},
	{"chat was deleted", crm.Blocked, "chat_deleted"},
	{"chat not found", crm.Blocked, "chat_not_found"},
	{"peer_id_invalid", crm.Blocked, "chat_not_found"},
	{"chat_write_forbidden", crm.GiveUp, "no_rights"},
	{"chat_restricted", crm.GiveUp, "no_rights"},
	{"not enough rights", crm.GiveUp, "no_rights"},
	{"have no rights", crm.GiveUp, "no_rights"},
	{"need administrator rights", crm.GiveUp, "no_rights"},
	{"voice_messages_forbidden", crm.GiveUp, "voice_forbidden"},

	{"message thread not found", crm.Unthread, "topic_gone"},
	{"topic_deleted", crm.Unthread, "topic_gone"},
	{"topic_id_invalid", crm.Unthread, "topic_gone"},
	{"topic not found", crm.Unthread, "topic_gone"},
	{"topic_closed", crm.Unthread, "topic_closed"},

	{"message is not modified", crm.Done, "not_modified"},
	{"query is too old", crm.Done, "too_late"},
	{"message to delete not found", crm.Done, "gone"},
	{"message to react not found", crm.Done, "gone"},
	{"message to edit not found", crm.Resend, "gone"},
	{"message can't be edited", crm.Resend, "not_editable"},
	{"message_id_invalid", crm.Resend, "gone"},
	{"message can't be deleted", crm.GiveUp, "not_deletable"},
	{"reaction_invalid", crm.GiveUp, "reaction"},

	{"can't parse entities", crm.AsPlain, "markup"},
	{"entity_bounds_invalid", crm.AsPlain, "markup"},
	{"text is empty", crm.GiveUp, "empty"},
	{"text must be non-empty", crm.GiveUp, "empty"},
	{"is too long", crm.GiveUp, "too_long"},
	{"too_long", crm.GiveUp, "too_long"},
	{"too big", crm.GiveUp, "too_large"},
	{"too large", crm.GiveUp, "too_large"},
	{"button_", crm.GiveUp, "buttons"},
	{"inline keyboard", crm.GiveUp, "buttons"},
	{"reply keyboard", crm.GiveUp, "buttons"},
	{"wrong file identifier", crm.GiveUp, "bad_file"},
	{"wrong remote file identifier", crm.GiveUp, "bad_file"},
	{"file_reference", crm.GiveUp, "bad_file"},
	{"photo_", crm.GiveUp, "bad_file"},
	{"image_process_failed", crm.GiveUp, "bad_file"},
	{"media_empty", crm.GiveUp, "bad_file"},
}

// sendError says what follows from a failed send.
func (c *Channel) sendError(kind crm.OutboundKind, err error) *crm.SendError {
	var ready *crm.SendError
	if errors.As(err, &ready) {
		return ready
	}
	refusal := refused(err)
	if refusal == nil {
		return &crm.SendError{Policy: crm.Retry, Reason: withoutAnswer(err), Err: c.readable(err)}
	}
	sendErr := judge(kind, refusal)
	sendErr.Err = refusal
	if sendErr.Policy == crm.BadSetup {
		c.states.set(BadCredentials, ErrBadCredentials.Error())
	}
	return sendErr
}

func judge(kind crm.OutboundKind, refusal *apiError) *crm.SendError {
	switch {
	case refusal.migrateTo != 0:
		return &crm.SendError{Policy: crm.Readdress, Reason: "migrated", NewChat: strconv.FormatInt(refusal.migrateTo, 10)}
	case refusal.code == http.StatusTooManyRequests:
		// A command menu is set for the bot as a whole, everything else is for one chat.
		return &crm.SendError{Policy: crm.Wait, Reason: "flood", After: max(refusal.retryAfter, time.Second), Global: kind == crm.OutMenu}
	case refusal.unknownMethod():
		return &crm.SendError{Policy: withoutMethod(kind), Reason: "old_server"}
	case refusal.code == http.StatusUnauthorized || refusal.code == http.StatusNotFound:
		return &crm.SendError{Policy: crm.BadSetup, Reason: "bad_credentials"}
	case refusal.code == http.StatusRequestEntityTooLarge:
		return &crm.SendError{Policy: crm.GiveUp, Reason: "too_large"}
	case refusal.code == http.StatusBadGateway || refusal.code == http.StatusGatewayTimeout:
		return &crm.SendError{Policy: crm.Retry, Reason: reasonUnanswered} // a gateway's word: it lost the answer
	case refusal.code >= http.StatusInternalServerError || refusal.code == http.StatusConflict:
		return &crm.SendError{Policy: crm.Retry, Reason: "server"}
	}
	description := strings.ToLower(refusal.description)
	for _, v := range verdicts {
		if strings.Contains(description, v.words) {
			policy := v.policy
			if policy == crm.Resend && kind != crm.OutEdit {
				policy = crm.Done // nobody misses a reaction to what is gone
			}
			return &crm.SendError{Policy: policy, Reason: v.reason}
		}
	}
	if refusal.code == http.StatusForbidden {
		return &crm.SendError{Policy: crm.Blocked, Reason: "forbidden"}
	}
	return &crm.SendError{Policy: crm.GiveUp, Reason: "refused"}
}

// withoutMethod is what to do when a server does not know a method: leave out what is ornament, send anew what can't be edited.
// Every server has the methods that send.
func withoutMethod(kind crm.OutboundKind) crm.Policy {
	switch kind {
	case crm.OutReaction, crm.OutMenu, crm.OutDelete:
		return crm.Done
	case crm.OutEdit:
		return crm.Resend
	}
	return crm.GiveUp
}

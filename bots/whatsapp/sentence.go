package whatsapp

import (
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/types/events"
)

// Sentence says a state of an account to an administrator, in English: what is so, and what to do. account is the channel part of addresses,
// detail and until are of the State.
func Sentence(account string, kind StateKind, detail string, until time.Time) string {
	pair := pairCommand(account)
	switch kind {
	case Unlinked:
		return "no number is linked: run `" + pair + "`, or send /pair to the bot as an administrator"
	case Connecting:
		return "the connection to WhatsApp is being made"
	case Linked:
		return "linked and connected"
	case PhoneUnseen:
		return "the phone of the number was not online for 12 days, and after 14 WhatsApp unlinks it: open WhatsApp on the phone"
	case Offline:
		return "WhatsApp can't be reached, or the connection comes and goes: nothing is lost, messages wait on both sides; look at the network of this machine"
	case LoggedOut:
		return loggedOut(pair, detail)
	case Outdated:
		return "WhatsApp refuses this version of the library: run `" + UpdateCommand + "` and start govorun again; messages wait"
	case Banned:
		return "WhatsApp has locked the number for a while" + because(detail) + ": nothing is sent until " + until.UTC().Format("2006-01-02 15:04 UTC") + ", it connects by itself then"
	case Replaced:
		return "another program uses the same link, perhaps a copy of this one with a copy of its database: stop one of them, then start this one again"
	case StoreAway:
		return "the tables of the number can't be read: the database is away; it goes on when that is back"
	}
	return "stopped"
}

// pairCommand links a number to an account.
func pairCommand(account string) string {
	if name := accountName(account); name != "" {
		return "govorun pair --name " + name
	}
	return "govorun pair"
}

// loggedOut tells apart how a link ended: the codes are WhatsApp's.
func loggedOut(pair, code string) string {
	const waits = "what waits to be sent goes out then"
	switch code {
	case "403":
		return "WhatsApp has locked the account, or it moved to another phone: open WhatsApp on the phone and follow what it says, then run `" + pair + "`; " + waits
	case "406":
		return "WhatsApp has banned the number: ask for a review in WhatsApp on the phone, then run `" + pair + "`, or link another number by `" + pair + " --replace`"
	}
	return "the number was unlinked on its phone: run `" + pair + "` or send /pair to the bot; " + waits
}

// because says what a lock is for, as far as WhatsApp tells it.
func because(code string) string {
	reasons := map[string]string{
		fmt.Sprint(int(events.TempBanSentToTooManyPeople)):    "too many people who do not know it were written to",
		fmt.Sprint(int(events.TempBanBlockedByUsers)):         "too many people blocked it",
		fmt.Sprint(int(events.TempBanCreatedTooManyGroups)):   "too many groups were made",
		fmt.Sprint(int(events.TempBanSentTooManySameMessage)): "the same message went to too many people",
		fmt.Sprint(int(events.TempBanBroadcastList)):          "too much went to a broadcast list",
	}
	if reason := reasons[code]; reason != "" {
		return ", because " + reason
	}
	return ""
}

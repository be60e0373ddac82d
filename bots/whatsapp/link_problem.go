package whatsapp

// LinkProblem is why linking ended without a number.
type LinkProblem string

// Problems of linking.
const (
	LinkExpired     LinkProblem = "expired"      // nobody scanned or typed in time
	LinkPasskey     LinkProblem = "passkey"      // WhatsApp asks for a passkey, which only its own programs can give
	LinkRefused     LinkProblem = "refused"      // WhatsApp or the phone refused
	LinkAlready     LinkProblem = "already"      // a number is linked under this name
	LinkOtherNumber LinkProblem = "other_number" // another number was linked under this name before
	LinkElsewhere   LinkProblem = "elsewhere"    // this number is linked under another name
	LinkOffline     LinkProblem = "offline"      // WhatsApp can't be reached
	LinkOutdated    LinkProblem = "outdated"     // WhatsApp refuses this version of the library
	LinkBadPhone    LinkProblem = "bad_phone"    // this is no number for a code
	LinkStore       LinkProblem = "store"        // the database is away
)

// LinkError is a problem of linking; its text is one sentence for an administrator, in English, with what to do next.
type LinkError struct {
	Problem LinkProblem
	Err     error // what lies behind it, without numbers; may be nil
}

func (e *LinkError) Error() string {
	switch e.Problem {
	case LinkExpired:
		return "nobody used the code in time: try again; on the phone open WhatsApp, Settings, Linked devices, Link a device"
	case LinkPasskey:
		return "WhatsApp asks this account for a passkey, which only its own programs can give: remove the passkey on the phone (WhatsApp, Settings, Account, Passkeys), link the number, then make a new one"
	case LinkRefused:
		return "WhatsApp refused the link: look whether the phone has four linked devices already and its clock is right, then try again"
	case LinkAlready:
		return "a number is linked under this name already: `govorun doctor` says how it is doing; --replace puts a new link in its place, --name adds a second number"
	case LinkOtherNumber:
		return "another number was linked under this name before, and what waits there would go out from this one: add --replace if that is meant, or --name for a second number"
	case LinkElsewhere:
		return "this number is linked under another name: one name is enough, `govorun doctor` lists them"
	case LinkOffline:
		return "WhatsApp can't be reached: look at the network of this machine (firewall, proxy: HTTPS_PROXY), then try again"
	case LinkOutdated:
		return "WhatsApp refuses this version of the library: run `" + UpdateCommand + "`, then try again"
	case LinkBadPhone:
		return "that is no number of a phone: write it with the code of its country, such as +77011234567"
	case LinkStore:
		return "the number can't be kept, because the database is away: try again when it is back"
	}
	return "the number could not be linked"
}

func (e *LinkError) Unwrap() error { return e.Err }

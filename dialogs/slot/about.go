package slot

// About says in a line what a type of slot takes; empty for a type that is none.
func About(name string) string {
	switch name {
	case "text":
		return "typed words, cleaned of what is invisible"
	case "name":
		return "the name of a person"
	case "choice":
		return "one of the options, pressed or typed"
	case "many":
		return "several of the options"
	case "number":
		return "a number, in digits of every notation or in words"
	case "money":
		return "a sum, with or without its currency"
	case "phone":
		return "a phone number, typed or shared; the card of somebody else is refused"
	case "contact":
		return "a phone number, best by the person's own card"
	case "email":
		return "an e-mail address"
	case "date":
		return "a day: “tomorrow”, “31.05”, “next Friday”"
	case "datetime":
		return "a day and an hour: “tomorrow at 10”"
	case "window":
		return "a free time of a crew, pressed or typed"
	case "photo":
		return "one photo"
	case "photos":
		return "photos, an album or one after the other"
	case "file":
		return "a file of any kind"
	case "location":
		return "a shared place"
	case "asset":
		return "a machine, vehicle or the like, by its signed code or its number"
	case "plate":
		return "a licence plate"
	case "bank":
		return "an IBAN or a card number, checked, encrypted and masked"
	case "iin":
		return "the identification number of a person in Kazakhstan"
	case "city":
		return "a city of kit.yaml, in any language, spelling or with a slip of the keyboard"
	}
	return ""
}

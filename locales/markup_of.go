package locales

// Markup says what is wrong with the tags of a text that is in no catalog, empty when channels can show it.
func Markup(source string) string { return markup(source) }

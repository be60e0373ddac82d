package locales

import "embed"

//go:embed *.yaml
var product embed.FS

// Product returns the product's own texts: Russian, English and Kazakh. Load it before the texts of a kit, which may override them.
func Product() Source { return Source{Name: "product", FS: product} }

// ProductLanguages lists the languages that Product speaks.
func ProductLanguages() []string { return []string{"ru", "en", "kk"} }

package dialogs

import (
	yaml "go.yaml.in/yaml/v4"

	"govorun/dialogs/slot"
)

// cities reads where people are. A spelling means one city only.
func (r *reader) cities(n *yaml.Node) {
	kit := r.draft.kit
	means := map[string]string{} // spelling → city
	claim := func(at *yaml.Node, spelling, city string) {
		folded := slot.FoldCity(spelling)
		switch other, taken := means[folded]; {
		case taken && other != city:
			r.report(at, "Keep it with one of them.", "“%s” means both %s and %s", spelling, other, city)
		case taken || folded == "":
			r.report(at, "Remove it: case, hyphens and “г.” don't matter.", "“%s” says nothing new of %s", spelling, city)
		}
		means[folded] = city
	}
	kit.means = means
	for key := range pairs(n) {
		claim(key, key.Value, key.Value)
	}
	for key, v := range pairs(n) {
		city := City{Region: scalar(child(v, "region")), Names: map[string]string{}}
		if zone := child(v, "zone"); scalar(zone) != "" {
			city.Zone = r.zone(zone)
		}
		for lang, item := range pairs(child(v, "names")) {
			if name := scalar(item); name == key.Value || means[slot.FoldCity(name)] != key.Value { // Қостанай is read so, though typed Костанай
				claim(item, name, key.Value)
			}
			city.Names[lang.Value] = scalar(item)
		}
		for _, item := range elements(child(v, "also")) {
			claim(item, scalar(item), key.Value)
			city.Also = append(city.Also, scalar(item))
		}
		kit.Cities[key.Value] = city
	}
	for _, name := range sortedKeys(kit.Cities) {
		kit.spelt = append(kit.spelt, slot.City{Name: name, Names: kit.Cities[name].Names, Also: kit.Cities[name].Also})
	}
}

// CityNamed gives the kit's name of the city that a text means, in whatever language and with slips of the keyboard. It reports false when it
// means none, or may mean several; near are those.
func (k *Kit) CityNamed(text string) (name string, near []string, ok bool) {
	if name, known := k.means[slot.FoldCity(text)]; known {
		return name, nil, true
	}
	found, maybe := slot.FindCity(k.spelt, text)
	if found != nil {
		return found.Name, nil, true
	}
	for _, c := range maybe {
		near = append(near, c.Name)
	}
	return "", near, false
}

// CityIn is what a city of the kit is called in a language; any other stays as it is.
func (k *Kit) CityIn(lang, city string) string {
	if name := k.Cities[city].Names[lang]; name != "" {
		return name
	}
	return city
}

// knownCities are those that a slot takes.
func (k *Kit) knownCities(sl *Slot) []slot.City {
	if sl.Type != "city" {
		return nil
	}
	return k.spelt
}

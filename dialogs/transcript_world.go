package dialogs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// scene sets something up before the talk.
func (p *player) scene(line string) error {
	words := quotedWords(line)
	if len(words) == 0 {
		return fmt.Errorf("what about the scene?")
	}
	values := assignments(words[1:])
	switch words[0] {
	case "asset":
		if len(words) < 2 {
			return fmt.Errorf("which code does the asset have?")
		}
		return p.sceneAsset(words[1], values)
	case "deals":
		next, err := strconv.ParseInt(words[len(words)-1], 10, 64)
		p.last = crm.DealID(next - 1)
		return err
	case "contact":
		p.contact.Name = first(values["name"], p.contact.Name)
		p.contact.Phone = values["phone"]
	case "person":
		return p.scenePerson(values)
	case "now":
		at, err := time.ParseInLocation("2006-01-02T15:04", words[len(words)-1], p.kit.zone())
		p.now = at
		return err
	case "channel":
		p.channel = Capabilities{Buttons: words[len(words)-1] != "numbered", Contact: words[len(words)-1] != "numbered"}
	default:
		return fmt.Errorf("the scene knows asset, deals, contact, person, now and channel")
	}
	return nil
}

func (p *player) sceneAsset(code string, values map[string]string) error {
	asset := &Asset{ID: crm.AssetID(len(p.assets) + 1), Code: code, Fields: crm.Fields{}}
	if n, err := strconv.ParseInt(code, 10, 64); err == nil {
		asset.ID = crm.AssetID(n)
	}
	for name, value := range values {
		switch name {
		case "kind":
			asset.Kind = value
		case "name":
			asset.Name = value
		case "city":
			asset.City = value
		case "address":
			asset.Address = value
		case "link":
			p.links[value] = code
		case "open":
			n, err := strconv.Atoi(value)
			if err != nil {
				return err
			}
			asset.Open, asset.Since = n, p.now.Add(-2*time.Hour)
		default:
			asset.Fields[name] = value
		}
	}
	p.assets[code] = asset
	if p.links[code] == "" {
		p.links[code] = code
	}
	return nil
}

// facts are what the turn would look up.
func (p *player) facts(in crm.Inbound) Facts {
	var facts Facts
	for _, need := range p.kit.Needs(p.session, in, p.lang) {
		if need.Kind == NeedPerson {
			facts.Person = &Person{Standing: p.people[need.Text], Phone: need.Text, Own: need.Own}
			continue
		}
		if need.Kind == NeedSource {
			continue // a talk knows the codes of its kit only
		}
		code := need.Text
		if need.Kind == NeedAssetByLink {
			code = p.links[need.Text]
		}
		if found := p.assets[code]; found != nil && (need.Asset == "" || found.Kind == need.Asset) {
			asset := *found
			facts.Asset = &asset
		}
	}
	about := p.session.Deal
	if in.Signal != nil {
		about = in.Signal.Deal
	}
	if deal := p.deals[about]; deal != nil {
		facts.Same = deal
	}
	return facts
}

// same are the open deals that bear the unique keys of those about to be opened.
func (p *player) same(effects []crm.Effect) (taken []*crm.Deal) {
	for _, e := range effects {
		opened, ok := e.(crm.DealOpened)
		if !ok || opened.Deal.UniqueKey == "" {
			continue
		}
		for _, deal := range p.deals {
			if deal.UniqueKey == opened.Deal.UniqueKey && deal.Status == crm.DealOpen {
				taken = append(taken, deal)
			}
		}
	}
	return taken
}

// apply makes an effect true in this small world.
func (p *player) apply(e crm.Effect) {
	switch e := e.(type) {
	case crm.DealOpened:
		deal := e.Deal
		p.deals[deal.ID] = &deal
		for _, asset := range p.assets {
			if asset.ID == deal.Asset && deal.Asset != 0 {
				asset.Own, asset.OwnAt = deal.ID, p.now
			}
		}
	case crm.DealMoved:
		if deal := p.deals[e.Deal]; deal != nil {
			deal.Stage, deal.Status = e.Stage, e.Status
		}
	case crm.DealChanged:
		if deal := p.deals[e.Deal]; deal != nil {
			for name, value := range e.Fields {
				deal.Fields[name] = value
			}
		}
	case crm.Booked:
		p.applyVisit(e.Booking, false)
	case crm.BookingMoved:
		p.applyVisit(e.Booking, false)
	case crm.BookingCancelled:
		p.applyVisit(e.Booking, true)
	case crm.ContactChanged:
		p.contact.Name = first(e.Name, p.contact.Name)
		p.contact.Phone = first(e.Phone, p.contact.Phone)
		p.contact.Lang = first(e.Lang, p.contact.Lang)
		p.remember(e.Fields)
	}
}

// inputs are what a line of the play sends: mostly one message, of an album several.
func (p *player) inputs(line string) ([]crm.Inbound, error) {
	switch {
	case strings.HasPrefix(line, "["):
		return p.press(line)
	case strings.HasPrefix(line, "/"):
		return []crm.Inbound{command(line)}, nil
	case !strings.HasPrefix(line, "("):
		return []crm.Inbound{{Kind: crm.InText, Text: line}}, nil
	}
	head, caption, _ := strings.Cut(line[1:], ")")
	caption = strings.TrimSpace(caption)
	name, rest, _ := strings.Cut(head, " ")
	switch name {
	case "photo":
		media, err := p.photo(rest)
		return []crm.Inbound{{Kind: crm.InMedia, Text: caption, Media: []crm.Media{media}}}, err
	case "album":
		return p.album(rest, caption)
	case "file":
		p.files++
		file := crm.Media{Kind: crm.Document, Ref: fmt.Sprintf("file%d", p.files), Unique: fmt.Sprintf("u%d", p.files), Name: rest, Size: 200_000}
		return []crm.Inbound{{Kind: crm.InMedia, Text: caption, Media: []crm.Media{file}}}, nil
	case "voice":
		return []crm.Inbound{{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Voice, Ref: "voice", Unique: "voice", Duration: 4}}}}, nil
	case "sticker":
		return []crm.Inbound{{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Sticker, Ref: "sticker", Unique: "sticker"}}}}, nil
	case "contact":
		phone, other := strings.CutPrefix(rest, "other ")
		return []crm.Inbound{{Kind: crm.InContact, Card: &crm.Card{Phone: phone, Own: !other}}}, nil
	case "location":
		var at crm.Location
		_, err := fmt.Sscan(rest, &at.Latitude, &at.Longitude)
		return []crm.Inbound{{Kind: crm.InLocation, Location: &at}}, err
	case "edit":
		return []crm.Inbound{{Kind: crm.InEdit, Text: caption, Edits: "1"}}, nil
	case "signal":
		return p.signal(rest)
	}
	return nil, fmt.Errorf("nobody can do (%s)", name)
}

// device reads "(wait 24h)" as its argument.
func device(line, name string) (string, bool) {
	rest, ok := strings.CutPrefix(line, "("+name+" ")
	return strings.TrimSuffix(rest, ")"), ok && strings.HasSuffix(line, ")")
}

func command(line string) crm.Inbound {
	name, args, _ := strings.Cut(line[1:], " ")
	in := crm.Inbound{Kind: crm.InText, Text: line, Command: strings.ToLower(name), Args: args}
	if in.Command == "start" {
		in.Start = args
	}
	return in
}

// press finds a button by its text: the newest one, with "(old)" the oldest, with "(again)" whatever was pressed last.
func (p *player) press(line string) ([]crm.Inbound, error) {
	label, which, _ := strings.Cut(line[1:], "]")
	which = strings.TrimSpace(which)
	data := ""
	for _, button := range p.shown {
		if button.Text == label && (data == "" || which != "(old)") {
			data = button.Data
		}
	}
	if which == "(again)" {
		data = p.pressed
	}
	for _, row := range p.keys {
		for _, key := range row {
			if key.Text == label && data == "" {
				return []crm.Inbound{{Kind: crm.InText, Text: label}}, nil
			}
		}
	}
	if data == "" {
		return nil, fmt.Errorf("no button %q was ever shown", label)
	}
	p.pressed = data
	return []crm.Inbound{{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: "1"}}}, nil
}

func (p *player) photo(size string) (crm.Media, error) {
	p.files++
	media := crm.Media{Kind: crm.Photo, Ref: fmt.Sprintf("photo%d", p.files), Unique: fmt.Sprintf("u%d", p.files), Width: 1280, Height: 960, Size: 200_000}
	if size == "" {
		return media, nil
	}
	_, err := fmt.Sscanf(size, "%dx%d", &media.Width, &media.Height)
	return media, err
}

func (p *player) album(count, caption string) ([]crm.Inbound, error) {
	n, err := strconv.Atoi(count)
	if err != nil || n < 2 || n > 10 {
		return nil, fmt.Errorf("an album has 2 to 10 photos")
	}
	name := fmt.Sprintf("album%d", p.files)
	inputs := make([]crm.Inbound, n)
	for i := range inputs {
		media, _ := p.photo("")
		inputs[i] = crm.Inbound{Kind: crm.InMedia, Album: name, Media: []crm.Media{media}}
	}
	inputs[0].Text = caption
	return inputs, nil
}

func (p *player) signal(line string) ([]crm.Inbound, error) {
	words := quotedWords(line)
	if len(words) == 0 {
		return nil, fmt.Errorf("which dialog?")
	}
	signal := crm.Signal{ID: "play", Dialog: words[0], Slots: crm.Fields{}}
	for name, value := range assignments(words[1:]) {
		asset := p.assets[slot.AssetCode(value)]
		switch {
		case name == "deal":
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, err
			}
			signal.Deal = crm.DealID(id)
		case asset != nil:
			signal.Slots[name] = assetVariable(asset, p.now)
		default:
			signal.Slots[name] = value
		}
	}
	return []crm.Inbound{{Kind: crm.InSignal, Signal: &signal}}, nil
}

// quotedWords splits a line at spaces that are not between quotes, and drops the quotes.
func quotedWords(line string) []string {
	inside := false
	fields := strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			inside = !inside
		}
		return r == ' ' && !inside
	})
	for i := range fields {
		fields[i] = strings.ReplaceAll(fields[i], `"`, "")
	}
	return fields
}

// assignments reads name=value.
func assignments(words []string) map[string]string {
	values := map[string]string{}
	for _, word := range words {
		if name, value, ok := strings.Cut(word, "="); ok {
			values[name] = value
		}
	}
	return values
}

package play

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
)

// act sends what a person does in a place, their own chat or a group, and writes what follows.
func (p *player) act(ctx context.Context, who, place *person, line string) error {
	ins, err := p.inputs(ctx, place, line)
	if err != nil {
		return err
	}
	for _, in := range ins {
		receipt, err := p.runner.Accept(ctx, p.from(who, place, in))
		if err != nil {
			return err
		}
		p.runner.Wait()
		if receipt.Toast != "" {
			p.write(who.handle+" *", receipt.Toast)
		}
	}
	return p.follow(ctx, place, "")
}

// from signs an input with who, where and when. It was written just now, whatever the clock of the play says: nothing is a late message.
func (p *player) from(who, place *person, in crm.Inbound) crm.Inbound {
	p.keys++
	in.Address, in.From, in.SentAt = crm.Address{Channel: channel, Chat: place.ID}, who.Person, time.Now()
	if place.group {
		in.Group, in.Title = true, place.Name
	}
	switch {
	case in.Press != nil:
		in.Key = "p:" + strconv.Itoa(p.keys)
	case in.Edits != "":
		in.Key = "e:" + in.Edits + ":" + strconv.Itoa(p.keys)
	default:
		in.Key = "m:" + strconv.Itoa(p.keys)
		place.written = strconv.Itoa(p.keys)
	}
	return in
}

// inputs are what a line sends: mostly one message, of an album several.
func (p *player) inputs(ctx context.Context, who *person, line string) ([]crm.Inbound, error) {
	switch {
	case strings.HasPrefix(line, "["):
		return who.press(line)
	case strings.HasPrefix(line, "/"):
		in, err := p.scan(ctx, command(line))
		return []crm.Inbound{in}, err
	case !strings.HasPrefix(line, "("):
		return []crm.Inbound{{Kind: crm.InText, Text: line}}, nil
	}
	head, text, closed := strings.Cut(line[1:], ")")
	if !closed {
		return nil, fmt.Errorf("the bracket is not closed")
	}
	what, rest, _ := strings.Cut(head, " ")
	text = strings.TrimSpace(text)
	if what == "album" {
		return p.album(rest, text)
	}
	if what == "of" {
		return p.stolen(rest, text)
	}
	in, err := p.device(who, what, rest)
	if what == "reply" && strings.HasPrefix(text, "(") && err == nil { // with something else than words
		ins, err := p.inputs(ctx, who, text)
		for i := range ins {
			ins[i].ReplyTo = in.ReplyTo
		}
		return ins, err
	}
	in.Text = text
	return []crm.Inbound{in}, err
}

// device is one thing that a phone can send besides text.
func (p *player) device(who *person, what, rest string) (crm.Inbound, error) {
	switch what {
	case "photo":
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{p.file(crm.Photo, "")}}, nil
	case "file":
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{p.file(crm.Document, rest)}}, nil
	case "voice":
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{p.file(crm.Voice, "")}}, nil
	case "sticker":
		return crm.Inbound{Kind: crm.InOther, Note: "sticker"}, nil
	case "contact":
		phone, other := strings.CutPrefix(rest, "other ")
		return crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: phone, Own: !other}}, nil
	case "location":
		var at crm.Location
		_, err := fmt.Sscan(rest, &at.Latitude, &at.Longitude)
		return crm.Inbound{Kind: crm.InLocation, Location: &at}, err
	case "edit":
		return crm.Inbound{Kind: crm.InEdit, Edits: who.written}, nil
	case "reply":
		part := strings.Trim(typed(rest), `"`)
		for i := len(who.notes) - 1; i >= 0; i-- {
			if strings.Contains(typed(who.notes[i].text), part) {
				return crm.Inbound{Kind: crm.InText, ReplyTo: who.notes[i].ref}, nil
			}
		}
		return crm.Inbound{}, fmt.Errorf("%s has no message with %q", who.handle, part)
	case "blocks":
		return crm.Inbound{Kind: crm.InBlocked}, nil
	case "returns":
		return crm.Inbound{Kind: crm.InReturned}, nil
	}
	return crm.Inbound{}, fmt.Errorf("nobody can do (%s)", what)
}

func (p *player) file(kind crm.MediaKind, name string) crm.Media {
	p.keys++
	n := strconv.Itoa(p.keys)
	return crm.Media{Kind: kind, Ref: "file" + n, Unique: "u" + n, Name: name, Width: 1280, Height: 960, Size: 200_000}
}

func (p *player) album(count, caption string) ([]crm.Inbound, error) {
	n, err := strconv.Atoi(count)
	if err != nil || n < 2 || n > 10 {
		return nil, fmt.Errorf("an album has 2 to 10 photos")
	}
	ins := make([]crm.Inbound, n)
	name := "album" + strconv.Itoa(p.keys)
	for i := range ins {
		ins[i] = crm.Inbound{Kind: crm.InMedia, Album: name, Media: []crm.Media{p.file(crm.Photo, "")}}
	}
	ins[0].Text = caption
	return ins, nil
}

func command(line string) crm.Inbound {
	name, args, _ := strings.Cut(line[1:], " ")
	in := crm.Inbound{Kind: crm.InText, Text: line, Command: strings.ToLower(name), Args: args}
	if in.Command == "start" {
		in.Start = args
	}
	return in
}

// scan signs the code of an asset of the play; any other payload stays what it is.
func (p *player) scan(ctx context.Context, in crm.Inbound) (crm.Inbound, error) {
	prefix, code, _ := strings.Cut(in.Start, "_")
	kind := p.kinds[code]
	if kind == "" {
		return in, nil
	}
	asset, err := p.db.AssetByCode(ctx, kind, code)
	if err != nil {
		return in, err
	}
	return command("/start " + prefix + "_" + p.signer.Sign(asset.ID, asset.QRVersion)), nil
}

package slot

import (
	"slices"
	"testing"

	"govorun/crm"
)

func TestD03PhotosSentAsFilesAreTaken(t *testing.T) {
	for _, m := range []crm.Media{
		{Kind: crm.Photo, Width: 1280, Height: 960}, {Kind: crm.Photo}, {Kind: crm.Document, MIME: "image/jpeg"}, {Kind: crm.Document, MIME: "image/heic"}, {Kind: crm.Document, Name: "IMG_1.HEIC"},
		{Kind: crm.Document, MIME: "application/pdf"}, {Kind: crm.Document, Name: "a.PDF", MIME: "application/octet-stream"},
	} {
		v, w := Parse(Spec{Type: "photo"}, Given{Media: []crm.Media{m}})
		if w != nil || len(v.Media) != 1 {
			t.Errorf("%+v became %v, %v", m, v, w)
		}
	}
}

func TestD04WhatIsNoPhotoIsAnsweredWithWhatIsNeeded(t *testing.T) {
	for want, media := range map[string][]crm.Media{
		"slot.photo_wanted": {{Kind: crm.Sticker}, {Kind: crm.Voice}, {Kind: crm.VideoNote}, {Kind: crm.Video}, {Kind: crm.Animation}},
		"slot.photo_file": {{Kind: crm.Document, MIME: "text/html"}, {Kind: crm.Document, MIME: "image/svg+xml"}, {Kind: crm.Document, Name: "a.exe"}, {Kind: crm.Document},
			{Kind: crm.Document, Name: "a.jpg", MIME: "application/x-msdownload"}},
		"slot.photo_small":    {{Kind: crm.Photo, Width: 320, Height: 240}, {Kind: crm.Photo, Width: 2000, Height: 599}},
		"slot.file_too_large": {{Kind: crm.Document, MIME: "image/jpeg", Size: 34<<20 - 100}},
	} {
		for _, m := range media {
			if v, w := Parse(Spec{Type: "photo"}, Given{Media: []crm.Media{m}}); w == nil || w.Key != want || len(v.Media) > 0 {
				t.Errorf("%+v became %v, %v; want %s", m, v, w, want)
			}
		}
	}
	_, w := Parse(Spec{Type: "photo"}, Given{Media: []crm.Media{{Kind: crm.Photo, Width: 320, Height: 240}}})
	if w.Args["width"] != 320 || w.Args["height"] != 240 {
		t.Errorf("size: %v", w.Args)
	}
	_, w = Parse(Spec{Type: "file"}, Given{Media: []crm.Media{{Kind: crm.Document, Size: 34<<20 - 100}}})
	if w == nil || w.Args["mb"] != 34 || w.Args["limit"] != 20 {
		t.Errorf("X14: %v", w)
	}
	if _, w := Parse(Spec{Type: "photo"}, Given{Text: "hi"}); w == nil || w.Key != "slot.photo_wanted" {
		t.Errorf("text: %v", w)
	}
}

func photo(unique string) crm.Media { return crm.Media{Kind: crm.Photo, Unique: unique, Ref: unique} }

func TestPhotosAddUpToTheirMaximum(t *testing.T) {
	spec := Spec{Type: "photos", Min: 2, Max: 3}
	v, w := Parse(spec, Given{Media: []crm.Media{photo("a")}})
	if w == nil || !w.Keep || w.Key != "slot.photos_more" || w.Args["n"] != 1 || len(v.Media) != 1 {
		t.Fatalf("one of two: %v, %v", v, w)
	}
	spec.Have = v
	v, w = Parse(spec, Given{Media: []crm.Media{photo("b"), photo("c"), photo("d")}})
	if w != nil || len(v.Media) != 3 || v.Media[2].Unique != "c" {
		t.Fatalf("three more: %v, %v", v, w)
	}
	if len(spec.Have.Media) != 1 {
		t.Error("what the slot held was changed")
	}
	spec.Have = v
	if v, w = Parse(spec, Given{Media: []crm.Media{photo("e")}}); w == nil || w.Key != "slot.photos_full" || w.Keep {
		t.Errorf("a fourth: %v, %v", v, w)
	}
	v, w = Parse(Spec{Type: "photos"}, Given{Media: []crm.Media{photo("a"), {Kind: crm.Photo, Width: 10, Height: 10}}})
	if w == nil || !w.Keep || w.Key != "slot.photo_small" || len(v.Media) != 1 {
		t.Errorf("a good and a bad one: %v, %v", v, w)
	}
}

func TestD24SameForwardedAndScreenPicturesAreFlagged(t *testing.T) {
	spec := Spec{Type: "photos", Have: Value{Media: []crm.Media{photo("a")}}}
	forwarded := photo("b")
	forwarded.Forwarded = true
	screen := crm.Media{Kind: crm.Document, MIME: "image/png", Name: "Screenshot_1.png"}
	v, w := Parse(spec, Given{Media: []crm.Media{photo("a"), forwarded, screen}})
	if w != nil || !slices.Equal(v.Flags, []string{SameImage, Forwarded, Screenshot}) {
		t.Errorf("%v, %v", v, w)
	}
	if v, _ := Parse(spec, Given{Media: []crm.Media{photo("b"), {Kind: crm.Photo}, {Kind: crm.Photo}}}); len(v.Flags) > 0 {
		t.Errorf("flags of good photos: %v", v.Flags)
	}
	for flag := range slices.Values([]string{Forwarded, SameImage, Invisible, CardMasked, Screenshot, Normalised}) {
		if !vocabularyOf().texts.Has("ru", "staff.flag_"+flag) {
			t.Errorf("no text says %s", flag)
		}
	}
}

func TestPlacesAndAssets(t *testing.T) {
	v, w := Parse(Spec{Type: "location"}, Given{Location: &crm.Location{Latitude: 43.238, Longitude: 76.945}})
	if w != nil || Show(Spec{Type: "location"}, v) != "43.23800, 76.94500" {
		t.Errorf("%v, %v", v, w)
	}
	for _, l := range []*crm.Location{nil, {Latitude: 91}, {Longitude: -181}} {
		if _, w := Parse(Spec{Type: "location"}, Given{Location: l}); w == nil || w.Key != "slot.location_wanted" {
			t.Errorf("%v: %v", l, w)
		}
	}
	machine := &Asset{ID: 7, Code: "214", Name: "Кофе", City: "Алматы", Address: "БЦ «Москва»", Own: 5512, Open: 2, Since: moment, Fields: crm.Fields{"floor": "3"}}
	spec := Spec{Type: "asset", Lang: "ru", Now: moment}
	v, w = Parse(spec, Given{Text: "214", Asset: machine})
	if w != nil || v.Asset.ID != 7 || v.Asset == machine {
		t.Fatalf("%v, %v", v, w)
	}
	shown := Show(spec, v).(map[string]any)
	for key, want := range map[string]any{"code": "214", "text": "№ 214, Кофе", "own": int64(5512), "open": 2, "address": "БЦ «Москва»", "since": "сегодня, 15 мая, 12:00", "own_at": ""} {
		if shown[key] != want {
			t.Errorf("%s is %v, want %v", key, shown[key], want)
		}
	}
	if _, w := Parse(spec, Given{Text: "999"}); w == nil || w.Key != "grammar.unknown_code" {
		t.Errorf("D13: an unknown code gets %v", w)
	}
	if _, w := Parse(spec, Given{Media: []crm.Media{{Kind: crm.Photo}}}); w == nil || w.Key != "slot.asset_wanted" {
		t.Errorf("a photo of a sticker gets %v", w)
	}
}

func TestCodesAreFoundInWhatPeopleType(t *testing.T) {
	for text, want := range map[string]string{
		"№214": "214", "214": "214", "автомат 214": "214", "M-214": "214", "м-214": "214", "M214": "214", "No. 214": "214", "автомат №214 не работает": "214", "２１４": "214", "0214": "0214",
		"kz-17а": "KZ-17A", "А17": "A17", "214, 3 этаж": "214", "": "", "не знаю": "", "ABC": "ABC", "../../x'--": "X", "1'; DROP": "1", "👀": "", "123456789012345678901234567890123": "",
	} {
		if got := AssetCode(text); got != want {
			t.Errorf("AssetCode(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestD24ChecksFlagRefuseOrIgnore(t *testing.T) {
	forwarded, screen := photo("f"), crm.Media{Kind: crm.Document, MIME: "image/png", Unique: "s"}
	forwarded.Forwarded = true
	cases := []struct {
		media  crm.Media
		checks func(*Checks) *Check
		flag   string
		key    string
	}{
		{forwarded, func(c *Checks) *Check { return &c.Forwarded }, Forwarded, "slot.photo_forwarded"},
		{screen, func(c *Checks) *Check { return &c.Screenshot }, Screenshot, "slot.photo_screenshot"},
		{photo("mine"), func(c *Checks) *Check { return &c.Same }, SameImage, "slot.photo_same"},
		{photo("here"), func(c *Checks) *Check { return &c.Same }, SameImage, "slot.photo_same"},
		{photo("theirs"), func(c *Checks) *Check { return &c.Reused }, Reused, "slot.photo_reused"},
	}
	for _, kind := range []string{"photo", "photos", "file"} {
		for _, c := range cases {
			for check, flags := range map[Check]int{"": 1, Flag: 1, Ignore: 0, Refuse: 0} {
				spec := Spec{Type: kind, Others: []string{"mine"}}
				*c.checks(&spec.Checks) = check
				given := Given{Media: []crm.Media{c.media}, Seen: map[string]Seen{"here": {Here: true}, "theirs": {Another: true}}}
				v, w := Parse(spec, given)
				switch {
				case check == Refuse && (w == nil || w.Key != c.key || len(v.Media) > 0):
					t.Errorf("%s, %s refused: %+v, %v", kind, c.flag, v, w)
				case check != Refuse && (w != nil || len(v.Media) != 1 || len(v.Flags) != flags || flags == 1 && v.Flags[0] != c.flag):
					t.Errorf("%s, %s with %q: %+v, %v", kind, c.flag, check, v, w)
				}
			}
		}
	}
	for lang := range slices.Values([]string{"ru", "en", "kk"}) {
		if !vocabularyOf().texts.Has(lang, "staff.flag_"+Reused) {
			t.Errorf("no text of %s says %s", lang, Reused)
		}
	}
}

func TestOfAnAlbumOnlyTheRefusedPhotoIsAskedAgain(t *testing.T) {
	forwarded := photo("b")
	forwarded.Forwarded = true
	spec := Spec{Type: "photos", Min: 2, Max: 2, Checks: Checks{Forwarded: Refuse}}
	v, w := Parse(spec, Given{Media: []crm.Media{photo("a"), forwarded}})
	if w == nil || !w.Keep || w.Key != "slot.photo_forwarded" || len(v.Media) != 1 || len(v.Flags) > 0 {
		t.Errorf("%+v, %+v", v, w)
	}
}

func TestTheLeastSideIsThatOfTheSlot(t *testing.T) {
	m := crm.Media{Kind: crm.Photo, Width: 1000, Height: 700}
	for side, taken := range map[int]bool{0: true, 600: true, 800: false, 701: false, 700: true} {
		if _, w := Parse(Spec{Type: "photo", Side: side}, Given{Media: []crm.Media{m}}); (w == nil) != taken {
			t.Errorf("side %d: %v", side, w)
		}
	}
}

package dialogs

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/dialogs/slot"
)

const reviewed = "turn/play/testdata/review"

// sent is a play in which Anna's request 5512 is with the reviewers, who then want photos again.
func sent(t *testing.T) *player {
	t.Helper()
	p := stage(t, reviewed)
	p.lang = "ru"
	mustSay(t, p.play(t, "/register", "Анна Ким", "(album 2)", "(photo)"), "= deal opened", "= attached", "№ 5512 отправлена")
	return p
}

// wants asks for a photo of the deal again, and gives what the driver hears.
func (p *player) wants(t *testing.T, item, reason string) string {
	t.Helper()
	a := p.kit.Cards["driver"].Actions[2]
	var dialog, key string
	for _, i := range a.Retake.Items {
		if i.Key == item {
			dialog, key = p.kit.RetakeOf("driver", a.ID, i), i.Key
		}
	}
	return p.hear(t, crm.Inbound{Kind: crm.InSignal, Signal: &crm.Signal{ID: "s", Dialog: dialog, Deal: p.last,
		Slots: crm.Fields{"item": p.kit.Told(key), "reason": p.kit.Told(reason), "by": 3.0}}})
}

func (p *player) hear(t *testing.T, in crm.Inbound) string {
	t.Helper()
	facts := Facts{Wanted: p.deals[p.session.Wanted()]}
	if id := p.session.Deal; id != 0 || in.Signal != nil {
		facts.Same = p.deals[p.last]
	}
	result := p.kit.Step(p.session, Input{Inbound: in, Facts: facts}, p.env())
	p.session = result.Session
	var b strings.Builder
	for _, s := range result.Say {
		text, err := p.kit.Texts.Text(p.lang, s.Key, Escape(s.Args))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text + "\n")
	}
	for _, e := range result.Effects {
		b.WriteString(printed(e) + "\n")
	}
	return b.String()
}

// printed is an effect as far as these tests care.
func printed(e crm.Effect) string {
	switch e := e.(type) {
	case crm.DealMoved:
		return "moved " + e.From + " → " + e.Stage
	case crm.Attached:
		return "attached " + e.Name + " at " + string(rune('0'+e.Place))
	case crm.Notified:
		return "told " + string(e.To) + " " + e.Key
	}
	return ""
}

func photoOf(unique string) crm.Inbound {
	return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: unique, Unique: unique, Width: 1280, Height: 960}}}
}

func TestARetakeLandsOnExactlyOnePhotoAndLeadsBack(t *testing.T) {
	p := sent(t)
	p.play(t, "/complain", "Не пришёл бонус")
	p.deals[p.last].Stage = "fixing"
	mustSay(t, p.wants(t, "photo.back", "retake.glare"), "Права: оборот", "блик, дату не прочитать", "№ 5512")
	got := p.hear(t, photoOf("new"))
	mustSay(t, got, "attached licence at 2", "moved fixing → review", "told employee retake.came", "Когда это было?")
	if p.session.Dialog != "complain" || p.session.State != "when" || p.session.Slots["what"].Text != "Не пришёл бонус" {
		t.Errorf("they are at %s.%s with %v", p.session.Dialog, p.session.State, p.session.Slots)
	}
}

func TestASecondRetakeWaitsBehindTheFirst(t *testing.T) {
	p := sent(t)
	p.deals[p.last].Stage = "fixing"
	p.wants(t, "photo.front", "retake.cropped")
	if got := p.wants(t, "photo.selfie", "retake.wrong"); strings.TrimSpace(got) != "" {
		t.Errorf("the second one is asked at once: %s", got)
	}
	first := p.hear(t, photoOf("a"))
	mustSay(t, first, "attached licence at 1", "Селфи", "это другой документ")
	mustNotSay(t, first, "moved")
	second := p.hear(t, photoOf("b"))
	mustSay(t, second, "attached selfie at 1", "moved fixing → review")
	if p.session.Dialog != "" {
		t.Errorf("they are still at %s", p.session.Dialog)
	}
}

func TestTheSameRetakeAgainIsOneWithTheNewReason(t *testing.T) {
	p := sent(t)
	p.wants(t, "photo.back", "retake.glare")
	mustSay(t, p.wants(t, "photo.back", "retake.cropped"), "края обрезаны")
	p.hear(t, photoOf("a"))
	if p.session.Dialog != "" {
		t.Errorf("it is wanted twice: %s", p.session.Dialog)
	}
}

func TestNothingLosesARetake(t *testing.T) {
	for _, line := range []string{"/start", "/complain", "отмена", "назад", "/restart", "стоп", "/help", "/lang", "/register"} {
		p := sent(t)
		p.play(t, "/complain", "Не пришёл бонус")
		p.wants(t, "photo.back", "retake.glare")
		if _, err := p.do(line); err != nil {
			t.Fatal(err)
		}
		if p.session.Pending != "" {
			p.do("да")
		}
		got := p.hear(t, photoOf("new"))
		if !strings.Contains(got, "attached licence at 2") {
			t.Errorf("after %s the photo is no answer: %s; they are at %s.%s", line, got, p.session.Dialog, p.session.State)
		}
	}
}

func TestWordsMeanTheQuestionBelowAndThePhotoIsAskedAfterwards(t *testing.T) {
	p := sent(t)
	p.play(t, "/complain", "Не пришёл бонус")
	p.wants(t, "photo.back", "retake.glare")
	mustSay(t, p.play(t, "Вчера"), "Записали.", "Права: оборот")
	mustSay(t, p.hear(t, photoOf("new")), "attached licence at 2")
}

func TestAPhotoForADealThatIsClosedByNowIsExplained(t *testing.T) {
	p := sent(t)
	p.play(t, "/complain", "Не пришёл бонус")
	p.wants(t, "photo.back", "retake.glare")
	p.wants(t, "photo.selfie", "retake.glare")
	p.deals[p.last].Status, p.deals[p.last].Stage = crm.DealLost, "refused"
	got := p.hear(t, photoOf("new"))
	mustSay(t, got, "№ 5512 уже решили", "Когда это было?")
	mustNotSay(t, got, "attached")
	if got := p.wants(t, "photo.back", "retake.glare"); strings.TrimSpace(got) != "" {
		t.Errorf("a closed deal asks for a photo: %s", got)
	}
}

func TestR03NobodyIsRemindedOfAPhotoForADealThatIsClosed(t *testing.T) {
	p := sent(t)
	p.wants(t, "photo.back", "retake.glare")
	p.deals[p.last].Status = crm.DealWon
	p.now = p.now.AddDate(0, 0, 2)
	if got := p.hear(t, crm.Inbound{Kind: crm.InTimeout}); strings.TrimSpace(got) != "" || p.session.Dialog != "" {
		t.Errorf("they hear %q and are at %q", got, p.session.Dialog)
	}
}

func TestD01AnAlbumForOnePhotoIsOneAnswerAndItsRestIsKept(t *testing.T) {
	p := sent(t)
	p.wants(t, "photo.back", "retake.glare")
	p.wants(t, "photo.selfie", "retake.glare")
	one, two := photoOf("a"), photoOf("b")
	one.Album, two.Album = "x", "x"
	mustSay(t, p.hear(t, one), "attached licence at 2")
	got := p.hear(t, two)
	mustSay(t, got, "attached files at 0")
	if !strings.Contains(p.session.Dialog, "selfie") {
		t.Errorf("the rest of the album is taken for the selfie: %s", p.session.Dialog)
	}
	mustSay(t, p.hear(t, photoOf("c")), "attached selfie at 1")
}

func TestD24AnOldPhotoIsNoRetake(t *testing.T) {
	p := sent(t)
	p.wants(t, "photo.back", "retake.glare")
	in := Input{Inbound: photoOf("old"), Facts: Facts{Same: p.deals[p.last], Seen: map[string]slot.Seen{"old": {Here: true}}}}
	result := p.kit.Step(p.session, in, p.env())
	if len(result.Say) == 0 || result.Say[0].Key != "slot.photo_same" || len(result.Effects) > 0 {
		t.Errorf("%+v", result)
	}
}

func TestD08D24FlagsStandOnTheCardInWords(t *testing.T) {
	p := stage(t, reviewed)
	p.lang = "ru"
	p.play(t, "/register", "Анна\u200b Ким")
	forwarded := photoOf("a")
	forwarded.Media[0].Forwarded = true
	p.hear(t, forwarded)
	in := Input{Inbound: photoOf("b"), Facts: Facts{Seen: map[string]slot.Seen{"b": {Another: true}}}}
	p.session = p.kit.Step(p.session, in, p.env()).Session
	var deal crm.Deal
	for _, e := range p.kit.Step(p.session, Input{Inbound: photoOf("a")}, p.env()).Effects {
		switch e := e.(type) {
		case crm.DealOpened:
			deal = e.Deal
		case crm.DealChanged:
			for name, value := range e.Fields {
				deal.Fields[name] = value
			}
		}
	}
	args := p.kit.Args("card.driver", Scope{Deal: deal, Now: p.now, Lang: "ru"})
	mustSay(t, args["flags"].(string), "имя: в тексте были невидимые знаки", "права: переслано из другого чата, такой же снимок прислал другой человек", "селфи: тот же снимок")
}

func TestD05AtTheSummaryAnEditedAnswerIsOffered(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "(album 2)", "(photo)", "123 abc 02", "[✅ Да]", "(photo)", "[📱 По номеру телефона]")
	if p.session.State != "check" {
		t.Fatalf("the summary is not there but %s", p.session.State)
	}
	edit := Input{Inbound: crm.Inbound{Kind: crm.InEdit, Text: "8 707 000-00-00", Edits: "1"}, Facts: Facts{Was: "+7 707 123-45-67"}}
	result := p.kit.Step(p.session, edit, p.env())
	if len(result.Say) != 1 || result.Say[0].Key != "review.edit_offer" || result.Session.Slots["phone"].Text != "+77071234567" {
		t.Fatalf("%+v", result)
	}
	p.session = result.Session
	p.play(t, "да")
	if p.session.Slots["phone"].Text != "+77070000000" || p.session.State != "check" || p.session.Pending != "" {
		t.Errorf("%+v", p.session)
	}
}

// TestAHundredWalksLoseNoRetake asks for photos in the middle of whatever people do, and looks that each was wanted until it came, and once.
func TestAHundredWalksLoseNoRetake(t *testing.T) {
	items := []string{"photo.front", "photo.back", "photo.selfie"}
	moves := []string{"/complain", "Не пришёл бонус", "Вчера", "/start", "отмена", "назад", "/restart", "стоп", "да", "нет", "язык", "(sticker)", "(voice)", "/register", "пропустить", "(wait 30h)"}
	for seed := range int64(100) {
		random := rand.New(rand.NewSource(seed))
		p, open := sent(t), map[string]bool{}
		var story []string
		for range 40 {
			switch random.Intn(6) {
			case 0:
				item := items[random.Intn(len(items))]
				p.wants(t, item, "retake.glare")
				open[item] = true
				story = append(story, "wanted "+item)
			case 1:
				story = append(story, "photo")
				came(t, p, open, story)
			default:
				line := moves[random.Intn(len(moves))]
				story = append(story, line)
				if _, err := p.do(line); err != nil {
					t.Fatalf("walk %d: %s: %v", seed, line, err)
				}
			}
			if n := len(p.wantedNow()); n != len(open) {
				t.Fatalf("walk %d: %d photos are wanted, %d should be: %s", seed, n, len(open), strings.Join(story, " | "))
			}
		}
		for range 20 { // a registration that was begun takes three itself
			came(t, p, open, story)
		}
		if len(open) > 0 {
			t.Fatalf("walk %d: %v never came: %s; they are at %s.%s", seed, open, strings.Join(story, " | "), p.session.Dialog, p.session.State)
		}
	}
}

// came sends a photo, and strikes out the item that it was for.
func came(t *testing.T, p *player, open map[string]bool, story []string) {
	t.Helper()
	p.files++
	before := p.wantedNow()
	p.hear(t, photoOf(fmt.Sprint("walk", p.files)))
	after := p.wantedNow()
	for dialog := range before {
		if after[dialog] {
			continue
		}
		for item := range open {
			for _, i := range p.kit.Cards["driver"].Actions[2].Retake.Items {
				if i.Key == item && p.kit.RetakeOf("driver", "retake", i) == dialog {
					delete(open, item)
				}
			}
		}
	}
	if len(before)-len(after) > 1 {
		t.Fatalf("one photo was taken for several: %s", strings.Join(story, " | "))
	}
}

// wantedNow are the dialogs that somebody waits for.
func (p *player) wantedNow() map[string]bool {
	wanted := map[string]bool{}
	if insists(p.session.Dialog) {
		wanted[p.session.Dialog] = true
	}
	for _, f := range p.session.Stack {
		if insists(f.Dialog) {
			wanted[f.Dialog] = true
		}
	}
	return wanted
}

func TestAPhotoForWhatWasPutAsideBringsTheDealBackToo(t *testing.T) {
	p := sent(t)
	p.deals[p.last].Stage = "fixing"
	p.wants(t, "photo.back", "retake.glare")
	p.wants(t, "photo.selfie", "retake.glare")
	p.play(t, "/complain")
	first := p.hear(t, photoOf("a"))
	mustSay(t, first, "attached licence at 2", "Селфи")
	mustNotSay(t, first, "moved")
	mustSay(t, p.hear(t, photoOf("b")), "attached selfie at 1", "moved fixing → review", "Что случилось?")
}

func TestAPhotoForWhatWasPutAsideOfADealThatIsClosedIsExplained(t *testing.T) {
	p := sent(t)
	p.wants(t, "photo.back", "retake.glare")
	p.play(t, "/complain")
	p.deals[p.last].Status = crm.DealLost
	got := p.hear(t, photoOf("a"))
	mustSay(t, got, "№ 5512 уже решили", "Что случилось?")
	mustNotSay(t, got, "attached")
	mustNotSay(t, p.play(t, "Ничего", "Вчера"), "Права: оборот")
}

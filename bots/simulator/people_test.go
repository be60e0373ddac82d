package simulator_test

import (
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func TestPeopleSendEverythingAndTheBotSeesIt(t *testing.T) {
	r := newRig(t)
	for _, a := range []simulator.Action{
		{Do: "text", Text: " hello /help "}, {Do: "photo", Caption: "look", Item: simulator.Item{Width: 320, Height: 240}},
		{Do: "document", Item: simulator.Item{FileName: "act.pdf", Size: 5000}}, {Do: "video"}, {Do: "animation"}, {Do: "audio"},
		{Do: "voice"}, {Do: "video_note"}, {Do: "sticker", Emoji: "👋"}, {Do: "contact", Phone: "+77011112233", FirstName: "Cid"},
		{Do: "location", Latitude: 43.2, Longitude: 76.9, LivePeriod: 600}, {Do: "venue", Latitude: 43.2, Longitude: 76.9, Title: "Depot"},
		{Do: "dice", Value: 6}, {Do: "poll", Text: "When?", Options: []string{"a", "b"}}, {Do: "forward", Text: "from afar", FirstName: "Old friend"},
	} {
		r.must(r.ann.Do(a))
	}
	u := r.updates()
	kinds := func(m *simulator.Message) string {
		set := map[string]bool{
			"text": m.Text != "", "photo": m.Photo != nil, "document": m.Document != nil && m.Animation == nil, "video": m.Video != nil,
			"animation": m.Animation != nil, "audio": m.Audio != nil, "voice": m.Voice != nil, "video_note": m.VideoNote != nil,
			"sticker": m.Sticker != nil, "contact": m.Contact != nil, "location": m.Location != nil && m.Venue == nil, "venue": m.Venue != nil,
			"dice": m.Dice != nil, "poll": m.Poll != nil,
		}
		for kind, on := range set {
			if on {
				return kind
			}
		}
		return "none"
	}
	var got []string
	for _, one := range u {
		got = append(got, kinds(one.Message))
		if one.Message.From.ID != r.ann.ID || one.Message.From.LanguageCode != "ru" || one.Message.Chat.Type != "private" {
			t.Errorf("got %+v", one.Message)
		}
	}
	want := "text photo document video animation audio voice video_note sticker contact location venue dice poll text"
	if strings.Join(got, " ") != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	if m := u[0].Message; m.Text != "hello /help" || m.Entities[0].Type != "bot_command" || m.Entities[0].Offset != 6 {
		t.Fatalf("got %+v", m)
	}
	if u[9].Message.Contact.UserID != 0 || u[14].Message.ForwardOrigin.Type != "hidden_user" {
		t.Fatal("the contact or the origin is wrong")
	}
}

func TestPhotosComeInSeveralSizes(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ w, h, sizes, last int }{{1280, 960, 4, 1280}, {4000, 3000, 4, 1280}, {320, 240, 2, 320}, {80, 60, 1, 80}} {
		d := r.must(r.ann.Photo(c.w, c.h, ""))
		photo := d.Messages[0].Photo
		if len(photo) != c.sizes || photo[len(photo)-1].Width != c.last {
			t.Errorf("%dx%d: got %+v", c.w, c.h, photo)
		}
	}
	a := r.must(r.ann.Photo(100, 100, "")).Messages[0].Photo
	b := r.must(r.ann.Photo(100, 100, "")).Messages[0].Photo
	x, _, _ := r.s.FileBytes(a[len(a)-1].FileID)
	y, _, _ := r.s.FileBytes(b[len(b)-1].FileID)
	if string(x) == string(y) {
		t.Fatal("two photos have the same bytes")
	}
}

func TestStartCarriesOnlyWhatADeepLinkCan(t *testing.T) {
	r := newRig(t)
	r.must(r.eve.Start("m_7Q2-x"))
	if u := r.updates(); u[0].Message.Text != "/start m_7Q2-x" || u[0].Message.Entities[0].Length != 6 {
		t.Fatalf("got %+v", u)
	}
	for _, payload := range []string{"../../x", strings.Repeat("x", 65), "при", "a b"} {
		if _, err := r.eve.Start(payload); err == nil {
			t.Errorf("%q went through a deep link", payload)
		}
	}
	stranger := r.s.MustUser(simulator.NewUser{FirstName: "Zoe"})
	if _, err := stranger.Text("hi"); err == nil {
		t.Fatal("somebody wrote before pressing Start")
	}
}

func TestEditsAndLiveLocationsReachTheBot(t *testing.T) {
	r := newRig(t)
	text := r.must(r.ann.Text("12"))
	place := r.must(r.ann.Do(simulator.Action{Do: "location", Latitude: 1, Longitude: 2, LivePeriod: 60}))
	r.must(r.ann.Do(simulator.Action{Do: "edit", MessageID: text.MessageID, Text: "21"}))
	r.must(r.ann.Do(simulator.Action{Do: "move", MessageID: place.MessageID, Latitude: 3, Longitude: 4}))
	u := r.updates()
	if len(u) != 4 || u[2].Edited.Text != "21" || u[2].Edited.EditDate == 0 || u[3].Edited.Location.Latitude != 3 || u[0].Message.Text != "12" {
		t.Fatalf("got %+v", u)
	}
	if _, err := r.bob.Do(simulator.Action{Do: "edit", MessageID: text.MessageID, Text: "x"}); err == nil {
		t.Fatal("a message of another chat was edited")
	}
}

func TestGroupsFollowPrivacyModeAndMembership(t *testing.T) {
	r := newRig(t)
	group, err := r.s.AddGroup(simulator.NewGroup{Title: "Crew", Type: "group", Owner: r.ann.ID, Members: []int64{r.bob.ID}, BotStatus: "member"})
	if err != nil {
		t.Fatal(err)
	}
	ann, bob := r.ann.In(group), r.bob.In(group)
	r.must(ann.Text("not for you"))
	r.must(bob.Text("/my@govorun_bot"))
	m := r.send(params{"chat_id": group, "text": "your jobs"})
	r.must(ann.Do(simulator.Action{Do: "text", Text: "thanks", ReplyTo: m.ID}))
	r.must(ann.Do(simulator.Action{Do: "promote_bot"}))
	r.must(ann.Text("now for you"))
	if _, err := r.eve.In(group).Text("let me in"); err == nil {
		t.Fatal("a stranger wrote into the group")
	}
	r.must(r.eve.In(group).Do(simulator.Action{Do: "join"}))
	r.must(ann.Do(simulator.Action{Do: "anonymous", Text: "boss"}))
	r.must(bob.Do(simulator.Action{Do: "bot_message", Text: "beep"}))
	r.must(ann.Do(simulator.Action{Do: "kick_bot"}))
	var got []string
	for _, u := range r.updates() {
		switch {
		case u.Member != nil:
			got = append(got, u.Member.New.Status)
		case u.Message.Text != "":
			got = append(got, u.Message.Text)
		default:
			got = append(got, "joined")
		}
	}
	if s := strings.Join(got, ", "); s != "member, /my@govorun_bot, thanks, administrator, now for you, joined, boss, beep, kicked" {
		t.Fatal(s)
	}
	r.refused(403, "Forbidden: bot was kicked from the group chat", "sendMessage", params{"chat_id": group, "text": "x"})
}

func TestS06_AMigratedGroupTellsItsNewID(t *testing.T) {
	r := newRig(t)
	group, err := r.s.AddGroup(simulator.NewGroup{Title: "Crew", Type: "group", Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	d := r.must(r.ann.In(group).Do(simulator.Action{Do: "migrate"}))
	a := r.refused(400, "group chat was upgraded to a supergroup chat", "sendMessage", params{"chat_id": group, "text": "x"})
	if a.Parameters.MigrateTo != d.Chat || d.Chat == group {
		t.Fatalf("got %+v, the new chat is %d", a, d.Chat)
	}
	r.send(params{"chat_id": d.Chat, "text": "x"})
	u := r.updates()
	if len(u) != 3 || u[1].Message.MigrateToChatID != d.Chat || u[2].Message.MigrateFromChatID != group {
		t.Fatalf("got %+v", u)
	}
}

func TestS17_ADeletedTopicIsNotFound(t *testing.T) {
	r := newRig(t)
	forum, err := r.s.AddGroup(simulator.NewGroup{Title: "Operators", Forum: true, Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	topic := decode[simulator.Topic](t, r.ok("createForumTopic", params{"chat_id": forum, "name": "Azamat"}))
	to := params{"chat_id": forum, "message_thread_id": topic.ID, "text": "x"}
	if m := r.send(to); m.ThreadID != topic.ID || !m.IsTopicMessage {
		t.Fatalf("got %+v", m)
	}
	r.must(r.ann.In(forum).Topic(topic.ID).Text("answer"))
	r.ok("editForumTopic", params{"chat_id": forum, "message_thread_id": topic.ID, "name": "Azamat · step 5"})
	r.refused(400, "TOPIC_NOT_MODIFIED", "editForumTopic", params{"chat_id": forum, "message_thread_id": topic.ID, "name": "Azamat · step 5"})
	r.ok("closeForumTopic", params{"chat_id": forum, "message_thread_id": topic.ID})
	r.refused(400, "TOPIC_NOT_MODIFIED", "closeForumTopic", params{"chat_id": forum, "message_thread_id": topic.ID})
	r.must(r.ann.In(forum).Topic(topic.ID).Do(simulator.Action{Do: "delete_topic"}))
	r.refused(400, "message thread not found", "sendMessage", to)
	r.refused(400, "TOPIC_ID_INVALID", "editForumTopic", params{"chat_id": forum, "message_thread_id": topic.ID, "name": "x"})
	r.refused(400, "the chat is not a forum", "createForumTopic", params{"chat_id": r.ann.ID, "name": "x"})
	to["message_thread_id"] = 1
	r.refused(400, "message thread not found", "sendMessage", to)
	var thread int64
	for _, u := range r.updates() {
		if u.Message != nil && u.Message.Text == "answer" {
			thread = u.Message.ThreadID
		}
	}
	if thread != topic.ID {
		t.Fatalf("the answer came in thread %d", thread)
	}
}

func TestChannelPostsHaveNoAuthor(t *testing.T) {
	r := newRig(t)
	channel, err := r.s.AddGroup(simulator.NewGroup{Title: "News", Type: "channel", Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	r.must(r.ann.In(channel).Do(simulator.Action{Do: "channel_post", Text: "hello"}))
	u := r.updates()
	if len(u) != 2 || u[1].Post == nil || u[1].Post.From != nil || u[1].Post.SenderChat.ID != channel {
		t.Fatalf("got %+v", u)
	}
}

func TestMembersAndChatsAreTold(t *testing.T) {
	r := newRig(t)
	group, err := r.s.AddGroup(simulator.NewGroup{Title: "Crew", Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	status := func(user int64) string {
		return decode[map[string]any](t, r.ok("getChatMember", params{"chat_id": group, "user_id": user}))["status"].(string)
	}
	if a, b, e := status(r.ann.ID), status(r.s.Bot().ID), status(r.eve.ID); a != "creator" || b != "administrator" || e != "left" {
		t.Fatal(a, b, e)
	}
	m := r.send(params{"chat_id": group, "text": "rules"})
	r.ok("pinChatMessage", params{"chat_id": group, "message_id": m.ID})
	r.refused(400, "message to pin not found", "pinChatMessage", params{"chat_id": group, "message_id": 99})
	if info := string(r.ok("getChat", params{"chat_id": group})); !strings.Contains(info, `"rules"`) || !strings.Contains(info, `"Crew"`) {
		t.Fatal(info)
	}
	r.ok("unpinChatMessage", params{"chat_id": group})
	if n := string(r.ok("getChatMemberCount", params{"chat_id": group})); n != "2" {
		t.Fatal(n)
	}
}

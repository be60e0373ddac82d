package simulator

import (
	"errors"
	"fmt"
	"maps"
)

func (x *actor) needGroup() error {
	if !x.c.group() {
		return errors.New("this is no group")
	}
	return nil
}

func (x *actor) join() error {
	if err := x.needGroup(); err != nil {
		return err
	}
	old := x.c.members[x.p.ID]
	if present(old) {
		return errors.New("the person is in the group already")
	}
	x.c.members[x.p.ID] = statusMember
	x.memberChanged(old, statusMember)
	return x.write(Message{Service: Service{NewChatMembers: []User{x.p.User}}}, false)
}

func (x *actor) leave() error {
	if err := x.needGroup(); err != nil {
		return err
	}
	old := x.c.members[x.p.ID]
	if !present(old) {
		return errors.New("the person is not in the group")
	}
	err := x.write(Message{Service: Service{LeftChatMember: &x.p.User}}, false)
	x.c.members[x.p.ID] = statusLeft
	x.memberChanged(old, statusLeft)
	return err
}

func (x *actor) memberChanged(old, status string) {
	if old == "" {
		old = statusLeft
	}
	x.changed("member", x.c.ID, func() any { return x.member(x.p.User, status) })
	x.emit("chat_member", x.c.ID, map[string]any{
		"chat": x.c.Chat, "from": x.p.User, "date": x.unix(),
		"old_chat_member": x.member(x.p.User, old), "new_chat_member": x.member(x.p.User, status),
	}, false)
}

// botTo makes the deed that gives the bot another standing in a group.
func botTo(status string) func(*actor) error {
	return func(x *actor) error {
		if x.c.private() {
			return errors.New("this is a private chat: block and unblock")
		}
		x.c.line("= bot is " + status)
		x.moveBot(x.c, x.p.ID, status)
		return nil
	}
}

func (x *actor) newTopic() error {
	if !x.c.IsForum {
		return errors.New("the chat has no topics")
	}
	from := x.p.User
	t := x.openTopic(x.c, &from, x.Text, 0x6FB9F0)
	x.done.Thread = t.ID
	x.emit("message", x.c.ID, *x.c.byID[t.ID].msg, false)
	return nil
}

func (x *actor) deleteTopic() error {
	if x.c.topics[x.Thread] == nil {
		return fmt.Errorf("there is no topic %d", x.Thread)
	}
	x.dropTopic(x.c, x.Thread) // Telegram tells bots nothing: they learn it from the next send
	return nil
}

func closeTopic(closed bool) func(*actor) error {
	return func(x *actor) error {
		t := x.c.topics[x.Thread]
		if t == nil {
			return fmt.Errorf("there is no topic %d", x.Thread)
		}
		t.Closed = false // or the notice itself could not be written
		service := Service{ForumTopicReopened: &struct{}{}}
		if closed {
			service = Service{ForumTopicClosed: &struct{}{}}
		}
		err := x.write(Message{Service: service}, false)
		t.Closed = closed
		x.changed("topic", x.c.ID, func() any { return *t })
		return err
	}
}

// migrate turns a group into a supergroup: a new id, a notice on both sides, the old chat refuses everything.
func (x *actor) migrate() error {
	if x.c.Type != "group" {
		return errors.New("only a basic group becomes a supergroup")
	}
	if x.c.movedTo != 0 {
		return fmt.Errorf("the group is chat %d already", x.c.movedTo)
	}
	info := x.c.Chat
	info.Type = "supergroup"
	info.ID = -1_000_000_000_000 - x.nextGroup
	x.nextGroup++
	next := newChat(info)
	next.botStatus, next.members = x.c.botStatus, maps.Clone(x.c.members)
	x.chats[info.ID] = next
	if err := x.write(Message{Service: Service{MigrateToChatID: info.ID}}, false); err != nil {
		return err
	}
	old := x.c
	old.movedTo = info.ID
	x.c, x.done.Chat = next, info.ID
	return x.write(Message{Service: Service{MigrateFromChatID: old.ID}}, false)
}

func (x *actor) channelPost() error {
	if x.c.Type != "channel" {
		return errors.New("this is no channel")
	}
	sender := x.c.Chat
	return x.write(Message{Text: x.Text, SenderChat: &sender, AuthorSignature: x.p.FirstName}, false)
}

// anonymous writes as an administrator who hides behind the group: Telegram puts a well-known bot in the from field.
func (x *actor) anonymous() error {
	if err := x.needGroup(); err != nil {
		return err
	}
	sender := x.c.Chat
	from := User{ID: 1087968824, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	m := Message{Text: x.Text, SenderChat: &sender, From: &from}
	return x.write(m, false)
}

func (x *actor) botMessage() error {
	from := x.p.User
	from.IsBot = true
	m := Message{Text: x.Text, From: &from}
	if x.c.private() {
		x.c.started = true
	}
	return x.write(m, false)
}

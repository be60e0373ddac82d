package whatsapp

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"

	"govorun/bots"
	"govorun/crm"
)

const (
	// editable is how long after its sending a message is edited. WhatsApp takes edits for 20 minutes and offers them to people
	// for 15; what comes later is ignored without a word.
	editable = 15 * time.Minute
	// revocable is how long a message can be taken back for everyone: a little over two days.
	revocable = 48 * time.Hour
)

// edit replaces the words of a message of ours, or those under its file. What can't be edited any more is sent as a new message. Only
// taking buttons away is nothing to do: there are none.
func (l *letter) edit(ctx context.Context) ([]part, error) {
	if strings.TrimSpace(l.out.Text) == "" {
		return nil, bots.Done("there are no buttons on WhatsApp")
	}
	sent, err := l.sentBefore(ctx)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, &crm.SendError{Policy: crm.Resend, Reason: "gone", Err: bots.Reason("there is no message to edit")}
	}
	if err != nil {
		return nil, err
	}
	if l.channel.config.Now().Sub(sent.CreatedAt) > editable {
		return nil, &crm.SendError{Policy: crm.Resend, Reason: "too_old", Err: bots.Reason("WhatsApp edits no message of this age")}
	}
	content, err := l.replacement(sent)
	if err != nil {
		return nil, err
	}
	return []part{func(context.Context) (*waE2E.Message, error) {
		return l.client.BuildEdit(l.chat, l.out.TargetRef, content), nil
	}}, nil
}

// replacement is the new content of a message: a text, or a caption in a message of the file's kind.
func (l *letter) replacement(sent crm.Outbound) (*waE2E.Message, error) {
	text := render(l.out.Text)
	switch sent.Kind {
	case crm.OutMessage, crm.OutEdit:
		if !sent.Poll && len(sent.Media) == 0 {
			return l.text(nil)
		}
	case crm.OutMedia, crm.OutAlbum:
		if len(sent.Media) == 0 {
			break
		}
		switch sent.Media[0].Kind {
		case crm.Photo:
			return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: &text}}, nil
		case crm.Video, crm.Animation:
			return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{Caption: &text}}, nil
		}
	}
	return nil, &crm.SendError{Policy: crm.Resend, Reason: "not_editable", Err: bots.Reason("WhatsApp edits no message of this kind")}
}

// reaction puts an emoji on a message of theirs or of ours; an empty text takes it away.
func (l *letter) reaction(ctx context.Context) ([]part, error) {
	if l.out.TargetRef == "" {
		return nil, bots.Done("there is no message to react to")
	}
	author := l.chat
	_, err := l.sentBefore(ctx)
	if err == nil {
		author = types.EmptyJID // ours
	} else if !errors.Is(err, crm.ErrNotFound) {
		return nil, err
	}
	return []part{func(context.Context) (*waE2E.Message, error) {
		return l.client.BuildReaction(l.chat, author, l.out.TargetRef, l.out.Text), nil
	}}, nil
}

// revoke takes a message of ours back. Those of a person can't be: WhatsApp leaves that to them.
func (l *letter) revoke(ctx context.Context) ([]part, error) {
	if l.out.TargetRef == "" {
		return nil, bots.Done("there is no message to delete")
	}
	sent, err := l.sentBefore(ctx)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, bots.GiveUp("not_deletable", "the message is none of ours")
	}
	if err != nil {
		return nil, err
	}
	if l.channel.config.Now().Sub(sent.CreatedAt) > revocable {
		return nil, bots.GiveUp("not_deletable", "WhatsApp deletes no message of this age")
	}
	return []part{func(context.Context) (*waE2E.Message, error) {
		return l.client.BuildRevoke(l.chat, types.EmptyJID, l.out.TargetRef), nil
	}}, nil
}

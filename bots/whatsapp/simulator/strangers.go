package simulator

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// SendUnavailable sends a message that linked devices are not given: "view_once" for what may be seen once, "" for others.
func (p *Peer) SendUnavailable(dev types.JID, why string) (string, error) {
	d, err := p.srv.device(dev)
	if err != nil {
		return "", err
	}
	id := p.srv.newID()
	main, alt := p.main()
	n := node{Tag: "message", Attrs: attrs{"id": id, "t": p.srv.unix(), "type": "media", "notify": p.Name, "from": main},
		Content: []node{{Tag: "unavailable", Attrs: attrs{"type": why}}}}
	setAlt(n.Attrs, "sender", main, alt)
	return id, p.srv.deliver(d, n)
}

// PostStatus shows a device something that the peer put into its status.
func (p *Peer) PostStatus(ctx context.Context, dev types.JID, text string) (string, error) {
	return p.cast(ctx, dev, types.StatusBroadcastJID, text)
}

// Broadcast sends a device a text that the peer sent to a broadcast list.
func (p *Peer) Broadcast(ctx context.Context, dev types.JID, text string) (string, error) {
	return p.cast(ctx, dev, types.NewJID("1700000001", types.BroadcastServer), text)
}

func (p *Peer) cast(ctx context.Context, dev, from types.JID, text string) (string, error) {
	d, err := p.srv.device(dev)
	if err != nil {
		return "", err
	}
	msg := &waE2E.Message{Conversation: &text}
	enc, err := p.encrypt(ctx, d, msg)
	if err != nil {
		return "", fmt.Errorf("encrypt a broadcast of %s: %w", p.Name, err)
	}
	id := p.srv.newID()
	n := p.stanza(id, msg, enc)
	main, alt := p.main()
	n.Attrs["from"], n.Attrs["participant"] = from, main
	setAlt(n.Attrs, "participant", main, alt)
	return id, p.srv.deliver(d, n)
}

// SendNewsletter shows a device a text of a channel that the account follows; channels are not encrypted.
func (s *Server) SendNewsletter(dev, from types.JID, text string) (string, error) {
	plain, err := proto.Marshal(&waE2E.Message{Conversation: &text})
	if err != nil {
		return "", err
	}
	id := s.newID()
	return id, s.Push(dev, node{Tag: "message", Attrs: attrs{"id": id, "server_id": "100", "t": s.unix(), "type": "text", "from": from},
		Content: []node{{Tag: "plaintext", Content: plain}}})
}

package simulator

import (
	"bytes"
	"compress/zlib"
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
)

// OldChat is a conversation that the phone already had.
type OldChat struct {
	Chat     types.JID
	Name     string // of a contact or group
	Unread   uint32
	Messages []OldMessage
}

// OldMessage is a message of an OldChat.
type OldMessage struct {
	ID      string
	Time    time.Time
	FromMe  bool
	Sender  types.JID // in a group, unless FromMe
	Message *waE2E.Message
}

// SendHistory uploads old conversations and tells the linked devices about
// them, as a phone does after pairing (events.HistorySync). The addresses of
// known peers in them come along in pairs.
func (ph *Phone) SendHistory(ctx context.Context, typ waHistorySync.HistorySync_HistorySyncType, chats ...OldChat) error {
	h := &waHistorySync.HistorySync{SyncType: &typ, ChunkOrder: proto.Uint32(1), Progress: proto.Uint32(100)}
	for _, c := range chats {
		h.Conversations = append(h.Conversations, c.conversation())
		if u, err := ph.srv.user(c.Chat); err == nil {
			if lid, pn := u.address(true); !pn.IsEmpty() {
				h.PhoneNumberToLidMappings = append(h.PhoneNumberToLidMappings, &waHistorySync.PhoneNumberToLIDMapping{
					PnJID: proto.String(pn.String()), LidJID: proto.String(lid.String()),
				})
			}
		}
	}
	return ph.SendHistorySync(ctx, h)
}

// SendHistorySync sends a history sync of the test's own making.
func (ph *Phone) SendHistorySync(ctx context.Context, h *waHistorySync.HistorySync) error {
	raw, err := proto.Marshal(h)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(raw) // a bytes.Buffer takes everything
	_ = z.Close()
	f, err := ph.srv.Upload(packed.Bytes(), whatsmeow.MediaHistory)
	if err != nil {
		return err
	}
	msg := &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_HISTORY_SYNC_NOTIFICATION.Enum(),
		HistorySyncNotification: &waE2E.HistorySyncNotification{
			DirectPath: &f.DirectPath, MediaKey: f.MediaKey, FileSHA256: f.FileSHA256, FileEncSHA256: f.FileEncSHA256, FileLength: &f.FileLength,
			SyncType: waE2E.HistorySyncType(h.GetSyncType()).Enum(), ChunkOrder: h.ChunkOrder, Progress: h.Progress,
		},
	}}
	from, _ := ph.address(false)
	id := ph.srv.newID()
	for _, d := range ph.devices() {
		if err = ph.copyTo(ctx, d, id, attrs{"from": from, "category": "peer"}, msg); err != nil {
			return err
		}
	}
	return nil
}

func (c OldChat) conversation() *waHistorySync.Conversation {
	out := &waHistorySync.Conversation{ID: proto.String(c.Chat.String()), Name: &c.Name, UnreadCount: &c.Unread}
	for i := len(c.Messages) - 1; i >= 0; i-- { // newest first
		m := c.Messages[i]
		key := &waCommon.MessageKey{RemoteJID: out.ID, FromMe: &m.FromMe, ID: &m.ID}
		web := &waWeb.WebMessageInfo{Key: key, Message: m.Message, MessageTimestamp: proto.Uint64(uint64(m.Time.Unix()))}
		if !m.Sender.IsEmpty() {
			key.Participant = proto.String(m.Sender.String())
			web.Participant = key.Participant
		}
		out.Messages = append(out.Messages, &waHistorySync.HistorySyncMsg{Message: web, MsgOrderID: proto.Uint64(uint64(i))})
		out.ConversationTimestamp = proto.Uint64(max(out.GetConversationTimestamp(), web.GetMessageTimestamp()))
	}
	return out
}

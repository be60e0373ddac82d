package simulator

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// File is what a person attaches. Kind is image, video, voice, audio, document or sticker.
type File struct {
	Kind          string
	Data          []byte
	Mime          string // the usual one of the kind when empty
	Name          string // of a document
	Caption       string
	Seconds       uint32
	ClaimedLength uint64 // what the message says instead of the true length, when not 0
	ViewOnce      bool
	Fault         MediaFault // of its downloads

	album string // id of the album it belongs to
}

// SendFile uploads and sends a file.
func (p *Peer) SendFile(ctx context.Context, to types.JID, f File) (string, error) {
	msg, err := p.srv.fileMessage(f)
	if err != nil {
		return "", err
	}
	if f.album != "" {
		msg.MessageContextInfo = &waE2E.MessageContextInfo{MessageAssociation: &waE2E.MessageAssociation{
			AssociationType:  waE2E.MessageAssociation_MEDIA_ALBUM.Enum(),
			ParentMessageKey: &waCommon.MessageKey{RemoteJID: proto.String(p.chatWith(to).String()), FromMe: proto.Bool(true), ID: &f.album},
		}}
	}
	if f.ViewOnce {
		msg = &waE2E.Message{ViewOnceMessageV2: &waE2E.FutureProofMessage{Message: msg}}
	}
	return p.Send(ctx, to, msg)
}

// SendAlbum sends pictures and videos as one album: the message that announces it, then the files, the caption at the first.
func (p *Peer) SendAlbum(ctx context.Context, to types.JID, caption string, list ...File) ([]string, error) {
	album := &waE2E.AlbumMessage{ExpectedImageCount: new(uint32), ExpectedVideoCount: new(uint32)}
	for _, f := range list {
		if f.Kind == "video" {
			*album.ExpectedVideoCount++
		} else {
			*album.ExpectedImageCount++
		}
	}
	parent, err := p.Send(ctx, to, &waE2E.Message{AlbumMessage: album})
	ids := []string{}
	for i, f := range list {
		if err != nil {
			break
		}
		if f.album = parent; i == 0 && caption != "" {
			f.Caption = caption
		}
		var id string
		id, err = p.SendFile(ctx, to, f)
		ids = append(ids, id)
	}
	return ids, err
}

// fileMessage uploads a file and makes the message that points at it.
func (s *Server) fileMessage(f File) (*waE2E.Message, error) {
	typ, mime := mediaType(f.Kind)
	if typ == "" {
		return nil, fmt.Errorf("a person can't attach %q: image, video, voice, audio, document or sticker", f.Kind)
	}
	up, err := s.Upload(f.Data, typ)
	if err != nil {
		return nil, err
	}
	s.faultFile(up.DirectPath, f.Fault)
	length, mime := cmp.Or(f.ClaimedLength, up.FileLength), cmp.Or(f.Mime, mime)
	caption := &f.Caption
	if f.Caption == "" {
		caption = nil
	}
	switch f.Kind {
	case "image":
		return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey,
			FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &length, Mimetype: &mime, Caption: caption}}, nil
	case "video":
		return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey,
			FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &length, Mimetype: &mime, Caption: caption, Seconds: &f.Seconds}}, nil
	case "sticker":
		return &waE2E.Message{StickerMessage: &waE2E.StickerMessage{URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey,
			FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &length, Mimetype: &mime}}, nil
	case "document":
		return &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey,
			FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &length, Mimetype: &mime, Caption: caption, FileName: &f.Name}}, nil
	}
	return &waE2E.Message{AudioMessage: &waE2E.AudioMessage{URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey,
		FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &length, Mimetype: &mime, PTT: proto.Bool(f.Kind == "voice"), Seconds: &f.Seconds}}, nil
}

// mediaType gives the encryption type and the usual MIME type of a kind, nothing for unknown kinds.
func mediaType(kind string) (whatsmeow.MediaType, string) {
	switch kind {
	case "image":
		return whatsmeow.MediaImage, "image/jpeg"
	case "sticker":
		return whatsmeow.MediaImage, "image/webp"
	case "video":
		return whatsmeow.MediaVideo, "video/mp4"
	case "voice":
		return whatsmeow.MediaAudio, "audio/ogg; codecs=opus"
	case "audio":
		return whatsmeow.MediaAudio, "audio/mpeg"
	case "document":
		return whatsmeow.MediaDocument, "application/octet-stream"
	}
	return "", ""
}

// SendImage uploads and sends an image.
func (p *Peer) SendImage(ctx context.Context, to types.JID, data []byte, mime, caption string) (string, error) {
	return p.SendFile(ctx, to, File{Kind: "image", Data: data, Mime: mime, Caption: caption})
}

// SendSticker uploads and sends a WebP sticker.
func (p *Peer) SendSticker(ctx context.Context, to types.JID, webp []byte) (string, error) {
	return p.SendFile(ctx, to, File{Kind: "sticker", Data: webp})
}

// SendVoice uploads and sends an Ogg Opus voice note.
func (p *Peer) SendVoice(ctx context.Context, to types.JID, ogg []byte, length time.Duration) (string, error) {
	return p.SendFile(ctx, to, File{Kind: "voice", Data: ogg, Seconds: uint32(length.Seconds())})
}

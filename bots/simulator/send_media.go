package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
)

// sendFile makes the send method of one kind of file.
func sendFile(kind string) func(*Server, args) (any, *apiError) {
	return func(s *Server, a args) (any, *apiError) {
		text, entities, refused := caption(a)
		if refused != nil {
			return nil, refused
		}
		n, refused := s.inputFile(a, kind, a.str(kind), kind)
		if refused != nil {
			return nil, refused
		}
		o, refused := s.outgoing(a)
		if refused != nil {
			return nil, refused
		}
		m := Message{
			Media: n.media(), Caption: text, CaptionEntities: entities,
			ShowCaptionAboveMedia: a.flag("show_caption_above_media"), HasMediaSpoiler: a.flag("has_spoiler"),
		}
		return s.post(o, a, m), nil
	}
}

// inputFile finds the file a parameter means: an upload, attach://part, a file_id or a link.
func (s *Server) inputFile(a args, kind, value, part string) (*file, *apiError) {
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		part, value = name, ""
	}
	if up, ok := a.files[part]; ok {
		return s.upload(kind, up, a)
	}
	switch {
	case value == "":
		return nil, badRequest("there is no %s in the request", strings.ReplaceAll(kind, "_", " "))
	case strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://"):
		// Nothing here goes out to the internet, so every link is one that Telegram could not fetch.
		return nil, badRequest("failed to get HTTP URL content")
	}
	n := s.files.byID[value]
	if n == nil {
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	if n.kind != kind {
		return nil, badRequest("can't use file of type %s as %s", title(n.kind), title(kind))
	}
	return n, nil
}

func title(kind string) string {
	words := strings.Split(kind, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func (s *Server) upload(kind string, up upload, a args) (*file, *apiError) {
	if len(up.data) == 0 {
		return nil, badRequest("file must be non-empty")
	}
	if kind == "photo" {
		return s.newPhoto(up.name, up.data)
	}
	mime := up.mime
	if mime == "application/octet-stream" {
		mime = ""
	}
	return s.newFile(file{
		kind: kind, name: up.name, mime: mime, data: up.data, duration: int(a.num("duration")),
		width: int(max(a.num("width"), a.num("length"))), height: int(a.num("height")),
	}), nil
}

// inputMedia is one item of sendMediaGroup and the whole of editMessageMedia.
type inputMedia struct {
	Type     string          `json:"type"`
	Media    string          `json:"media"`
	Caption  string          `json:"caption"`
	Mode     string          `json:"parse_mode"`
	Entities json.RawMessage `json:"caption_entities"`
	Above    bool            `json:"show_caption_above_media"`
	Spoiler  bool            `json:"has_spoiler"`
}

// content turns an item into a message without sender.
func (s *Server) content(a args, in inputMedia) (Message, *apiError) {
	const bad = "can't parse InputMedia: "
	switch in.Type {
	case "photo", "video", "animation", "audio", "document":
	case "":
		return Message{}, badRequest(bad + `Can't find field "type"`)
	default:
		return Message{}, badRequest(bad+`type "%s" is unsupported`, in.Type)
	}
	if in.Media == "" {
		return Message{}, badRequest(bad + "media not found")
	}
	n, refused := s.inputFile(a, in.Type, in.Media, "")
	if refused != nil {
		return Message{}, refused
	}
	text, entities, refused := markupOf(in.Caption, in.Mode, string(in.Entities))
	if refused != nil {
		return Message{}, refused
	}
	if utf16Len(text) > maxCaption {
		return Message{}, badRequest("message caption is too long")
	}
	return Message{
		Media: n.media(), Caption: text, CaptionEntities: entities,
		ShowCaptionAboveMedia: in.Above, HasMediaSpoiler: in.Spoiler,
	}, nil
}

func sendMediaGroup(s *Server, a args) (any, *apiError) {
	if a.str("media") == "" {
		return nil, badRequest(`parameter "media" is required`)
	}
	var items []inputMedia
	if json.Unmarshal([]byte(a.str("media")), &items) != nil {
		return nil, badRequest("can't parse media JSON object")
	}
	if len(items) < 2 || len(items) > 10 {
		return nil, badRequest("wrong number of messages in the album: need 2 to 10")
	}
	contents := make([]Message, len(items))
	for i, in := range items {
		var refused *apiError
		if contents[i], refused = s.content(a, in); refused != nil {
			return nil, refused
		}
		// Documents and audio make albums of their own kind; photos and videos may be mixed.
		if albumKind(in.Type) == "" || albumKind(in.Type) != albumKind(items[0].Type) {
			return nil, badRequest("can't use the media of the specified type in the album")
		}
	}
	if a.str("reply_markup") != "" {
		return nil, badRequest("reply markup can't be used in albums")
	}
	o, refused := s.outgoing(a)
	if refused != nil {
		return nil, refused
	}
	group, sent := s.newAlbum(), make([]*Message, len(items))
	for i, m := range contents {
		m.MediaGroupID = group
		sent[i] = s.post(o, a, m)
	}
	return sent, nil
}

func albumKind(kind string) string {
	switch kind {
	case "photo", "video":
		return "visual"
	case "document", "audio":
		return kind
	}
	return ""
}

func (s *Server) newAlbum() string {
	s.nextAlbum++
	return strconv.FormatInt(13_800_000_000_000_000+s.nextAlbum*8, 10)
}

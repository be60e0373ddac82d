package whatsapp

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
	"govorun/crm"
)

// reupload is how long the sender's phone may take to upload a file anew.
const reupload = 20 * time.Second

// fileRef is what a file can be fetched by; its key is a secret. It fits crm.Media.Ref as JSON.
type fileRef struct {
	Path   string `json:"p"`           // on the server
	Key    []byte `json:"k"`           // from which the keys of the file follow
	Sealed []byte `json:"e"`           // SHA-256 of what lies on the server
	Plain  []byte `json:"s"`           // SHA-256 of the file
	Kind   string `json:"t"`           // "Image", "Video", "Audio" or "Document"
	Chat   string `json:"c"`           // whose phone has it still
	ID     string `json:"m"`           // of its message
	Own    bool   `json:"o,omitempty"` // the company's own phone sent it
}

// refOf writes down how a file is fetched; empty when its message does not say.
func refOf(h heard, f whatsmeow.DownloadableMessage) string {
	kind := strings.TrimSuffix(strings.TrimPrefix(string(whatsmeow.GetMediaType(f)), "WhatsApp "), " Keys")
	ref := fileRef{Path: f.GetDirectPath(), Key: hash(f.GetMediaKey()), Sealed: hash(f.GetFileEncSHA256()), Plain: hash(f.GetFileSHA256()), Kind: kind,
		Chat: h.place.chat, ID: bots.Clean(h.id, maxID), Own: h.own}
	if !ref.usable() {
		return ""
	}
	written, _ := json.Marshal(ref) // strings and bytes always can be
	return string(written)
}

func (r fileRef) usable() bool {
	return strings.HasPrefix(r.Path, "/") && len(r.Path) <= maxPath && !strings.ContainsAny(r.Path, "\x00\r\n#\\") && r.Key != nil && r.Sealed != nil && r.Plain != nil
}

func (r fileRef) mediaType() whatsmeow.MediaType {
	return whatsmeow.MediaType("WhatsApp " + r.Kind + " Keys")
}

// Fetch downloads a file, opens it and writes at most limit bytes, whatever its message says of its size. It fails with bots.ErrTooLarge
// when there is more, and with bots.ErrGone when the server has the file no longer and the phone it came from, asked once, does not
// give it again. While the number is not connected it is a *crm.SendError that says to wait. No error holds a key or an address.
func (c *Channel) Fetch(ctx context.Context, media crm.Media, limit int64, to io.Writer) error {
	if media.Size > limit {
		return fmt.Errorf("fetch a %s of %d bytes: %w", media.Kind, media.Size, bots.ErrTooLarge)
	}
	var ref fileRef
	if json.Unmarshal([]byte(media.Ref), &ref) != nil || !ref.usable() {
		return fmt.Errorf("fetch a %s: its message does not say where it is: %w", media.Kind, bots.ErrGone)
	}
	cli, err := c.linked()
	if err != nil {
		return err
	}
	err = c.download(ctx, cli, ref, limit, to)
	if gone(err) {
		if ref.Path, err = c.uploadedAnew(ctx, cli, ref); err == nil {
			err = c.download(ctx, cli, ref, limit, to)
		}
		if gone(err) {
			err = bots.ErrGone
		}
	}
	if err != nil {
		return fmt.Errorf("fetch a %s: %w", media.Kind, brief(err))
	}
	return nil
}

// gone tells whether the server has the file no longer, or lets nobody at it by this path any more.
func gone(err error) bool {
	return errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith403) || errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) || errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410) || errors.Is(err, errNotGiven)
}

// errNotGiven: the phone has the file no longer, or does not answer.
var errNotGiven = errors.New("the phone did not upload the file anew")

// download tries the servers one after another. What was written before an error is worth nothing.
func (c *Channel) download(ctx context.Context, cli *whatsmeow.Client, ref fileRef, limit int64, to io.Writer) error {
	//lint:ignore SA1019 the library's own download reads a file of any size into memory
	internal := cli.DangerousInternals()
	conn, err := internal.RefreshMediaConn(ctx, false)
	if err != nil {
		return &crm.SendError{Policy: crm.Wait, Reason: "offline", After: 5 * time.Second, Err: brief(err)}
	}
	err = errors.New("WhatsApp names no server for files")
	for _, host := range conn.Hosts {
		var resp *http.Response
		resp, err = internal.DoMediaDownloadRequest(ctx, "https://"+host.Hostname+ref.Path+"&hash="+base64.URLEncoding.EncodeToString(ref.Sealed)+
			"&mms-type="+strings.ToLower(ref.Kind)+"&__wa-mms=")
		if err != nil {
			if gone(err) || ctx.Err() != nil {
				return err
			}
			continue
		}
		err = openFile(resp.Body, ref, limit, to)
		_ = resp.Body.Close()
		return err
	}
	return err
}

// uploadedAnew asks the phone that sent a file to upload it once more, and gives where it is then.
func (c *Channel) uploadedAnew(ctx context.Context, cli *whatsmeow.Client, ref fileRef) (path string, err error) {
	chat, err := types.ParseJID(ref.Chat)
	if err != nil {
		return "", errNotGiven
	}
	answer, forget := c.retries.ask(ref.ID)
	defer forget()
	info := &types.MessageInfo{ID: ref.ID, MessageSource: types.MessageSource{Chat: chat, Sender: chat, IsFromMe: ref.Own}}
	if err := cli.SendMediaRetryReceipt(ctx, info, ref.Key); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, reupload)
	defer cancel()
	select {
	case <-ctx.Done():
		return "", errNotGiven
	case evt := <-answer:
		return newPath(evt, ref)
	}
}

func newPath(evt *events.MediaRetry, ref fileRef) (string, error) {
	said, err := whatsmeow.DecryptMediaRetryNotification(evt, ref.Key)
	if err != nil || said.GetResult() != waMmsRetry.MediaRetryNotification_SUCCESS {
		return "", errNotGiven
	}
	if ref.Path = said.GetDirectPath(); !ref.usable() {
		return "", errNotGiven
	}
	return ref.Path, nil
}

// brief is an error without the address that was called, which lets whoever has the key fetch the file.
func brief(err error) error {
	var called *url.Error
	if errors.As(err, &called) {
		return called.Err
	}
	return err
}

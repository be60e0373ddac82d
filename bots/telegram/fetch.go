package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-telegram/bot"

	"govorun/bots"
	"govorun/crm"
)

// Fetch downloads a file and writes at most limit bytes. It fails with bots.ErrTooLarge when the file is larger than limit or than the
// 20 MB that Telegram gives to bots (then without a download when the size is known), and with bots.ErrGone when
// Telegram no longer has it. Other errors may pass. No error holds the token or the file's address.
func (c *Channel) Fetch(ctx context.Context, media crm.Media, limit int64, to io.Writer) error {
	limit = min(limit, maxDownload)
	if media.Size > limit {
		return fmt.Errorf("fetch a %s of %d bytes: %w", media.Kind, media.Size, bots.ErrTooLarge)
	}
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	location, err := c.locate(ctx, media, limit)
	if err != nil {
		return fmt.Errorf("fetch a %s: %w", media.Kind, err)
	}
	if err := c.download(ctx, location, limit, to); err != nil {
		return fmt.Errorf("fetch a %s: %w", media.Kind, err)
	}
	return nil
}

// locate asks where the file is and returns its path on the server, checked.
func (c *Channel) locate(ctx context.Context, media crm.Media, limit int64) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // the server fetches the file itself before it answers
	defer cancel()
	file, err := c.bot.GetFile(ctx, &bot.GetFileParams{FileID: media.Ref})
	if err != nil {
		return "", c.fetchError(err)
	}
	if file.FileSize > limit {
		return "", bots.ErrTooLarge
	}
	return file.FilePath, checkPath(file.FilePath)
}

// checkPath refuses what is no plain relative path: a Bot API server in local mode gives paths of its own disk, and
// a path with dots would lead out of the bot's folder.
func checkPath(path string) error {
	if strings.HasPrefix(path, "/") || strings.Contains(path, `\`) || strings.Contains(path, ":") {
		return errors.New("the Bot API server gives files by paths of its own disk: run it without --local")
	}
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "?#%\x00\r\n") {
			return errors.New("the Bot API server gives a path that is not allowed")
		}
	}
	return nil
}

func (c *Channel) download(ctx context.Context, path string, limit int64, to io.Writer) error {
	address := strings.TrimSuffix(strings.Replace(c.client.base, c.client.api.String()+"/bot", c.client.api.String()+"/file/bot", 1), "/")
	for _, part := range strings.Split(path, "/") {
		address += "/" + url.PathEscape(part)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return c.client.tidy(err)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return c.fetchError(err)
	}
	defer resp.Body.Close()
	if resp.ContentLength > limit {
		return bots.ErrTooLarge
	}
	written, err := io.Copy(to, io.LimitReader(resp.Body, limit))
	if err != nil {
		return c.client.tidy(err)
	}
	if more, _ := io.ReadFull(resp.Body, make([]byte, 1)); written == limit && more > 0 {
		return bots.ErrTooLarge
	}
	if resp.ContentLength >= 0 && written < resp.ContentLength {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// fetchError tells what will not get better from what may.
func (c *Channel) fetchError(err error) error {
	refusal := refused(err)
	if refusal == nil {
		return c.readable(err)
	}
	refusal = &apiError{method: "getFile", code: refusal.code, description: refusal.description}
	switch {
	case refusal.says("file is too big"):
		return bots.ErrTooLarge
	case refusal.says("temporarily unavailable") && !refusal.says("wrong file_id"):
		return refusal
	case refusal.says("wrong file"), refusal.says("invalid file"), refusal.says("file_id"), refusal.says("file_reference"),
		refusal.code == http.StatusNotFound, refusal.code == http.StatusGone:
		return bots.ErrGone
	case refusal.badCredentials():
		return ErrBadCredentials
	}
	return refusal
}

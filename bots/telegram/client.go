package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"
)

// client makes calls to the Bot API server and to no other host. The library uses it too, as its HTTP client, so that every
// refusal is an *apiError wherever the call was made and no error holds the token.
type client struct {
	http    *http.Client
	api     *url.URL
	base    string   // of methods
	secret  string   // the part of the token that must not be seen
	missing sync.Map // method → *apiError: what this server does not know
}

func newClient(config Config) (*client, error) {
	api, err := url.Parse(strings.TrimRight(config.API, "/"))
	if err != nil || api.Host == "" || (api.Scheme != "https" && api.Scheme != "http") || api.User != nil || api.RawQuery != "" {
		return nil, errors.New("the address of the Bot API server is not like https://api.telegram.org: change GOVORUN_TELEGRAM_API")
	}
	c := &client{api: api, base: api.String() + "/bot" + config.Token + "/", secret: config.Token}
	if _, secret, _ := strings.Cut(config.Token, ":"); len(secret) >= 8 {
		c.secret = secret
	}
	transport := config.Transport
	if transport == nil {
		transport = keepAlive()
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.checkRedirect}
	return c, nil
}

// keepAlive is HTTP/1 with idle connections enough for bursts: cheaper for small calls than HTTP/2, and a long poll
// shares its connection with nobody.
func keepAlive() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   64,
		MaxConnsPerHost:       128,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

func (c *client) ours(address *url.URL) bool {
	return address.Host == c.api.Host && address.Scheme == c.api.Scheme
}

func (c *client) checkRedirect(req *http.Request, via []*http.Request) error {
	if !c.ours(req.URL) || len(via) > 3 {
		return errors.New("the Bot API server redirects to another host")
	}
	return nil
}

// Do makes one request. An answer other than 200 is returned as an *apiError; a network error without its address.
func (c *client) Do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	if !c.ours(req.URL) {
		return nil, fmt.Errorf("call %s: not the host of the Bot API server", method)
	}
	if known, ok := c.missing.Load(method); ok {
		return nil, known.(*apiError)
	}
	written, req := watchWritten(req)
	resp, err := c.http.Do(req)
	if err != nil {
		if err = c.tidy(err); !written() {
			err = unsent{err}
		}
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	refusal := readRefusal(method, resp)
	if refusal.unknownMethod() {
		c.missing.Store(method, refusal)
	}
	return nil, refusal
}

// tidy takes the address, which holds the token, out of an error.
func (c *client) tidy(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	if text := err.Error(); strings.Contains(text, c.secret) {
		return errors.New(strings.ReplaceAll(text, c.secret, "***"))
	}
	return err
}

// call posts params as JSON and decodes the result of the answer into result, which may be nil.
func (c *client) call(ctx context.Context, method string, params, result any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // our markup would double in size
	if err := encoder.Encode(params); err != nil {
		return fmt.Errorf("call %s: encode parameters: %w", method, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, &body)
	if err != nil {
		return fmt.Errorf("call %s: %w", method, c.tidy(err))
	}
	req.Header["Content-Type"] = []string{"application/json"}
	resp, err := c.Do(req)
	if err != nil {
		return fmt.Errorf("call %s: %w", method, err)
	}
	defer resp.Body.Close()
	return readAnswer(method, resp, result)
}

// envelope is what every answer of the Bot API looks like.
type envelope struct {
	OK          bool   `json:"ok"`
	Result      any    `json:"result"`
	ErrorCode   int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func readAnswer(method string, resp *http.Response, result any) error {
	var raw bytes.Buffer
	if resp.ContentLength > 0 && resp.ContentLength <= maxAnswer {
		raw.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if _, err := raw.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return fmt.Errorf("call %s: read answer: %w", method, err)
	}
	if raw.Len() > maxAnswer {
		return fmt.Errorf("call %s: the answer is larger than %d bytes", method, maxAnswer)
	}
	answer := envelope{Result: result}
	err := json.Unmarshal(raw.Bytes(), &answer)
	if err != nil && !isTypeError(err) {
		return fmt.Errorf("call %s: the answer is not JSON", method) // its text may be anything: not shown
	}
	if !answer.OK {
		return answer.refusal(method, http.StatusInternalServerError)
	}
	if err != nil {
		return fmt.Errorf("call %s: the answer has another shape: %w", method, err)
	}
	return nil
}

func isTypeError(err error) bool {
	var wrongType *json.UnmarshalTypeError
	return errors.As(err, &wrongType)
}

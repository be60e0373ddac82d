// Package browsertest drives the simulator's page in a real browser, for tests. It knows Chromium and nothing of the product.
package browsertest

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds each wait, on a machine that runs other tests too.
const patience = 30 * time.Second

// Page is an open page. Its methods fail the test.
type Page struct {
	t        testing.TB
	ctx      context.Context
	mu       sync.Mutex
	requests []string
	troubles []string
}

// Open starts a browser without a window on an address and closes it when the test ends. width and height are of the screen
// in pixels. A machine without Chromium fails the test: what people see must not go untested unnoticed.
func Open(t testing.TB, address string, width, height int64) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.ExecPath(program(t)),
		chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true)))
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	p.must("start browser", chromedp.Do(ctx)) // the first call carries no timeout: it would end the browser with it
	p.must("listen to browser", chromedp.Listen(ctx, p.note))
	p.must("open "+address, chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(address)))
	return p
}

// program finds the browser.
func program(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium to show the page in: install it (Debian and Ubuntu: apt-get install chromium) and run the test again")
	return ""
}

// note remembers what the page asked for and what went wrong in it.
func (p *Page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		trouble := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			trouble += " " + e.ExceptionDetails.Exception.Description
		}
		p.troubles = append(p.troubles, trouble)
	}
}

// Wait waits until a JavaScript expression is true.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[any](expression, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		shown, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 1500)"))
		p.t.Fatalf("wait for %s: %v\nthe page shows: %s\ntroubles: %q", expression, err, shown, p.Troubles())
	}
}

// Click presses the one element that a CSS selector finds, with the mouse, when it is there. The page may draw it anew between being found
// and being pressed: then it is looked for again.
func (p *Page) Click(selector string) {
	p.t.Helper()
	var err error
	for began := time.Now(); time.Since(began) < patience; {
		p.Wait("!!document.querySelector(`" + selector + "`)")
		if err = chromedp.Do(p.ctx, chromedp.Click(selector)); err == nil || !strings.Contains(err.Error(), "(-32000)") {
			break
		}
	}
	p.must("click "+selector, err)
}

// Press presses the first button below a selector whose words contain text, as soon as there is one.
func (p *Page) Press(within, text string) {
	p.t.Helper()
	find := "[...document.querySelectorAll(`" + within + " button`)].find(b => b.textContent.includes(`" + text + "`))"
	p.Wait("!!" + find)
	p.Eval(find + ".click()")
}

// Eval gives what a JavaScript expression is.
func (p *Page) Eval(expression string) any {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[any](expression, chromedp.EvalAwaitPromise))
	p.must("evaluate "+expression, err)
	return v
}

// Keys types into what has the focus.
func (p *Page) Keys(keys string) {
	p.t.Helper()
	p.must("type", chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
}

// Requests are the addresses that the page asked for and that are not below base.
func (p *Page) Requests(base string) (elsewhere []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		if !strings.HasPrefix(r, base) && !strings.HasPrefix(r, "blob:"+base) && !strings.HasPrefix(r, "data:") {
			elsewhere = append(elsewhere, r)
		}
	}
	return elsewhere
}

// Troubles are the exceptions that nobody in the page caught.
func (p *Page) Troubles() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.troubles...)
}

func (p *Page) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

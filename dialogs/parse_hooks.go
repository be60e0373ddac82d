package dialogs

import (
	"net/url"
	"regexp"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm"
)

// secretPattern is a name of an environment variable of ours: no kit can have other secrets of the machine sent anywhere.
var secretPattern = regexp.MustCompile(`^GOVORUN_HOOK_[A-Z0-9_]+$`)

// hook reads an address that is told of deals.
func (r *reader) hook(key, n *yaml.Node) {
	h := &Hook{Name: r.name(key, "a hook"), URL: scalar(child(n, "url")), Secret: scalar(child(n, "secret"))}
	if at, err := url.Parse(h.URL); r.fits && (err != nil || at.Scheme != "https" || at.Hostname() == "" || at.User != nil || at.Fragment != "") {
		r.report(child(n, "url"), "Write https://, a host and a path, without a name or password in it.", "“%s” is no address of a hook", h.URL)
	}
	if r.fits && !secretPattern.MatchString(h.Secret) {
		r.report(child(n, "secret"), "Write GOVORUN_HOOK_ and capital letters.", "“%s” is no environment variable of a hook", h.Secret)
	}
	r.draft.kit.Hooks[h.Name] = h
}

// hookShape is the action that tells a hook.
func hookShape() *shape {
	return anObject("“hook”", "Tells an address outside; it is sent after the commit, and again until it is taken.",
		must("to", aText("“to” of a hook", "a hook of intake.yaml")),
		must("data", exprMap("“data” of a hook", "what is told, by name")))
}

// callMe reads that action.
func (r *reader) callMe(n *yaml.Node, s scope) *CallMe {
	return &CallMe{To: r.use(child(n, "to"), useHook, "", s.who+" tells hook"), Data: r.expressions(child(n, "data"), s)}
}

// tellHook notes what a hook is to be told.
func (t *step) tellHook(c *CallMe) {
	t.effect(crm.HookCalled{Hook: c.To, Deal: t.s.Deal, Contact: t.contact.ID, Data: t.fields(c.Data)})
}

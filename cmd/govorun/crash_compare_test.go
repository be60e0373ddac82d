package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// memory is what the CRM holds after the plays, as lines that two runs can be compared by: without ids, times and nonces.
// Lines of one chat are numbered, so that their order counts.
func (w *world) memory() []string {
	w.t.Helper()
	queries := []string{
		`SELECT 'contact', name, phone, lang, fields FROM contacts`,
		`SELECT 'identity', i.address, c.name, e.name FROM identities i LEFT JOIN contacts c ON c.id = i.contact_id LEFT JOIN employees e ON e.id = i.employee_id`,
		`SELECT 'conversation', c.chat, c.lang, c.blocked, c.session->>'dialog', c.session->>'state', t.name FROM conversations c LEFT JOIN contacts t ON t.id = c.contact_id`,
		`SELECT 'came in', c.chat, row_number() OVER (PARTITION BY c.chat ORDER BY m.id), m.kind, m.status, m.content->>'text', m.content->>'start',
			split_part(m.content->'press'->>'data', ':', CASE WHEN m.content->'press'->>'data' LIKE 'k:%' THEN 4 ELSE 2 END), m.content->'card'->>'phone',
			jsonb_array_length(m.content->'media') FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.direction = 'in'`,
		`SELECT 'deal', t.name, a.code, d.pipeline, d.stage, d.status, d.title, o.name, r.name, d.fields, d.closed_at IS NOT NULL
			FROM deals d LEFT JOIN contacts t ON t.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id
			LEFT JOIN employees o ON o.id = d.owner_id LEFT JOIN crews r ON r.id = d.crew_id`,
		`SELECT 'attachment', c.chat, row_number() OVER (PARTITION BY c.chat ORDER BY f.id), t.name, f.kind, f.status, f.deal_id IS NOT NULL, f.hash IS NOT NULL
			FROM attachments f JOIN conversations c ON c.id = f.conversation_id LEFT JOIN contacts t ON t.id = f.contact_id`,
		`SELECT 'event', c.chat, row_number() OVER (PARTITION BY c.chat, CASE WHEN c.id IS NULL THEN e.deal_id END ORDER BY e.id), e.kind, e.author, p.name, t.name,
			a.code, d.title, d.pipeline, e.data->'cause' FROM events e LEFT JOIN conversations c ON c.id = e.conversation_id LEFT JOIN employees p ON p.id = e.employee_id
			LEFT JOIN contacts t ON t.id = e.contact_id LEFT JOIN deals d ON d.id = e.deal_id LEFT JOIN assets a ON a.id = d.asset_id
			WHERE e.kind NOT LIKE 'alert\_%'`,
		`SELECT 'link', l.name, l.kind, t.name, d.pipeline, o.pipeline FROM links l JOIN deals d ON d.id = l.deal_id JOIN deals o ON o.id = l.other_id
			LEFT JOIN contacts t ON t.id = d.contact_id`,
		`SELECT 'timer', m.kind, m.rule, m.step, m.stage, m.status, m.reason, t.name, d.pipeline FROM timers m JOIN deals d ON d.id = m.deal_id
			LEFT JOIN contacts t ON t.id = d.contact_id`,
		`SELECT 'points', e.name, c.name, t.name, d.pipeline, p.points, p.reason FROM points p LEFT JOIN employees e ON e.id = p.employee_id
			LEFT JOIN contacts c ON c.id = p.contact_id LEFT JOIN deals d ON d.id = p.deal_id LEFT JOIN contacts t ON t.id = d.contact_id`,
		`SELECT 'load', name, open_deals FROM employees`,
		`SELECT 'task', k.title, e.name, k.role, k.points, k.done_at IS NOT NULL, d.pipeline FROM tasks k LEFT JOIN employees e ON e.id = k.assignee_id
			LEFT JOIN deals d ON d.id = k.deal_id`,
		`SELECT 'dead letter', source, error FROM dead_letters`,
	}
	var lines []string
	for _, sql := range queries {
		rows, err := w.db.Pool.Query(waiting(w.t), sql)
		if err != nil {
			w.t.Fatalf("%s: %v", sql, err)
		}
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				w.t.Fatal(err)
			}
			line := make([]string, len(values))
			for i, v := range values {
				line[i] = fmt.Sprint(v)
			}
			lines = append(lines, strings.Join(line, " | "))
		}
		if rows.Err() != nil {
			w.t.Fatalf("%s: %v", sql, rows.Err())
		}
	}
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	slices.Sort(lines)
	return lines
}

var (
	payloads = regexp.MustCompile(`m_[A-Za-z0-9_-]{16,}`)
	clocks   = regexp.MustCompile(`\b\d\d:\d\d\b`)
	numbers  = regexp.MustCompile(`(№|No\.|timer) \d+`)
	photos   = regexp.MustCompile(`AQAD\d+`)
)

// plain takes out what differs between two runs that are equal: signed codes, times of day, numbers of deals, timers and files.
func plain(text string) string {
	text = photos.ReplaceAllString(text, "AQAD…")
	return numbers.ReplaceAllString(clocks.ReplaceAllString(payloads.ReplaceAllString(text, "m_…"), "hh:mm"), "$1 n")
}

// missing gives the lines of a that b lacks; both are sorted, and a line that is there twice is wanted twice.
func missing(a, b []string) (lines []string) {
	left := map[string]int{}
	for _, line := range b {
		left[line]++
	}
	for _, line := range a {
		if left[line]--; left[line] < 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// phones are the texts that people see from the bot, each once.
func (w *world) phones(casts []*cast) []string {
	seen := map[string]bool{}
	for _, c := range casts {
		for _, p := range c.people() {
			for _, text := range w.texts(p.ID, "") {
				seen[fmt.Sprintf("%d: %s", p.ID, plain(text))] = true
			}
		}
	}
	var texts []string
	for text := range seen {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}

// doubled counts the messages that people see twice: what stands on the phones beyond what the outbox says it has sent.
func (w *world) doubled(casts []*cast) (n int) {
	for _, c := range casts {
		for _, p := range c.people() {
			shown := len(w.texts(p.ID, ""))
			n += shown - one[int](w, `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id
				WHERE m.direction = 'out' AND m.kind = 'message' AND m.status = 'sent' AND c.chat = $1`, fmt.Sprint(p.ID))
		}
	}
	return n
}

// remembered is what one run left.
type remembered struct {
	memory, phones []string
	doubled        int
}

// remember waits until all is done, files included, and keeps what the run left.
func (w *world) remember(casts []*cast) *remembered {
	w.t.Helper()
	w.quiet()
	w.exec(`UPDATE attachments SET next_at = now() WHERE status = 'pending'`) // what a killed program had begun to fetch is left alone for a while
	w.becomes(0, `SELECT count(*) FROM attachments WHERE status = 'pending'`)
	return &remembered{memory: w.memory(), phones: w.phones(casts), doubled: w.doubled(casts)}
}

// compare fails the test where a run with kills left something else than the calm one. A kill may find a message under way in each of
// the talks that are held at that moment.
func (r *remembered) compare(t *testing.T, calm *remembered, kills, talks int) {
	t.Helper()
	lost, twice := missing(calm.memory, r.memory), missing(r.memory, calm.memory)
	unseen := missing(calm.phones, r.phones)
	t.Logf("%d kills, %d lines of memory: %d lost, %d applied twice; %d texts: %d not seen, %d seen twice", kills, len(calm.memory), len(lost), len(twice),
		len(calm.phones), len(unseen), r.doubled)
	for _, line := range lost {
		t.Errorf("lost: %s", line)
	}
	for _, line := range twice {
		t.Errorf("too much: %s", line)
	}
	for _, text := range unseen {
		t.Errorf("nobody saw: %s", text)
	}
	if r.doubled < 0 || r.doubled > kills*talks {
		t.Errorf("%d messages were sent twice after %d kills", r.doubled, kills)
	}
}

package postgres

import (
	"slices"
	"strings"
	"time"

	"govorun/crm"
)

// gathered are the columns of the statements of BeginTurns.
type gathered struct {
	talkChannels, talkChats                                       []string
	newChannels, newChats, newTitles                              []string // of chats that may have no conversation yet
	newGroups                                                     []bool
	newChatKeys, newKeys                                          [][]byte // HMACs by which a forgotten chat and message are known
	newSent                                                       []*time.Time
	keys                                                          [][]byte
	sent                                                          []*time.Time // null: of our own
	channels, chats, people                                       []string
	pressed                                                       []bool
	inChannels, inChats, authors, refs, kinds, statuses, contents []string
	row                                                           []int // of each input among channels, chats, people
	signals                                                       bool  // some are of our own, and wait
}

// before is how many statements come before the first that gives rows.
func (g *gathered) before() int {
	if len(g.newChats) == 0 {
		return 2
	}
	return 3
}

func gather(ins []crm.Inbound, strange func(crm.Address) bool, forgotten *forgottenKey) *gathered {
	g := &gathered{row: make([]int, len(ins))}
	type pair struct{ channel, chat, person string }
	seen := make(map[pair]int, len(ins))
	var talks []int
	for i, in := range ins {
		p := pair{in.Address.Channel, in.Address.Chat, in.From.ID}
		n, ok := seen[p]
		if !ok {
			n = len(g.channels)
			seen[p] = n
			g.channels, g.chats, g.people = append(g.channels, p.channel), append(g.chats, p.chat), append(g.people, p.person)
			g.pressed = append(g.pressed, false)
			talks = append(talks, i)
		}
		g.row[i] = n
		g.pressed[n] = g.pressed[n] || in.Press != nil
		if in.Kind == crm.InTimeout {
			continue
		}
		g.inChannels, g.inChats = append(g.inChannels, p.channel), append(g.inChats, p.chat)
		g.refs, g.kinds = append(g.refs, in.Key), append(g.kinds, string(in.Kind))
		author, status := crm.ByPerson, "received"
		if in.Kind == crm.InSignal {
			author, g.signals = crm.BySystem, true
		}
		if in.Kind == crm.InOwn {
			author = crm.ByEmployee
		}
		if in.Kind == crm.InIgnored {
			status = "ignored"
		}
		g.authors, g.statuses = append(g.authors, string(author)), append(g.statuses, status)
		g.contents = append(g.contents, string(marshal(in)))
		key, sent := forgotten.marks(in)
		g.keys, g.sent = append(g.keys, key), append(g.sent, sent)
	}
	g.dedupe()
	slices.SortFunc(talks, func(a, b int) int { // one order of locking for all
		x, y := ins[a].Address, ins[b].Address
		if c := strings.Compare(x.Channel, y.Channel); c != 0 {
			return c
		}
		return strings.Compare(x.Chat, y.Chat)
	})
	for _, i := range talks {
		in := ins[i]
		g.talkChannels, g.talkChats = append(g.talkChannels, in.Address.Channel), append(g.talkChats, in.Address.Chat)
	}
	for _, in := range ins { // each of them: the first may be of before the chat was forgotten, and the second not
		if strange(in.Address) {
			g.newChannels, g.newChats = append(g.newChannels, in.Address.Channel), append(g.newChats, in.Address.Chat)
			g.newGroups, g.newTitles = append(g.newGroups, in.Group), append(g.newTitles, in.Title)
			key, sent := forgotten.marks(in)
			if !acquaints(in.Kind) {
				sent = nil
			}
			g.newChatKeys, g.newKeys, g.newSent = append(g.newChatKeys, forgotten.chat(in.Address)), append(g.newKeys, key), append(g.newSent, sent)
		}
	}
	return g
}

// dedupe drops inputs that stand twice in one group: one statement may not meet a row twice.
func (g *gathered) dedupe() {
	type key struct{ channel, chat, ref string }
	seen := make(map[key]bool, len(g.refs))
	n := 0
	for i, ref := range g.refs {
		k := key{g.inChannels[i], g.inChats[i], ref}
		if seen[k] {
			continue
		}
		seen[k] = true
		g.inChannels[n], g.inChats[n], g.refs[n] = g.inChannels[i], g.inChats[i], ref
		g.authors[n], g.kinds[n], g.statuses[n], g.contents[n] = g.authors[i], g.kinds[i], g.statuses[i], g.contents[i]
		g.keys[n], g.sent[n] = g.keys[i], g.sent[i]
		n++
	}
	g.inChannels, g.inChats, g.refs, g.authors = g.inChannels[:n], g.inChats[:n], g.refs[:n], g.authors[:n]
	g.kinds, g.statuses, g.contents = g.kinds[:n], g.statuses[:n], g.contents[:n]
	g.keys, g.sent = g.keys[:n], g.sent[:n]
}

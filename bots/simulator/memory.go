package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What people have on their phones can be kept in a folder: chats and people in one file, the bytes of each file beside it. Waiting
// updates, presses, faults and calls are of one run and are not kept.

// remembered is the file of chats and people.
type remembered struct {
	People    []UserView       `json:"people"`
	Chats     []rememberedChat `json:"chats"`
	Files     []rememberedFile `json:"files"`
	Menus     []rememberedMenu `json:"menus"`
	NextUser  int64            `json:"next_user"`
	NextGroup int64            `json:"next_group"`
	NextAlbum int64            `json:"next_album"`
	NextFile  int64            `json:"next_file"`
}

type rememberedChat struct {
	Chat       Chat             `json:"chat"`
	LastID     int64            `json:"last_id"`
	Messages   []Bubble         `json:"messages"`
	Lines      []string         `json:"lines"`
	Keyboard   *ReplyKeyboard   `json:"keyboard,omitempty"`
	ForceReply bool             `json:"force_reply,omitempty"`
	Pinned     []int64          `json:"pinned,omitempty"`
	Started    bool             `json:"started,omitempty"`
	BotStatus  string           `json:"bot_status"`
	Members    map[int64]string `json:"members,omitempty"`
	Topics     []Topic          `json:"topics,omitempty"`
	MovedTo    int64            `json:"moved_to,omitempty"`
	MenuButton []byte           `json:"menu_button,omitempty"`
}

type rememberedFile struct {
	ID       string   `json:"id"`
	Unique   string   `json:"unique"`
	Kind     string   `json:"kind"`
	Name     string   `json:"name,omitempty"`
	MIME     string   `json:"mime,omitempty"`
	Path     string   `json:"path"`
	Size     int64    `json:"size"`
	Width    int      `json:"width,omitempty"`
	Height   int      `json:"height,omitempty"`
	Duration int      `json:"duration,omitempty"`
	Sizes    []string `json:"sizes,omitempty"` // ids, smallest first
}

type rememberedMenu struct {
	Kind     string    `json:"kind"`
	Chat     int64     `json:"chat,omitempty"`
	User     int64     `json:"user,omitempty"`
	Language string    `json:"language,omitempty"`
	Commands []Command `json:"commands"`
}

const chatsFile = "chats.json"

// Keep writes what is on the phones into a folder, made if need be. It is written aside and put in place at once, so a crash leaves
// the state before or after.
func (s *Server) Keep(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the phones in %s: %w", dir, err)
	}
	s.mu.Lock()
	files := slices.Clone(s.files.order)
	kept, err := json.Marshal(s.remember())
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("keep the phones in %s: %w", dir, err)
	}
	for _, f := range files { // bytes never change: what is there is complete
		if _, err := os.Stat(filepath.Join(dir, f.id)); errors.Is(err, fs.ErrNotExist) {
			if err := putInPlace(filepath.Join(dir, f.id), f.data); err != nil {
				return err
			}
		}
	}
	return putInPlace(filepath.Join(dir, chatsFile), kept)
}

func putInPlace(name string, content []byte) error {
	err := os.WriteFile(name+".new", content, 0o600)
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return fmt.Errorf("keep the phones: %w", err)
	}
	return nil
}

func (s *Server) remember() remembered {
	m := remembered{NextUser: s.nextUser, NextGroup: s.nextGroup, NextAlbum: s.nextAlbum, NextFile: s.files.next}
	for _, id := range slices.Sorted(maps.Keys(s.people)) {
		m.People = append(m.People, s.people[id].view())
	}
	for _, id := range slices.Sorted(maps.Keys(s.chats)) {
		c := s.chats[id]
		k := rememberedChat{Chat: c.Chat, LastID: c.lastID, Lines: c.lines, Keyboard: c.keyboard, ForceReply: c.forceReply, Pinned: c.pinned,
			Started: c.started, BotStatus: c.botStatus, Members: c.members, MovedTo: c.movedTo, MenuButton: c.menu}
		for _, b := range c.bubbles {
			k.Messages = append(k.Messages, b.view())
		}
		for _, topic := range slices.Sorted(maps.Keys(c.topics)) {
			k.Topics = append(k.Topics, *c.topics[topic])
		}
		m.Chats = append(m.Chats, k)
	}
	for _, f := range s.files.order {
		k := rememberedFile{ID: f.id, Unique: f.unique, Kind: f.kind, Name: f.name, MIME: f.mime, Path: f.path, Size: f.size,
			Width: f.width, Height: f.height, Duration: f.duration}
		for _, size := range f.sizes {
			k.Sizes = append(k.Sizes, size.id)
		}
		m.Files = append(m.Files, k)
	}
	for key, commands := range s.profile.commands {
		m.Menus = append(m.Menus, rememberedMenu{Kind: key.kind, Chat: key.chat, User: key.user, Language: key.language, Commands: commands})
	}
	return m
}

// Recall puts onto the phones what Keep wrote. People who are there already keep their names. A folder without anything kept
// changes nothing; on any other error nothing is changed either.
func (s *Server) Recall(dir string) error {
	var m remembered
	kept, err := os.ReadFile(filepath.Join(dir, chatsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(kept, &m)
	}
	if err != nil {
		return fmt.Errorf("read the phones kept in %s: %w", dir, err)
	}
	contents := map[string][]byte{}
	for _, f := range m.Files {
		if contents[f.ID], err = os.ReadFile(filepath.Join(dir, filepath.Base(f.ID))); err != nil {
			return fmt.Errorf("read the phones kept in %s: %w", dir, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recall(&m, contents)
	s.changed("reset", 0, nil)
	return nil
}

func (s *Server) recall(m *remembered, contents map[string][]byte) {
	s.nextUser, s.nextGroup, s.nextAlbum = max(s.nextUser, m.NextUser), max(s.nextGroup, m.NextGroup), max(s.nextAlbum, m.NextAlbum)
	for _, u := range m.People {
		if s.people[u.ID] == nil {
			s.people[u.ID] = &person{User: u.User, phone: u.Phone, deactivated: u.Deactivated}
		}
		if u.Username != "" && s.people[u.ID].Username == u.Username {
			s.usernames[strings.ToLower(u.Username)] = u.ID
		}
	}
	for _, k := range m.Chats {
		s.chats[k.Chat.ID] = k.chat(s.opts.FirstID)
		if k.Chat.Username != "" && k.Chat.ID < 0 {
			s.usernames[strings.ToLower(k.Chat.Username)] = k.Chat.ID
		}
	}
	for _, k := range m.Files {
		f := &file{id: k.ID, unique: k.Unique, kind: k.Kind, name: k.Name, mime: k.MIME, path: k.Path, size: k.Size, width: k.Width,
			height: k.Height, duration: k.Duration, data: contents[k.ID]}
		for _, id := range k.Sizes {
			size := s.files.byID[id]
			if id == k.ID {
				size = f
			}
			if size != nil {
				f.sizes = append(f.sizes, size)
			}
		}
		s.files.byID[f.id], s.files.byPath[f.path] = f, f
		s.files.order, s.files.bytes = append(s.files.order, f), s.files.bytes+int64(len(f.data))
	}
	s.files.next = max(s.files.next, m.NextFile)
	for _, k := range m.Menus {
		s.profile.commands[commandKey{kind: k.Kind, chat: k.Chat, user: k.User, language: k.Language}] = k.Commands
	}
}

// chat is the chat as it was, with ids going on above those of any earlier server.
func (k *rememberedChat) chat(above int64) *chat {
	c := newChat(k.Chat)
	c.lastID, c.lines, c.keyboard, c.forceReply, c.pinned = max(k.LastID, above), k.Lines, k.Keyboard, k.ForceReply, k.Pinned
	c.started, c.botStatus, c.movedTo, c.menu = k.Started, cmp.Or(k.BotStatus, statusMember), k.MovedTo, k.MenuButton
	maps.Copy(c.members, k.Members)
	for _, topic := range k.Topics {
		c.topics[topic.ID] = &topic
	}
	for _, b := range k.Messages {
		kept := &bubble{msg: &b.Message, out: b.FromBot, deleted: b.Deleted, past: b.Past, reactions: b.Reactions}
		c.bubbles, c.byID[b.Message.ID] = append(c.bubbles, kept), kept
	}
	return c
}

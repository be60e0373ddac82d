package simulator

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// profile is what the bot says about itself: commands, menu button, name and descriptions.
type profile struct {
	commands map[commandKey][]Command
	texts    map[string]map[string]string // what ("name", "description", …) → language → text
	menu     json.RawMessage
}

// Command is one line of the bot's command menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// commandKey is a scope with a language ("" for all others).
type commandKey struct {
	kind       string
	chat, user int64
	language   string
}

func newProfile(name string) profile {
	return profile{
		commands: map[commandKey][]Command{},
		texts:    map[string]map[string]string{"name": {"": name}, "description": {}, "short_description": {}},
	}
}

// commandsFor gives the menu a person sees in the private chat: the narrowest scope wins, and within it the language.
func (p *profile) commandsFor(user int64, language string) []Command {
	for _, key := range []commandKey{{kind: "chat", chat: user}, {kind: "all_private_chats"}, {kind: "default"}} {
		for _, lang := range []string{language, ""} {
			key.language = lang
			if list := p.commands[key]; len(list) > 0 {
				return list
			}
		}
	}
	return nil
}

func getMe(s *Server, _ args) (any, *apiError) {
	return struct {
		User
		CanJoinGroups bool `json:"can_join_groups"`
		ReadsAll      bool `json:"can_read_all_group_messages"`
		Inline        bool `json:"supports_inline_queries"`
		Business      bool `json:"can_connect_to_business"`
		HasMainWebApp bool `json:"has_main_web_app"`
	}{User: s.bot, CanJoinGroups: true}, nil
}

func logOut(s *Server, _ args) (any, *apiError) {
	s.loggedOut = true
	return true, nil
}

func closeBot(*Server, args) (any, *apiError) { return true, nil }

// commandScope reads scope and language_code.
func commandScope(s *Server, a args) (commandKey, *apiError) {
	const bad = "can't parse BotCommandScope: "
	key := commandKey{kind: "default", language: a.str("language_code")}
	if key.language != "" && !isLanguage(key.language) {
		return key, badRequest("invalid language code specified")
	}
	var scope struct {
		Type string          `json:"type"`
		Chat json.RawMessage `json:"chat_id"`
		User int64           `json:"user_id"`
	}
	found, refused := a.decode("scope", "BotCommandScope", &scope)
	if refused != nil || !found {
		return key, refused
	}
	key.kind = scope.Type
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return key, nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return key, badRequest(bad + "Unsupported type specified")
	}
	id := string(scope.Chat)
	if text, err := strconv.Unquote(id); err == nil {
		id = text
	}
	if id == "" || id == "0" {
		return key, badRequest(bad + "Empty chat_id specified")
	}
	c, refused := s.readable(id)
	if refused != nil {
		return key, refused
	}
	key.chat = c.ID
	if scope.Type == "chat_member" {
		if key.user = scope.User; key.user <= 0 {
			return key, badRequest(bad + "Invalid user_id specified")
		}
	}
	if scope.Type != "chat" && !c.group() {
		return key, badRequest("can't use specified scope in private chats")
	}
	return key, nil
}

func isLanguage(code string) bool {
	return len(code) == 2 && code[0] >= 'a' && code[0] <= 'z' && code[1] >= 'a' && code[1] <= 'z'
}

func setMyCommands(s *Server, a args) (any, *apiError) {
	key, refused := commandScope(s, a)
	if refused != nil {
		return nil, refused
	}
	var list []Command
	if _, refused := a.decode("commands", "commands", &list); refused != nil {
		return nil, badRequest("can't parse commands JSON object")
	}
	if len(list) > 100 {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for i, c := range list {
		if len(c.Command) > 0 && c.Command[0] == '/' {
			list[i].Command = c.Command[1:]
		}
		if !isCommand(list[i].Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(c.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.profile.commands[key] = list
	s.changed("commands", key.chat, func() any { return list })
	return true, nil
}

// isCommand: 1 to 32 lower-case Latin letters, digits and underscores.
func isCommand(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isWordByte(c) || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return name != "" && len(name) <= 32
}

func getMyCommands(s *Server, a args) (any, *apiError) {
	key, refused := commandScope(s, a)
	if refused != nil {
		return nil, refused
	}
	if list := s.profile.commands[key]; list != nil {
		return list, nil
	}
	return []Command{}, nil
}

func deleteMyCommands(s *Server, a args) (any, *apiError) {
	key, refused := commandScope(s, a)
	if refused != nil {
		return nil, refused
	}
	delete(s.profile.commands, key)
	s.changed("commands", key.chat, nil)
	return true, nil
}

func setChatMenuButton(s *Server, a args) (any, *apiError) {
	button := json.RawMessage(a.str("menu_button"))
	if len(button) == 0 {
		button = json.RawMessage(`{"type":"default"}`)
	}
	var b struct {
		Type   string  `json:"type"`
		Text   string  `json:"text"`
		WebApp *WebApp `json:"web_app"`
	}
	if err := json.Unmarshal(button, &b); err != nil {
		return nil, badRequest("can't parse menu button JSON object")
	}
	switch {
	case b.Type == "default" || b.Type == "commands":
	case b.Type != "web_app":
		return nil, badRequest("can't parse menu button: MenuButton has unsupported type")
	case b.Text == "" || b.WebApp == nil || checkedURL(b.WebApp.URL) == "":
		return nil, badRequest("BUTTON_INVALID")
	}
	if a.str("chat_id") == "" {
		s.profile.menu = button
		return true, nil
	}
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	if !c.private() {
		return nil, badRequest("invalid chat_id specified")
	}
	c.menu = button
	s.changed("menu", c.ID, nil)
	return true, nil
}

func getChatMenuButton(s *Server, a args) (any, *apiError) {
	if a.str("chat_id") == "" {
		return s.menuButton(nil), nil
	}
	c, refused := s.readable(a.str("chat_id"))
	if refused != nil {
		return nil, refused
	}
	return s.menuButton(c), nil
}

func (s *Server) menuButton(c *chat) json.RawMessage {
	if c != nil && c.menu != nil {
		return c.menu
	}
	if s.profile.menu != nil {
		return s.profile.menu
	}
	return json.RawMessage(`{"type":"commands"}`)
}

func setProfileText(what, param string, limit int) func(*Server, args) (any, *apiError) {
	return func(s *Server, a args) (any, *apiError) {
		text, language := a.str(param), a.str("language_code")
		if language != "" && !isLanguage(language) {
			return nil, badRequest("invalid language code specified")
		}
		if utf8.RuneCountInString(text) > limit {
			return nil, badRequest("bot %s is too long", what)
		}
		s.profile.texts[what][language] = text
		if what == "name" && language == "" && text != "" {
			s.bot.FirstName = text
		}
		s.changed("profile", 0, nil)
		return true, nil
	}
}

func getProfileText(what, param string) func(*Server, args) (any, *apiError) {
	return func(s *Server, a args) (any, *apiError) {
		texts := s.profile.texts[what]
		text := texts[a.str("language_code")]
		if text == "" {
			text = texts[""]
		}
		return map[string]string{param: text}, nil
	}
}

package telegram

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// Scope says who sees a command menu.
type Scope string

// Scopes, from the widest; a narrower one hides the wider.
const (
	ScopeDefault Scope = "default"
	ScopePrivate Scope = "all_private_chats"
	ScopeGroups  Scope = "all_group_chats"
	ScopeChat    Scope = "chat" // one chat: see Menu.Chat
)

// Menu is the command menu of a scope in a language (two letters, empty: for everybody else). Without items it is removed, and
// the next wider one shows.
type Menu struct {
	Scope Scope
	Chat  string
	Lang  string
	Items []crm.MenuItem
}

// SetMenus sets command menus one after another and goes on when one fails; the error names every one that failed.
func (c *Channel) SetMenus(ctx context.Context, menus ...Menu) error {
	var problems []error
	for _, menu := range menus {
		if err := c.setMenu(ctx, menu); err != nil {
			problems = append(problems, c.outcome(fmt.Sprintf("set the menu of %s %s in %q", menu.Scope, menu.Chat, menu.Lang), err))
		}
	}
	return errors.Join(problems...)
}

func (c *Channel) setMenu(ctx context.Context, menu Menu) error {
	scope, err := scopeOf(menu)
	if err != nil {
		return err
	}
	commands, err := commandsOf(menu.Items)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if len(commands) == 0 {
		_, err = c.bot.DeleteMyCommands(ctx, &bot.DeleteMyCommandsParams{Scope: scope, LanguageCode: menu.Lang})
		return err
	}
	_, err = c.bot.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: commands, Scope: scope, LanguageCode: menu.Lang})
	return err
}

func scopeOf(menu Menu) (models.BotCommandScope, error) {
	switch menu.Scope {
	case ScopeDefault, "":
		return &models.BotCommandScopeDefault{}, nil
	case ScopePrivate:
		return &models.BotCommandScopeAllPrivateChats{}, nil
	case ScopeGroups:
		return &models.BotCommandScopeAllGroupChats{}, nil
	case ScopeChat:
		if chat, ok := chatID(menu.Chat); ok {
			return &models.BotCommandScopeChat{ChatID: chat}, nil
		}
	}
	return nil, bots.GiveUp("bad_address", fmt.Sprintf("a menu can't be shown to %s %q", menu.Scope, menu.Chat))
}

// commandsOf checks what Telegram would refuse as a whole for one bad line.
func commandsOf(items []crm.MenuItem) ([]models.BotCommand, error) {
	if len(items) > maxMenu {
		return nil, bots.GiveUp("menu", fmt.Sprintf("a menu has %d lines, the limit is %d", len(items), maxMenu))
	}
	commands := make([]models.BotCommand, len(items))
	for i, item := range items {
		if found, ok := bots.FindCommand("/" + item.Command); !ok || found != (bots.Command{Name: item.Command}) || item.Text == "" {
			return nil, bots.GiveUp("menu", fmt.Sprintf("menu line %d, %q: a command is a-z, 0-9 and _, at most 32, and has a text", i+1, item.Command))
		}
		commands[i] = models.BotCommand{Command: item.Command, Description: bots.Shorten(item.Text, maxMenuText)}
	}
	return commands, nil
}

package dialogs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// talkHelp is what Talk says about itself.
const talkHelp = `Write as the person would. A number presses the button with that number, [text] the button with that text.
  :photo  :album 2  :contact +7…  :sticker  :voice  :wait 24h    send something else, let time pass
  :asset 214 kind=machine name="Coffee machine" address="3rd floor"   set up a machine; then type 214 or /start m_214
  :lang en   :numbered   :buttons   :effects                     change the view
  :quit
`

// Talk holds a dialog of the kit over in and out, until in ends, ":quit" or ctx is done. dialog is the one to begin with, empty for
// home; lang a language of the kit, empty for the first. Nothing is stored. An error is of out or of ctx.
func Talk(ctx context.Context, kit *Kit, dialog, lang string, in io.Reader, out io.Writer) error {
	if dialog != "" && kit.Dialogs[dialog] == nil {
		return fmt.Errorf("kit %s has no dialog %q; it has %s", kit.Name, dialog, strings.Join(sortedKeys(kit.Dialogs), ", "))
	}
	p := newPlayer(kit)
	p.hidden = true
	if lang != "" {
		p.lang = kit.Texts.Match(lang)
	}
	opening := "/start"
	if dialog != "" && dialog != kit.Home {
		opening = "(signal " + dialog + ")"
	}
	if _, err := io.WriteString(out, talkHelp+p.reply(opening)+"> "); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := ctx.Err(); err != nil {
			return err
		}
		line := strings.TrimSpace(lines.Text())
		if line == ":quit" {
			return nil
		}
		if _, err := io.WriteString(out, p.command(line)+"> "); err != nil {
			return err
		}
	}
	return lines.Err()
}

// command runs a line typed in the terminal.
func (p *player) command(line string) string {
	helper, isHelper := strings.CutPrefix(line, ":")
	if line == "" {
		return ""
	}
	if !isHelper {
		if n, err := strconv.Atoi(line); err == nil && p.channel.Buttons && n >= 1 && n <= len(p.open()) {
			line = "[" + p.open()[n-1] + "]"
		}
		return p.reply(line)
	}
	name, rest, _ := strings.Cut(helper, " ")
	switch name {
	case "effects":
		p.hidden = !p.hidden
		return ""
	case "numbered", "buttons":
		p.channel = Capabilities{Buttons: name == "buttons", Contact: name == "buttons"}
		return ""
	case "asset":
		if err := p.scene(helper); err != nil {
			return "? " + err.Error() + "\n"
		}
		return ""
	case "lang":
		return p.reply("/lang " + rest)
	case "help":
		return talkHelp
	}
	return p.reply("(" + helper + ")")
}

// open are the texts of the buttons under the newest question.
func (p *player) open() []string {
	var texts []string
	for _, button := range p.shown {
		if strings.HasPrefix(button.Data, p.session.Nonce+":") {
			texts = append(texts, button.Text)
		}
	}
	return texts
}

func (p *player) reply(line string) string {
	said, err := p.do(line)
	if err != nil {
		return "? " + err.Error() + "\n"
	}
	return said
}

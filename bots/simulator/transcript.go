package simulator

import (
	"fmt"
	"strings"
)

// Transcript gives a talk as it reads in a play, one line for each thing that was said or done:
//
//	> /start m_7Q2                  a person writes
//	< Coffee machine No. 214.       the bot writes,
//	  What happened?                in more lines,
//	  [Took money] [Bad drink]      with these buttons
//	> [Took money]                  a person presses one
//	> (photo) look                  (photo), (album 2), (document act.pdf), (contact), (voice), (sticker 👍), …
//	< (edit) Received: No. 5512.    (edit), (deleted), (toast), (alert), (reaction 👀)
//	= topic Azamat                  what happens to the chat itself
//
// In groups a person's line starts with the name: "> Ann: hello".
func (s *Server) Transcript(chatID int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || len(c.lines) == 0 {
		return ""
	}
	return strings.Join(c.lines, "\n") + "\n"
}

func (c *chat) line(text string) { c.lines = append(c.lines, text) }

// say adds a message with its buttons; an album is one line, counted up as its photos come.
func (c *chat) say(who, what string, m *Message, reply *ReplyKeyboard) {
	prefix := who + " " + what
	if who == ">" && !c.private() && m.From != nil {
		prefix = who + " " + m.From.FirstName + ": " + what
	}
	if m.MediaGroupID != "" && what == "" && c.sayAlbum(prefix, m) {
		return
	}
	c.line(prefix + indent(oneLine(m)))
	if line := buttonLine(m.ReplyMarkup, reply); line != "" {
		c.line(line)
	}
}

func (c *chat) sayAlbum(prefix string, m *Message) bool {
	n := 0
	captions := ""
	for i := len(c.bubbles) - 1; i >= 0 && c.bubbles[i].msg.MediaGroupID == m.MediaGroupID; i-- {
		n++
		if text := c.bubbles[i].msg.Caption; text != "" {
			captions = " " + text
		}
	}
	line := fmt.Sprintf("%s(album %d)%s", prefix, n, indent(captions))
	if last := len(c.lines) - 1; n > 1 && last >= 0 && strings.HasPrefix(c.lines[last], prefix+"(album ") {
		c.lines[last] = line
		return true
	}
	c.line(line)
	return true
}

// indent sets further lines of a text under the first.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

// oneLine says what a message is: its text, or its kind in brackets with the caption.
func oneLine(m *Message) string {
	kind := ""
	switch {
	case m.Text != "":
		return m.Text
	case len(m.Photo) > 0:
		kind = "photo"
	case m.Animation != nil:
		kind = "animation"
	case m.Document != nil:
		kind = strings.TrimSpace("document " + m.Document.FileName)
	case m.Video != nil:
		kind = "video"
	case m.VideoNote != nil:
		kind = "video note"
	case m.Voice != nil:
		kind = "voice"
	case m.Audio != nil:
		kind = "audio"
	case m.Sticker != nil:
		kind = strings.TrimSpace("sticker " + m.Sticker.Emoji)
	case m.Contact != nil:
		kind = "contact"
		if m.From != nil && m.Contact.UserID != m.From.ID {
			kind = "contact of another"
		}
	case m.Venue != nil:
		kind = "venue " + m.Venue.Title
	case m.Location != nil:
		kind = fmt.Sprintf("location %.5f,%.5f", m.Location.Latitude, m.Location.Longitude)
	case m.Dice != nil:
		kind = fmt.Sprintf("dice %s %d", m.Dice.Emoji, m.Dice.Value)
	case m.Poll != nil:
		kind = "poll " + m.Poll.Question
	default:
		kind = "service message"
	}
	if m.Caption != "" {
		return "(" + kind + ") " + m.Caption
	}
	return "(" + kind + ")"
}

// buttonLine shows all buttons in one line, as a reader sees them.
func buttonLine(inline *InlineKeyboard, reply *ReplyKeyboard) string {
	var labels []string
	if inline != nil {
		for _, row := range inline.Rows {
			for _, b := range row {
				labels = append(labels, "["+b.Text+"]")
			}
		}
	}
	if reply != nil {
		for _, row := range reply.Rows {
			for _, b := range row {
				labels = append(labels, "["+b.Text+"]")
			}
		}
	}
	if labels == nil {
		return ""
	}
	return "  " + strings.Join(labels, " ")
}

package simulator

import (
	"fmt"
	"strings"
)

// ReadTranscript turns a recorded talk of a private chat back into what the person did, for Person.Do one by one;
// lines of the bot are left to the test to compare. The error names the line of a deed that needs more than its line
// says (edits, deletions, reactions).
func ReadTranscript(transcript string) ([]Action, error) {
	var deeds []Action
	mine := false // further lines belong to the last deed
	for i, line := range strings.Split(transcript, "\n") {
		switch text, isDeed := strings.CutPrefix(line, "> "); {
		case isDeed:
			a, err := readDeed(text)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			deeds, mine = append(deeds, a), true
		case line == "= blocked the bot":
			deeds, mine = append(deeds, Action{Do: "block"}), false
		case line == "= unblocked the bot":
			deeds, mine = append(deeds, Action{Do: "unblock"}), false
		case mine && strings.HasPrefix(line, "  "):
			last := &deeds[len(deeds)-1]
			if last.Do == "text" {
				last.Text += "\n" + line[2:]
			} else {
				last.Caption += "\n" + line[2:]
			}
		default:
			mine = false
		}
	}
	return deeds, nil
}

// readDeed reads one line without its mark.
func readDeed(text string) (Action, error) {
	if payload, ok := strings.CutPrefix(text, "/start"); ok && (payload == "" || payload[0] == ' ') {
		return Action{Do: "start", Text: strings.TrimSpace(payload)}, nil
	}
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return Action{Do: "press", Button: text[1 : len(text)-1]}, nil
	}
	inside, caption, ok := strings.Cut(strings.TrimPrefix(text, "("), ")")
	if !strings.HasPrefix(text, "(") || !ok {
		return Action{Do: "text", Text: text}, nil
	}
	kind, rest, _ := strings.Cut(inside, " ")
	a := Action{Do: kind, Caption: strings.TrimSpace(caption)}
	switch kind {
	case "photo", "voice", "audio", "animation":
	case "video":
		if rest == "note" {
			a.Do = "video_note"
		}
	case "document":
		a.FileName = rest
	case "sticker":
		a.Emoji = rest
	case "contact":
		if a.Own = rest == ""; !a.Own {
			a.Phone, a.FirstName = "77010000000", "Another"
		}
	case "album":
		n := 0
		if _, err := fmt.Sscan(rest, &n); err != nil || n < 2 || n > 10 {
			return a, fmt.Errorf("an album has 2 to 10 items, not %q", rest)
		}
		a.Items = make([]Item, n)
	case "location":
		if _, err := fmt.Sscanf(rest, "%f,%f", &a.Latitude, &a.Longitude); err != nil {
			return a, fmt.Errorf("a location reads (location 43.23895,76.88971), not %q", inside)
		}
	case "dice":
		if _, err := fmt.Sscan(rest, &a.Emoji, &a.Value); err != nil {
			return a, fmt.Errorf("a die reads (dice 🎲 6), not %q", inside)
		}
	default:
		return a, fmt.Errorf("%q can't be done again from its line alone", "("+inside+")")
	}
	return a, nil
}

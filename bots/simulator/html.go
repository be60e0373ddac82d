package simulator

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// htmlTags are the tags Telegram knows, with the entity each one makes; "a", "span" and "pre" need more than a name.
var htmlTags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler", "tg-spoiler": "spoiler",
	"tg-emoji": "custom_emoji", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}

// htmlParser turns parse_mode=HTML into plain text and entities, refusing in Telegram's words what Telegram refuses.
type htmlParser struct {
	src      string
	pos      int
	out      strings.Builder
	units    int // UTF-16 units written so far
	open     []openTag
	entities []Entity
}

type openTag struct {
	name       string
	attrs      map[string]string
	units, out int // where its text begins
}

// parseHTML gives the text without markup and its entities in order.
func parseHTML(src string) (string, []Entity, *apiError) {
	p := &htmlParser{src: src}
	for p.pos < len(src) {
		var refused *apiError
		switch c := src[p.pos]; {
		case c == '&':
			p.reference()
		case c != '<':
			p.plain()
		case strings.HasPrefix(src[p.pos:], "</"):
			refused = p.endTag()
		default:
			refused = p.startTag()
		}
		if refused != nil {
			return "", nil, refused
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, badEntities(`Can't find end tag corresponding to start tag "%s"`, p.open[n-1].name)
	}
	text := p.out.String()
	if !utf8.ValidString(text) {
		return "", nil, badRequest("strings must be encoded in UTF-8")
	}
	sortEntities(p.entities)
	return text, p.entities, nil
}

func badEntities(format string, a ...any) *apiError {
	return badRequest("can't parse entities: "+format, a...)
}

func (p *htmlParser) write(r rune, text string) {
	p.out.WriteString(text)
	p.units += max(1, utf16.RuneLen(r))
}

func (p *htmlParser) plain() {
	end := strings.IndexAny(p.src[p.pos:], "<&")
	if end < 0 {
		end = len(p.src) - p.pos
	}
	text := p.src[p.pos : p.pos+end]
	p.out.WriteString(text)
	p.units += utf16Len(text)
	p.pos += end
}

// reference reads &lt; &gt; &amp; &quot; and numbers; anything else stays as it is, which Telegram allows.
func (p *htmlParser) reference() {
	r, size := htmlReference(p.src[p.pos:])
	if size == 0 {
		r, size = '&', 1
	}
	p.write(r, string(r))
	p.pos += size
}

func htmlReference(s string) (rune, int) {
	end := 1
	if len(s) > 1 && s[1] == '#' {
		end = 2
	}
	start := end
	for end < len(s) && end < 12 && isWordByte(s[end]) && s[end] != '_' {
		end++
	}
	name, r := s[start:end], rune(0)
	if start == 2 {
		base := 10
		if hex, ok := strings.CutPrefix(name, "x"); ok {
			name, base = hex, 16
		}
		n, err := strconv.ParseUint(name, base, 21)
		if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return 0, 0
		}
		r = rune(n)
	} else {
		r = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"'}[name]
		if r == 0 {
			return 0, 0
		}
	}
	if end < len(s) && s[end] == ';' {
		end++
	}
	return r, end
}

func (p *htmlParser) startTag() *apiError {
	at := p.pos
	i := at + 1
	for i < len(p.src) && p.src[i] != '>' && !isSpaceByte(p.src[i]) {
		i++
	}
	if i == len(p.src) {
		return badEntities("Unclosed start tag at byte offset %d", at)
	}
	tag := openTag{name: strings.ToLower(p.src[at+1 : i]), units: p.units, out: p.out.Len()}
	if htmlTags[tag.name] == "" {
		return badEntities(`Unsupported start tag "%s" at byte offset %d`, tag.name, at)
	}
	p.pos = i
	var refused *apiError
	if tag.attrs, refused = p.attributes(tag.name, at); refused != nil {
		return refused
	}
	if tag.name == "span" && tag.attrs["class"] != "tg-spoiler" {
		return badEntities(`Tag "span" must have class "tg-spoiler" at byte offset %d`, at)
	}
	p.open = append(p.open, tag)
	return nil
}

// attributes reads up to and with the closing ">".
func (p *htmlParser) attributes(tag string, at int) (map[string]string, *apiError) {
	var attrs map[string]string
	unclosed := badEntities("Unclosed start tag at byte offset %d", at)
	for {
		p.skipSpace()
		if p.pos >= len(p.src) {
			return nil, unclosed
		}
		if p.src[p.pos] == '>' {
			p.pos++
			return attrs, nil
		}
		start := p.pos
		for p.pos < len(p.src) && !isSpaceByte(p.src[p.pos]) && p.src[p.pos] != '=' && p.src[p.pos] != '>' {
			p.pos++
		}
		name := strings.ToLower(p.src[start:p.pos])
		if name == "" {
			return nil, badEntities(`Empty attribute name in the tag "%s" at byte offset %d`, tag, at)
		}
		p.skipSpace()
		value := ""
		if p.pos < len(p.src) && p.src[p.pos] == '=' {
			p.pos++
			var refused *apiError
			if value, refused = p.attributeValue(unclosed); refused != nil {
				return nil, refused
			}
		} else if tag != "blockquote" || name != "expandable" {
			return nil, badEntities(`Expected equal sign in declaration of an attribute of the tag "%s" at byte offset %d`, tag, at)
		}
		if attrs == nil {
			attrs = map[string]string{}
		}
		attrs[name] = value
	}
}

func (p *htmlParser) attributeValue(unclosed *apiError) (string, *apiError) {
	p.skipSpace()
	if p.pos >= len(p.src) {
		return "", unclosed
	}
	quote, start := p.src[p.pos], p.pos
	if quote != '"' && quote != '\'' {
		for p.pos < len(p.src) && (isWordByte(p.src[p.pos]) && p.src[p.pos] != '_' || strings.IndexByte(".-", p.src[p.pos]) >= 0) {
			p.pos++
		}
		if p.pos < len(p.src) && !isSpaceByte(p.src[p.pos]) && p.src[p.pos] != '>' {
			return "", badEntities("Unexpected end of name token at byte offset %d", start)
		}
		return strings.ToLower(p.src[start:p.pos]), nil
	}
	var value strings.Builder
	for p.pos++; p.pos < len(p.src); p.pos++ {
		switch c := p.src[p.pos]; {
		case c == quote:
			p.pos++
			return value.String(), nil
		case c == '&':
			if r, size := htmlReference(p.src[p.pos:]); size > 0 {
				value.WriteRune(r)
				p.pos += size - 1
				continue
			}
			fallthrough
		default:
			value.WriteByte(c)
		}
	}
	return "", unclosed
}

func (p *htmlParser) skipSpace() {
	for p.pos < len(p.src) && isSpaceByte(p.src[p.pos]) {
		p.pos++
	}
}

func (p *htmlParser) endTag() *apiError {
	at := p.pos
	if len(p.open) == 0 {
		return badEntities("Unexpected end tag at byte offset %d", at)
	}
	end := strings.IndexByte(p.src[at:], '>')
	if end < 0 {
		return badEntities("Unclosed end tag at byte offset %d", at)
	}
	name := strings.ToLower(strings.TrimSpace(p.src[at+2 : at+end]))
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return badEntities(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, at, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	p.pos = at + end + 1
	if p.units == tag.units {
		return nil // empty markup makes no entity
	}
	return p.close(tag)
}

// close turns a finished tag into its entity.
func (p *htmlParser) close(tag openTag) *apiError {
	e := Entity{Type: htmlTags[tag.name], Offset: tag.units, Length: p.units - tag.units}
	switch tag.name {
	case "a":
		e.URL = tag.attrs["href"]
		if e.URL == "" {
			e.URL = p.out.String()[tag.out:]
		}
		if id, ok := strings.CutPrefix(e.URL, "tg://user?id="); ok {
			n, _ := strconv.ParseInt(id, 10, 64)
			e = Entity{Type: "text_mention", Offset: e.Offset, Length: e.Length, User: &User{ID: n}}
		} else if e.URL = checkedURL(e.URL); e.URL == "" {
			return nil // a bad link becomes plain text, silently, as in Telegram
		}
	case "tg-emoji":
		e.CustomEmojiID = tag.attrs["emoji-id"]
		if n, err := strconv.ParseInt(e.CustomEmojiID, 10, 64); err != nil || n == 0 {
			return badEntities("Invalid custom emoji identifier specified")
		}
	case "blockquote":
		if _, ok := tag.attrs["expandable"]; ok {
			e.Type = "expandable_blockquote"
		}
	case "pre":
		if n := len(p.entities); n > 0 {
			last := p.entities[n-1]
			if last.Type == "code" && last.Offset == e.Offset && last.Length == e.Length {
				p.entities = p.entities[:n-1]
				e.Language = last.Language
			}
		}
	case "code":
		e.Language, _ = strings.CutPrefix(tag.attrs["class"], "language-")
		if len(p.open) == 0 || p.open[len(p.open)-1].name != "pre" {
			e.Language = ""
		}
	}
	p.entities = append(p.entities, e)
	return nil
}

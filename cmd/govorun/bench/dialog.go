package bench

import (
	"strconv"
	"time"
)

// steps is how many messages of a person make a lead.
const steps = 6

// said is what the person sends at each step, as the rest of a message of the Bot API: the talk of the kit "lead", in words that
// other bots written for the same dialog understand as well.
func said(step int, message int64) string {
	switch step {
	case 0:
		return `"text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]`
	case 1:
		return `"text":"Ann Lee"`
	case 2:
		return `"text":"+79161234567"`
	case 3:
		return `"text":"Kazan"`
	case 4:
		n := strconv.FormatInt(message, 10)
		return `"photo":[{"file_id":"small` + n + `","file_unique_id":"s` + n + `","file_size":1234,"width":90,"height":67},` +
			`{"file_id":"large` + n + `","file_unique_id":"l` + n + `","file_size":93456,"width":800,"height":600}]`
	}
	return `"text":"yes"`
}

// update is what Telegram posts when a person sends a message in their private chat.
func update(id, chat int64, step int) []byte {
	n, who := strconv.FormatInt(id, 10), strconv.FormatInt(chat, 10)
	person := `"id":` + who + `,"first_name":"Ann","last_name":"Lee","username":"u` + who + `"`
	b := make([]byte, 0, 768)
	b = append(b, `{"update_id":`...)
	b = append(b, n...)
	b = append(b, `,"message":{"message_id":`...)
	b = append(b, n...)
	b = append(b, `,"from":{`+person+`,"is_bot":false,"language_code":"en"},"chat":{`+person+`,"type":"private"},"date":`...)
	b = strconv.AppendInt(b, time.Now().Unix(), 10)
	b = append(b, ',')
	b = append(b, said(step, id)...)
	return append(b, `}}`...)
}

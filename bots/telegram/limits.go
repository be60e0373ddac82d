package telegram

import "time"

// Limits of the Bot API, by its documentation and the source of its server.
const (
	maxText        = 4096     // UTF-16 units of a message
	maxCaption     = 1024     // UTF-16 units of a caption
	maxData        = 64       // bytes a button carries
	maxCopy        = 256      // UTF-16 units a button copies
	maxToast       = 200      // letters of an answer to a press
	maxStart       = 64       // letters of a deep link's payload
	maxAlbum       = 10       // parts of an album
	maxPhotoUpload = 10 << 20 // bytes; a larger photo goes as a file
	maxUpload      = 50 << 20 // bytes
	maxDownload    = 20 << 20 // bytes; the server refuses larger files
	maxBatch       = 100      // updates of one getUpdates
	maxMenu        = 100      // lines of a command menu
	maxMenuText    = 256      // letters of one
)

// Limits of our own.
const (
	maxBody   = 1 << 20  // bytes of a webhook's body; real ones are a few KB
	maxAnswer = 16 << 20 // bytes of an answer of the server: 100 updates are at most a few hundred KB
	maxName   = 256      // letters of a person's or a group's name; Telegram allows 64 + 1 + 64

	maxID    = 512 // letters of a file id or callback id
	maxTries = 20  // of an update that the inbox refuses without being away: over a minute
)

// Times.
const (
	longPoll       = 45 * time.Second // Telegram holds a poll at most 50
	callTimeout    = 20 * time.Second
	uploadTimeout  = 3 * time.Minute
	bodyTimeout    = 10 * time.Second // for a webhook's body: a slow sender holds nothing longer
	drainTime      = 10 * time.Second // for the inbox to finish when we stop
	confirmTimeout = 3 * time.Second  // for the last word to Telegram when we stop
	answerTimeout  = 5 * time.Second
	standbyPause   = 3 * time.Second // while another copy polls: Telegram asks for no more
	storeMin       = 200 * time.Millisecond
	storeMax       = 5 * time.Second
	networkMin     = 500 * time.Millisecond
	networkMax     = 30 * time.Second
	againMin       = 100 * time.Millisecond // before looking for new updates while a chat is slow
	againMax       = 500 * time.Millisecond
)

// Sizes of the pool that answers presses: bursts wait, and what would wait too long is not worth an answer.
const (
	answerQueue   = 1024
	answerWorkers = 8
)

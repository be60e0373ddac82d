package main

// settingTold describes a setting that is no flag: the environment variables with secrets, which no list of processes may show, and those for
// people who work on the program.
type settingTold struct{ name, about string }

// settingsTold lists them for the reference; a test finds what is missing.
func settingsTold() []settingTold {
	return []settingTold{
		{"GOVORUN_TELEGRAM_TOKEN", "The bot's token, as @BotFather gave it; `serve` needs it or a linked number."},
		{"GOVORUN_TELEGRAM_SECRET", "Proves that a post comes from Telegram: a webhook needs it, polling must not have it. `openssl rand -hex 32` makes one."},
		{"GOVORUN_KEYS", "Keys of secrets and files, the newest first; without it the file `keys` of the data folder. Several processes need the same."},
		{"GOVORUN_API_KEYS", "Keys of web forms and telephony, `site:KEY,calls:KEY`, for `POST /api/leads/…` and `/api/calls`."},
		{"GOVORUN_CLOCK", "How far the clock of this process is wrong (`5m`, `-1h`), beside simulated providers only; for `chaos`."},
		{"GOVORUN_PPROF", "Address on this machine at which profiles of a running `serve` are read; for developers."},
		{"GOVORUN_TEST_DATABASE_URL", "A superuser's address of a server on which the tests make and drop databases of their own; for developers."},
		{"GOVORUN_PGBIN", "Folder with `postgres` and `initdb`, when the private server is to use that one."},
	}
}

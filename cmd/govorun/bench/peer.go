package bench

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"govorun/crm/postgres"
)

// Bot is another bot that is measured beside the program: it holds the same dialog by webhook (POST /tg, secret s3cret).
type Bot struct {
	Name    string
	Command string // for the shell
}

// namePattern is a name in front of a command.
var namePattern = regexp.MustCompile(`^([\pL\pN._-]+)=(.+)$`)

// Bots reads what somebody wrote: NAME=COMMAND, a COMMAND without a name, or a folder, each of whose programs is a bot.
func Bots(written []string) ([]Bot, error) {
	var bots []Bot
	for _, text := range written {
		if info, err := os.Stat(text); err == nil && info.IsDir() {
			found, err := botsIn(text)
			if err != nil {
				return nil, err
			}
			bots = append(bots, found...)
			continue
		}
		if found := namePattern.FindStringSubmatch(text); found != nil {
			bots = append(bots, Bot{Name: found[1], Command: found[2]})
			continue
		}
		bots = append(bots, Bot{Name: "the other bot", Command: text})
	}
	names := map[string]bool{}
	for _, b := range bots {
		if names[b.Name] {
			return nil, fmt.Errorf("two other bots are called %q: name each, as in --against first='node first.cjs'", b.Name)
		}
		names[b.Name] = true
	}
	return bots, nil
}

// botsIn lists the programs of a folder, by name.
func botsIn(dir string) (bots []Bot, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for bots: %w", err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			path, err := filepath.Abs(filepath.Join(dir, entry.Name()))
			if err != nil {
				return nil, fmt.Errorf("look for bots: %w", err)
			}
			bots = append(bots, Bot{Name: entry.Name(), Command: "'" + path + "'"})
		}
	}
	if len(bots) == 0 {
		return nil, fmt.Errorf("the folder %s has no program that may be executed: chmod +x those that start a bot each", dir)
	}
	return bots, nil
}

// peer is a bot that runs.
type peer struct {
	*child
	driver *driver
}

// peerCell is one measurement of another bot.
type peerCell struct {
	Pace     pace
	Bot      float64 // CPU microseconds of a turn
	Postgres float64 // of the same server meanwhile; a server of its own counts as the bot
	Foreign  float64
}

// startPeer runs a bot and learns how it answers. It is told by its environment where to listen and whom to call, and is offered the
// database in which the program is measured, for tables of its own.
func startPeer(ctx context.Context, bot Bot, db *postgres.DB) (*peer, error) {
	api, address, err := startStubFor()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", "exec "+bot.Command)
	cmd.Env = append(os.Environ(), peerSettings(address, api.URL, db)...)
	c, err := launch(bot.Name, cmd)
	if err != nil {
		api.close()
		return nil, err
	}
	p := &peer{child: c, driver: newDriver(api, hook{address: address, path: hookPath, secret: hookSecret})}
	err = c.wait(ctx, 10*time.Millisecond, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	if err == nil {
		if err = p.driver.learn(ctx); err != nil && ctx.Err() == nil {
			err = c.trouble("is no bot that holds the dialog: " + err.Error())
		}
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// peerSettings are what a bot is told by its environment; those of the database are the usual ones of PostgreSQL's own programs.
func peerSettings(address, api string, db *postgres.DB) []string {
	_, port, _ := net.SplitHostPort(address) // the address is ours
	at := db.Pool.Config().ConnConfig
	set := []string{"PORT=" + port, "API=" + api, "PGHOST=" + at.Host, fmt.Sprint("PGPORT=", at.Port), "PGUSER=" + at.User, "PGDATABASE=" + at.Database}
	u := url.URL{Scheme: "postgres", User: url.User(at.User), Path: "/" + at.Database, RawQuery: url.Values{"host": {at.Host}, "port": {fmt.Sprint(at.Port)}}.Encode()}
	if at.Password != "" {
		u.User = url.UserPassword(at.User, at.Password)
		set = append(set, "PGPASSWORD="+at.Password)
	}
	return append(set, "DATABASE_URL="+u.String())
}

func (p *peer) stop() {
	p.child.stop()
	p.driver.stub.close()
}

// against measures another bot.
func (b *bench) against(ctx context.Context, p *peer, chats int) (m peerCell, err error) {
	m.Foreign, err = b.calmly(ctx, func() error {
		var before, after processes
		pace, err := p.driver.play(ctx, load{Chats: chats, Warm: b.Warm, Measure: b.Measure, Edge: func() { before, after = after, readProcesses() }})
		turns := max(1, float64(len(pace.Times)))
		m.Pace = pace
		m.Bot = micros(after.cpu(p.pid(), 0)-before.cpu(p.pid(), 0)) / turns
		m.Postgres = micros(after.cpu(b.postgres, 0)-before.cpu(b.postgres, 0)) / turns
		return err
	})
	if failure := p.driver.failure.Load(); err == nil && failure != nil {
		b.say("  the first trouble of a chat with %s: %v", p.name, *failure)
		p.driver.failure.Store(nil)
	}
	return m, err
}

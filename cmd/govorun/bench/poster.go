package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// poster posts updates as Telegram does, over one connection that is kept open. It writes HTTP by hand: the driver shares the
// processors with what it measures.
type poster struct {
	address string
	head    []byte // up to the value of Content-Length
	conn    net.Conn
	reader  *bufio.Reader
	buffer  []byte
}

// hook is where a bot listens.
type hook struct{ address, path, secret string }

func newPoster(h hook) *poster {
	return &poster{address: h.address, head: []byte("POST " + h.path + " HTTP/1.1\r\nHost: " + h.address +
		"\r\nContent-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: " + h.secret + "\r\nContent-Length: ")}
}

// post gives the status of the answer. A connection that the bot has closed is opened anew once.
func (p *poster) post(body []byte) (status int, err error) {
	for range 2 {
		if status, err = p.once(body); err == nil {
			return status, nil
		}
		p.close()
	}
	return 0, err
}

func (p *poster) once(body []byte) (int, error) {
	if p.conn == nil {
		conn, err := net.DialTimeout("tcp", p.address, 5*time.Second)
		if err != nil {
			return 0, fmt.Errorf("reach the bot: %w", err)
		}
		p.conn, p.reader = conn, bufio.NewReaderSize(conn, 1024)
	}
	p.buffer = append(p.buffer[:0], p.head...)
	p.buffer = strconv.AppendInt(p.buffer, int64(len(body)), 10)
	p.buffer = append(append(p.buffer, "\r\n\r\n"...), body...)
	if err := p.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, fmt.Errorf("post an update: %w", err)
	}
	if _, err := p.conn.Write(p.buffer); err != nil {
		return 0, fmt.Errorf("post an update: %w", err)
	}
	answer, err := http.ReadResponse(p.reader, nil)
	if err != nil {
		return 0, fmt.Errorf("read the bot's answer: %w", err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, fmt.Errorf("read the bot's answer: %w", err)
	}
	answer.Body.Close()
	if answer.Close {
		p.close()
	}
	return answer.StatusCode, nil
}

func (p *poster) close() {
	if p.conn != nil {
		p.conn.Close()
		p.conn = nil
	}
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// connectPatience is how long a given server may take to come up: a container beside ours starts about as fast as we do.
	connectPatience = 10 * time.Second
	// connectPause lies between two tries.
	connectPause = 100 * time.Millisecond
)

// Postgres' codes of the refusals that have a next step.
const (
	codeStartingUp      = "57P03"
	codeBadPassword     = "28P01"
	codeBadLogin        = "28000"
	codeNoSuchDatabase  = "3D000"
	codeTooManyClients  = "53300"
	codeDuplicateObject = "42710"
	codeUniqueViolation = "23505"
	codeForbidden       = "42501"
)

// patientConnect connects, trying again while the server is not there yet, and turns a refusal into a sentence.
func patientConnect(ctx context.Context, config *pgx.ConnConfig) (*pgx.Conn, error) {
	patient, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	for {
		conn, err := pgx.ConnectConfig(patient, config)
		if err == nil {
			return conn, nil
		}
		if !mayComeUp(err) {
			return nil, explain(config, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to database: %w", context.Cause(ctx))
		case <-patient.Done():
			return nil, explain(config, err)
		case <-time.After(connectPause):
		}
	}
}

// mayComeUp says whether the same try may work a moment later.
func mayComeUp(err error) bool {
	if code := codeOf(err); code != "" {
		return code == codeStartingUp || code == codeTooManyClients
	}
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNRESET)
}

// codeOf gives Postgres' code of an error, empty when the error is not the server's.
func codeOf(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// explain turns a failed connection into one sentence with the next step.
func explain(config *pgx.ConnConfig, err error) error {
	at := fmt.Sprintf("%s:%d", config.Host, config.Port)
	switch codeOf(err) {
	case codeBadPassword, codeBadLogin:
		return fmt.Errorf("the database at %s refuses user %s: correct user and password in DATABASE_URL (%w)", at, config.User, err)
	case codeNoSuchDatabase:
		return fmt.Errorf("there is no database %s at %s: create it (CREATE DATABASE %s) or correct DATABASE_URL", config.Database, at, config.Database)
	case codeStartingUp:
		return fmt.Errorf("the database at %s is still starting after %s: look into its log, then start again", at, connectPatience)
	case codeTooManyClients:
		return fmt.Errorf("the database at %s has no free connection: raise max_connections there or stop other programs", at)
	}
	if strings.Contains(err.Error(), "unsupported startup parameter") { // pgbouncer's words
		return fmt.Errorf("%w (%w)", errPooled, err)
	}
	var noHost *net.DNSError
	if errors.As(err, &noHost) {
		return fmt.Errorf("there is no host %s: correct DATABASE_URL, or unset it to use a private PostgreSQL", config.Host)
	}
	return fmt.Errorf("no database answers at %s: start it, correct DATABASE_URL, or unset it to use a private PostgreSQL (%w)", at, err)
}

// hiddenError is an error whose text shows no password.
type hiddenError struct {
	error
	text string
}

func (e hiddenError) Error() string { return e.text }
func (e hiddenError) Unwrap() error { return e.error }

// hidePassword takes the password of an address out of an error's text, wherever it came from.
func hidePassword(err error, url string) error {
	config, parseErr := pgconn.ParseConfig(url)
	if parseErr != nil || config.Password == "" || !strings.Contains(err.Error(), config.Password) {
		return err
	}
	return hiddenError{error: err, text: strings.ReplaceAll(err.Error(), config.Password, "xxxxx")}
}

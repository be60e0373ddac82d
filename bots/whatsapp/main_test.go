package whatsapp

import (
	"os"
	"testing"

	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

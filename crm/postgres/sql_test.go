package postgres_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"govorun/crm/postgres/pgtest"
)

// TestEverySQLConstantFitsTheSchema prepares each constant named sql… against the migrated schema, so that a renamed column
// is found here and not in a rare branch.
func TestEverySQLConstantFitsTheSchema(t *testing.T) {
	db := pgtest.New(t)
	conn, err := db.Pool.Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	constants := sqlConstants(t)
	for name, sql := range constants { // tables that others refer to
		if strings.HasPrefix(sql, "CREATE TEMP") {
			if _, err := conn.Exec(context.Background(), strings.ReplaceAll(sql, "ON COMMIT DROP", "")); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			delete(constants, name)
		}
	}
	for name, sql := range constants {
		if strings.Contains(sql, "%s") { // of one month, or of what came from a file for it
			whole := "messages"
			if strings.Contains(name, "Events") {
				whole = "events"
			}
			sql = strings.ReplaceAll(sql, "%s", whole+"_first")
			if _, err := conn.Exec(context.Background(), "DROP TABLE IF EXISTS came; CREATE TEMP TABLE came (LIKE "+whole+")"); err != nil {
				t.Fatal(err)
			}
		}
		for i, statement := range strings.Split(sql, ";\n") {
			if _, err := conn.Conn().Prepare(context.Background(), name+strconv.Itoa(i), statement); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if len(constants) < 30 {
		t.Fatalf("only %d SQL constants found: the test looks in the wrong place", len(constants))
	}
}

func sqlConstants(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if !strings.HasPrefix(name.Name, "sql") || i >= len(spec.Values) {
					continue
				}
				if literal, ok := spec.Values[i].(*ast.BasicLit); ok {
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					constants[name.Name] = text
				}
			}
			return true
		})
	}
	return constants
}

package dialogs

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"testing"
)

func TestADialogIsDrawn(t *testing.T) {
	kit := registration(t)
	for _, lang := range kit.Languages {
		g, err := kit.Graph("registration", lang)
		if err != nil {
			t.Fatal(err)
		}
		var svg, mermaid bytes.Buffer
		if err := errors.Join(g.SVG(&svg), g.Mermaid(&mermaid)); err != nil {
			t.Fatal(err)
		}
		os.WriteFile("/tmp/defs/"+lang+".svg", svg.Bytes(), 0o644)
		os.WriteFile("/tmp/defs/"+lang+".mmd", mermaid.Bytes(), 0o644)
		d := xml.NewDecoder(&svg)
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

package dialogs

import (
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"
)

// reader reads one file of a kit into the draft.
type reader struct {
	*draft
	file string
	fits bool // the file has the shape it should have
}

func (r *reader) at(n *yaml.Node) place { return place{r.file, n.Line, n.Column} }

func (r *reader) report(n *yaml.Node, fix, what string, args ...any) {
	r.problems = append(r.problems, r.at(n).problem(fix, what, args...))
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,56}$`)

// name reads a name that the kit gives to something of its own.
func (r *reader) name(n *yaml.Node, noun string) string {
	if !namePattern.MatchString(n.Value) {
		r.report(n, "Write small Latin letters, digits and _, beginning with a letter, at most 57.", "“%s” is no name of %s", n.Value, noun)
	}
	return n.Value
}

// child gives the value of a key, nil when the node is no mapping or lacks it.
func child(n *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(n) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

// scalar gives a scalar as it was written, "" for nil and for everything else.
func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || isEmpty(n) {
		return ""
	}
	return n.Value
}

func isTrue(n *yaml.Node) bool { return scalar(n) == "true" }

func numberOf(n *yaml.Node) float64 {
	f, _ := strconv.ParseFloat(scalar(n), 64) // fit has reported what is no number
	return f
}

// spanOf gives a duration; the shape has reported what is none.
func spanOf(n *yaml.Node) time.Duration {
	d, _ := parseDuration(scalar(n))
	return d
}

// parseDuration reads 30m, 24h, 90s and, beyond the standard library, 3d.
func parseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n > 3650 || n < -3650 {
			return 0, fmt.Errorf("%q is no duration", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}

// pairs gives keys and values of a mapping, nothing for any other node.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Kind == yaml.ScalarNode && !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// elements gives the elements of a list, nothing for any other node.
func elements(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// scalars gives the scalars of a list as they were written.
func scalars(n *yaml.Node) []string {
	var result []string
	for _, item := range elements(n) {
		result = append(result, scalar(item))
	}
	return result
}

package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v4"

	"govorun/crm/postgres/cluster"
)

// deployed is a file that people deploy.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := operateFiles.ReadFile("operate/" + name)
	well(t, err)
	return string(text)
}

// figureNames are the metrics that the program tells, with those that a histogram adds.
func figureNames(t *testing.T) map[string]bool {
	t.Helper()
	all := make(chan *prometheus.Desc, 200)
	for _, c := range (&system{turned: newTurned()}).figures() {
		c.Describe(all)
	}
	close(all)
	names := map[string]bool{"up": true, "process_resident_memory_bytes": true, "process_cpu_seconds_total": true, "go_goroutines": true}
	inDesc := regexp.MustCompile(`fqName: "(\w+)"`)
	for d := range all {
		name := inDesc.FindStringSubmatch(d.String())[1]
		if names[name] {
			t.Errorf("%s is told twice", name)
		}
		names[name] = true
	}
	names["govorun_turn_duration_seconds_bucket"] = true
	return names
}

// inQuery finds names of metrics in a query.
var inQuery = regexp.MustCompile(`\b(?:govorun|process|go)_\w+|\bup\b`)

func TestCountersAreCalledTotalAndGaugesAreNot(t *testing.T) {
	t.Parallel()
	var counters, gauges []string
	for _, c := range (&system{turned: newTurned()}).figures() {
		all := make(chan *prometheus.Desc, 50)
		c.Describe(all)
		close(all)
		for d := range all {
			if strings.Contains(d.String(), `_total"`) {
				counters = append(counters, d.String())
			} else {
				gauges = append(gauges, d.String())
			}
		}
	}
	if len(counters) < 20 || len(gauges) < 20 {
		t.Errorf("%d counters and %d gauges", len(counters), len(gauges))
	}
	for _, f := range []family{outboxSent, outboxDead, telegramReceived, numberSent, poolTaken} {
		if f.kind != prometheus.CounterValue || !strings.Contains(f.desc.String(), `_total"`) {
			t.Errorf("%s is no counter, or not called one", f.desc)
		}
	}
}

func TestTheDashboardShowsOnlyFiguresThatThereAreAndAllOfThem(t *testing.T) {
	t.Parallel()
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	well(t, json.Unmarshal([]byte(deployed(t, "dashboard.json")), &board))
	names, used := figureNames(t), map[string]bool{}
	for _, p := range board.Panels {
		if p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			for _, name := range inQuery.FindAllString(target.Expr, -1) {
				if !names[name] {
					t.Errorf("panel %q asks for %s, which is not told", p.Title, name)
				}
				used[name] = true
			}
		}
	}
	for name := range names {
		if !used[name] && strings.HasPrefix(name, "govorun_") && name != "govorun_turn_duration_seconds" {
			t.Errorf("no panel shows %s", name)
		}
	}
}

func TestTheAlertsAskOnlyForFiguresThatThereAreAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	well(t, yaml.Unmarshal([]byte(deployed(t, "alerts.yaml")), &file))
	names, rules := figureNames(t), 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			rules++
			if r.Alert == "" || r.For == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
				t.Errorf("rule %q is not whole", r.Alert)
			}
			found := inQuery.FindAllString(r.Expr, -1)
			if len(found) == 0 {
				t.Errorf("rule %q asks for nothing", r.Alert)
			}
			for _, name := range found {
				if !names[name] {
					t.Errorf("rule %q asks for %s, which is not told", r.Alert, name)
				}
			}
		}
	}
	if rules < 10 {
		t.Errorf("only %d rules", rules)
	}
}

func TestTheUnitIsReadableByLineAndHardened(t *testing.T) {
	t.Parallel()
	section, set := "", map[string][]string{}
	for line := range strings.Lines(deployed(t, "govorun.service")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
			if !slices.Contains([]string{"Unit", "Service", "Install"}, section) {
				t.Errorf("there is no section %s", section)
			}
		default:
			key, value, ok := strings.Cut(line, "=")
			if !ok || section == "" || key != strings.TrimSpace(key) {
				t.Errorf("systemd does not understand %q", line)
			}
			set[section+"."+key] = append(set[section+"."+key], value)
		}
	}
	for key, want := range map[string]string{"Service.ExecStart": "/usr/local/bin/govorun serve", "Service.NoNewPrivileges": "yes", "Service.ProtectSystem": "strict",
		"Service.CapabilityBoundingSet": "", "Service.PrivateDevices": "yes", "Service.Restart": "on-failure", "Service.EnvironmentFile": "/etc/govorun.env",
		"Service.StateDirectory": "govorun", "Install.WantedBy": "multi-user.target"} {
		if !slices.Contains(set[key], want) {
			t.Errorf("%s is %q, not %q", key, set[key], want)
		}
	}
	if strings.Contains(deployed(t, "govorun.service"), "GOVORUN_TELEGRAM_TOKEN=1") {
		t.Error("there is a token in the unit")
	}
}

func TestTheImageIsBuiltAsTheGuideSaysWithoutRootAndSecrets(t *testing.T) {
	t.Parallel()
	image := deployed(t, "Dockerfile")
	for _, hidden := range []string{".git", "**/.env"} { // beside the Dockerfile, where a build looks first
		if !strings.Contains(deployed(t, "Dockerfile.dockerignore"), "\n"+hidden+"\n") {
			t.Errorf("a build sees %s", hidden)
		}
	}
	build := regexp.MustCompile(`CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o \S+ \./cmd/govorun`)
	to := regexp.MustCompile(`-o \S+`)
	if a, b := build.FindString(image), build.FindString(deployed(t, "README.md")); a == "" || to.ReplaceAllString(a, "") != to.ReplaceAllString(b, "") {
		t.Errorf("the image is built by %q, the guide says %q", a, b)
	}
	for _, line := range []string{"USER 65532:65532", `ENTRYPOINT ["/usr/local/bin/govorun"]`, `CMD ["serve"]`, "STOPSIGNAL SIGTERM"} {
		if !strings.Contains(image, line+"\n") {
			t.Errorf("the Dockerfile lacks %s", line)
		}
	}
	if secret := regexp.MustCompile(`(?i)^(ARG|ENV).*(TOKEN|SECRET|KEYS|PASSWORD)`).FindString(image); secret != "" {
		t.Errorf("a secret would lie in a layer: %s", secret)
	}
	last := image[strings.LastIndex(image, "\nFROM"):]
	if strings.Contains(last, "go build") || strings.Count(image, "FROM ") != 2 {
		t.Error("the image holds what built it")
	}
	module, _ := strings.CutPrefix(regexp.MustCompile(`(?m)^go \d+\.\d+`).FindString(textOf(t, "go.mod")), "go ")
	if !strings.Contains(image, "golang:"+module+"-") {
		t.Errorf("the image is not built by Go %s, which go.mod asks for", module)
	}
}

func TestTheComposeFileHasWhatServeNeeds(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Image       string
			Build       map[string]string
			Environment map[string]string
			Healthcheck struct{ Test []string }
			DependsOn   map[string]map[string]string `yaml:"depends_on"`
			Volumes     []string
		}
		Volumes map[string]any
	}
	well(t, yaml.Unmarshal([]byte(deployed(t, "compose.yaml")), &file))
	own, base := file.Services["govorun"], file.Services["postgres"]
	for _, name := range []string{"DATABASE_URL", "GOVORUN_TELEGRAM_TOKEN", "GOVORUN_KEYS"} {
		if value := own.Environment[name]; !strings.Contains(value, ":?") {
			t.Errorf("%s is %q: it must come from outside and be demanded", name, value)
		}
	}
	known := textOf(t, "cmd/govorun/settings.go") + textOf(t, "cmd/govorun/serve.go") + textOf(t, "cmd/govorun/keys.go")
	for name := range own.Environment {
		if !strings.Contains(known, name) {
			t.Errorf("there is no setting %s", name)
		}
	}
	// The image makes its user a superuser. The program works as a role of its own name then, which that user must leave free.
	user := base.Environment["POSTGRES_USER"]
	if user == "" || user == cluster.Role || !strings.HasPrefix(own.Environment["DATABASE_URL"], "postgres://"+user+":") || !slices.Contains(base.Healthcheck.Test, "--username="+user) {
		t.Errorf("the database's user is %q, the program connects to %q", user, own.Environment["DATABASE_URL"])
	}
	if own.DependsOn["postgres"]["condition"] != "service_healthy" || own.Build["dockerfile"] != "cmd/govorun/operate/Dockerfile" {
		t.Errorf("govorun is built by %v and depends on %v", own.Build, own.DependsOn)
	}
	if !slices.Equal(own.Healthcheck.Test, []string{"CMD", "/usr/local/bin/govorun", "ready"}) || len(base.Healthcheck.Test) == 0 {
		t.Errorf("health is checked by %v and %v", own.Healthcheck.Test, base.Healthcheck.Test)
	}
	for _, v := range slices.Concat(own.Volumes, base.Volumes) {
		if _, is := file.Volumes[strings.Split(v, ":")[0]]; !is {
			t.Errorf("volume %s is not declared", v)
		}
	}
}

func TestOperatePrintsEachOfItsFiles(t *testing.T) {
	t.Parallel()
	var list bytes.Buffer
	if code := run(t.Context(), []string{"operate"}, stdio{strings.NewReader(""), &list, &list}); code != exitOK {
		t.Fatalf("operate gave %d: %s", code, &list)
	}
	for name := range operateSays() {
		var out bytes.Buffer
		code := run(t.Context(), []string{"operate", name}, stdio{strings.NewReader(""), &out, &out})
		if code != exitOK || out.String() != deployed(t, name) || !strings.Contains(list.String(), name+" ") {
			t.Errorf("operate %s gave %d and %d bytes", name, code, out.Len())
		}
	}
	if lines := strings.Count(list.String(), "\n"); lines != len(operateSays()) {
		t.Errorf("%d files are listed, %d explained", lines, len(operateSays()))
	}
}

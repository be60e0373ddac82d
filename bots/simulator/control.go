package simulator

// The control API, served under /sim/ when Options.Control is set, on loopback hosts only. A request from a page of
// another origin is refused. Bodies and answers are JSON; a refusal is {"error":"what and why"} with 400 or 404.
// Everything here is also a Go method of Server, named in brackets.
//
//	POST   /sim/users          NewUser → UserView                                                  [AddUser]
//	POST   /sim/groups         NewGroup → {"id":-100…}                                             [AddGroup]
//	POST   /sim/do             Action → Done                                                       [Do]
//	                           as multipart/form-data: field "action" holds the Action, a part "file" its content, or
//	                           parts "file0", "file1", … those of Items
//	POST   /sim/updates?chat=  any JSON → {"ok":true}: a raw update                                [Inject]
//
//	GET    /sim/state          → State: people, chats, faults, seq                                 [State]
//	GET    /sim/chats/{id}     → ChatView: one chat as its people see it                           [View]
//	GET    /sim/chats/{id}/transcript → text                                                       [Transcript]
//	GET    /sim/calls?method=&after=  → [Call]: calls of the bot with seq above after, token masked [Calls]
//	GET    /sim/presses/{callback id} → Press                                                      [PressOf]
//	GET    /sim/files/{file id}       → the bytes                                                  [FileBytes]
//	GET    /sim/events         → server-sent events: first "hello" {"seq":N}, then Events            [Subscribe]
//
//	GET    /sim/wait?…&timeout_ms=5000 → the thing waited for, or 408                              [Wait…]
//	                           chat=…[&after=message id][&contains=words] → Message of the bot
//	                           press=callback id                          → Press, answered
//	                           method=…[&count=1]                         → [Call]
//	                           delivered=1                                → {"ok":true}: all updates are taken
//
//	GET    /sim/faults         → [Fault]                                                           [Faults]
//	POST   /sim/faults         Fault → {"id":1}                                                    [AddFault]
//	DELETE /sim/faults/{id}    {"ok":true}; id 0 removes all                                       [RemoveFault]
//	PUT    /sim/limits         Limits or null → {"ok":true}                                        [SetLimits]
//	PUT    /sim/token          {"token":"…"} → {"ok":true}: the old one gets 401                   [SetToken]
//	POST   /sim/reset          → {"ok":true}                                                       [Reset]
//
// Examples:
//
//	POST /sim/users  {"first_name":"Ann","language_code":"ru","phone":"77071234567"}
//	  → {"id":5000000001,"is_bot":false,"first_name":"Ann","language_code":"ru","phone":"77071234567"}
//	POST /sim/groups {"title":"Operators","forum":true,"owner":5000000001,"members":[…],"bot_status":"administrator"}
//	POST /sim/do     {"do":"start","user":5000000001,"text":"m_7Q2"}
//	  → {"chat":5000000001,"message_id":1,"messages":[{…}]}
//	POST /sim/do     {"do":"press","user":5000000001,"button":"Took money"}   or "message_id" with "row","col" or "callback_data"
//	  → {"chat":5000000001,"message_id":2,"callback_id":"4100000000000000001"}
//	POST /sim/do     {"do":"photo","user":5000000001,"width":320,"height":240,"caption":"look"}
//	POST /sim/do     {"do":"album","user":5000000001,"items":[{},{"kind":"video"}],"torn":true}
//	POST /sim/do     {"do":"text","user":5000000001,"chat":-1002000000001,"thread":5,"text":"answer","reply_to":7}
//	POST /sim/faults {"kind":"too_many_requests","chat":5000000001,"retry_after":40,"times":1,"sticky":true}
//	POST /sim/faults {"kind":"drop_after","method":"sendMessage","times":1}
//	POST /sim/faults {"kind":"duplicate","update":"message","probability":0.2}
//	GET  /sim/events → data: {"seq":7,"at":"…","kind":"message","chat":5000000001,"data":{"message":{…},"from_bot":true}}
//
// Shapes: NewUser, NewGroup, Action, Item, Done, Message, Bubble, ChatView, State, Call, Press, Event, Fault, Limits
// carry their JSON names in their types.

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// controlRoutes are the deeds; controlReads adds what only looks.
func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sim/users", s.controlUser)
	mux.HandleFunc("POST /sim/groups", s.controlGroup)
	mux.HandleFunc("POST /sim/do", s.controlDo)
	mux.HandleFunc("POST /sim/updates", s.controlInject)
	mux.HandleFunc("GET /sim/faults", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Faults()) })
	mux.HandleFunc("POST /sim/faults", s.controlFault)
	mux.HandleFunc("DELETE /sim/faults/{id}", s.controlUnfault)
	mux.HandleFunc("PUT /sim/limits", s.controlLimits)
	mux.HandleFunc("PUT /sim/token", s.controlToken)
	mux.HandleFunc("POST /sim/reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		done(w)
	})
	s.controlReads(mux)
	return localOnly(mux)
}

// localOnly keeps other machines and other sites out: a web page elsewhere must not drive the simulator through
// somebody's browser, neither by a cross-site request nor by a name that resolves to this machine.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !isLoopback(strings.Trim(host, "[]")) {
			refuse(w, http.StatusForbidden, errors.New("the simulator answers on loopback addresses only"))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				refuse(w, http.StatusForbidden, errors.New("the simulator answers its own page only"))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func done(w http.ResponseWriter) { reply(w, map[string]bool{"ok": true}) }

func refuse(w http.ResponseWriter, code int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// accept reads the JSON body, strictly: a misspelt field is an error, not a zero.
func accept(w http.ResponseWriter, r *http.Request, dest any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*maxBodyBytes))
	d.DisallowUnknownFields()
	if err := d.Decode(dest); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

func (s *Server) controlUser(w http.ResponseWriter, r *http.Request) {
	var n NewUser
	if !accept(w, r, &n) {
		return
	}
	p, err := s.AddUser(n)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	s.mu.Lock()
	view := s.people[p.ID].view()
	s.mu.Unlock()
	reply(w, view)
}

func (s *Server) controlGroup(w http.ResponseWriter, r *http.Request) {
	var n NewGroup
	if !accept(w, r, &n) {
		return
	}
	id, err := s.AddGroup(n)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, map[string]int64{"id": id})
}

func (s *Server) controlDo(w http.ResponseWriter, r *http.Request) {
	var a Action
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := readAction(w, r, &a); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
	} else if !accept(w, r, &a) {
		return
	}
	result, err := s.Do(a)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, result)
}

// readAction reads an Action with its files from a form.
func readAction(w http.ResponseWriter, r *http.Request, a *Action) error {
	r.Body = http.MaxBytesReader(w, r.Body, 2*maxBodyBytes)
	form, err := r.MultipartReader()
	if err != nil {
		return err
	}
	files := map[string]Item{}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := readActionPart(part, a, files); err != nil {
			return err
		}
	}
	if f, ok := files["file"]; ok {
		a.Content, a.FileName, a.Mime = f.Content, f.FileName, f.Mime
	}
	for i := range a.Items {
		if f, ok := files["file"+strconv.Itoa(i)]; ok {
			f.Kind = a.Items[i].Kind
			a.Items[i] = f
		}
	}
	return nil
}

func readActionPart(part *multipart.Part, a *Action, files map[string]Item) error {
	data, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	if part.FormName() == "action" {
		return json.Unmarshal(data, a)
	}
	files[part.FormName()] = Item{Content: data, FileName: part.FileName(), Mime: part.Header.Get("Content-Type")}
	return nil
}

func (s *Server) controlInject(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err == nil {
		chat, _ := strconv.ParseInt(r.URL.Query().Get("chat"), 10, 64)
		err = s.Inject(raw, chat)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	done(w)
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !accept(w, r, &f) {
		return
	}
	if !f.known() {
		refuse(w, http.StatusBadRequest, errors.New("there is no fault of kind "+strconv.Quote(string(f.Kind))))
		return
	}
	reply(w, map[string]int{"id": s.AddFault(f)})
}

func (f Fault) known() bool {
	switch f.Kind {
	case TooMany, Blocked, Unauthorized, Conflict, ServerError, Refuse, DropBefore, DropAfter, Slow:
		return true
	}
	return f.ofUpdates()
}

func (s *Server) controlUnfault(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	s.RemoveFault(id)
	done(w)
}

func (s *Server) controlLimits(w http.ResponseWriter, r *http.Request) {
	var l *Limits
	if accept(w, r, &l) {
		s.SetLimits(l)
		done(w)
	}
}

func (s *Server) controlToken(w http.ResponseWriter, r *http.Request) {
	var t struct {
		Token string `json:"token"`
	}
	if accept(w, r, &t) {
		s.SetToken(t.Token)
		done(w)
	}
}

package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// apiError is a refusal in Telegram's words. It is sent as {"ok":false,"error_code":…,"description":…,"parameters":…}.
type apiError struct {
	Code       int
	Text       string
	RetryAfter int   // seconds; parameters.retry_after
	MigrateTo  int64 // parameters.migrate_to_chat_id
}

func (e *apiError) Error() string { return strconv.Itoa(e.Code) + " " + e.Text }

func badRequest(format string, a ...any) *apiError {
	if len(a) > 0 {
		format = fmt.Sprintf(format, a...)
	}
	return &apiError{Code: http.StatusBadRequest, Text: "Bad Request: " + format}
}

func forbidden(text string) *apiError {
	return &apiError{Code: http.StatusForbidden, Text: "Forbidden: " + text}
}

func tooManyRequests(seconds int) *apiError {
	return &apiError{
		Code: http.StatusTooManyRequests, RetryAfter: seconds,
		Text: "Too Many Requests: retry after " + strconv.Itoa(seconds),
	}
}

func (e *apiError) body() []byte {
	type parameters struct {
		MigrateTo  int64 `json:"migrate_to_chat_id,omitempty"`
		RetryAfter int   `json:"retry_after,omitempty"`
	}
	answer := struct {
		OK         bool        `json:"ok"`
		Code       int         `json:"error_code"`
		Text       string      `json:"description"`
		Parameters *parameters `json:"parameters,omitempty"`
	}{Code: e.Code, Text: e.Text}
	if e.MigrateTo != 0 || e.RetryAfter != 0 {
		answer.Parameters = &parameters{e.MigrateTo, e.RetryAfter}
	}
	b, _ := json.Marshal(answer)
	return b
}

func writeError(w http.ResponseWriter, e *apiError) {
	w.Header().Set("Content-Type", "application/json")
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	w.WriteHeader(e.Code)
	_, _ = w.Write(e.body())
}

func writeResult(w http.ResponseWriter, result []byte) {
	w.Header().Set("Content-Type", "application/json")
	body := make([]byte, 0, len(result)+24)
	body = append(body, `{"ok":true,"result":`...)
	body = append(body, result...)
	_, _ = w.Write(append(body, '}'))
}

package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"e2etap/internal/traffic"
)

// refuse answers a request that is not forwarded, in the API server's way, so that clients print the message.
func (x *exchange) refuse(w http.ResponseWriter, code int, reason metav1.StatusReason, message string) {
	message = "e2etap: " + message
	body, err := json.Marshal(metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Message: message, Reason: reason, Code: int32(code),
	})
	if err != nil {
		panic(err) // a Status of strings can be written
	}
	x.q.Status, x.q.ResponseContentType = code, "application/json"
	x.out.Store(int64(len(body)))
	x.finish(traffic.Refused, message)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	w.Write(body)
}

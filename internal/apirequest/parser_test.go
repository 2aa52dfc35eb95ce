package apirequest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A Parser says what Parse says, of requests that it remembers, of others that took their place, and concurrently.
func TestParserSaysWhatParseSays(t *testing.T) {
	p := NewParser()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 4 * remembered {
				method := []string{"GET", "DELETE"}[i%2]
				path := fmt.Sprintf("/api/v1/namespaces/ns-%d/pods", i/2%(2*remembered))
				query := fmt.Sprintf("watch=%d&limit=%d", i%3, i%5)
				for range 2 {
					wantAPI, wantQuery := Parse(method, path, query)
					api, q := p.Parse(method, path, query)
					if d := cmp.Diff(wantAPI, api) + cmp.Diff(wantQuery, q); d != "" {
						t.Errorf("%s %s?%s (-want +got):\n%s", method, path, query, d)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkParse(b *testing.B) {
	const path, query = "/api/v1/namespaces/default/pods", "limit=500&labelSelector=a%3Db"
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			Parse("GET", path, query)
		}
	})
	p := NewParser()
	b.Run("remembered", func(b *testing.B) {
		for b.Loop() {
			p.Parse("GET", path, query)
		}
	})
}

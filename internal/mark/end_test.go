package mark

import (
	"net"
	"net/http"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

func TestEndWaitsForMarksInFlight(t *testing.T) {
	arrived, release := make(chan bool), make(chan bool)
	w := newWorld(t, func(c *Config) {
		c.Mark = func(string, *traffic.Process, time.Time) { arrived <- true; <-release }
	})
	answer := make(chan int, 1)
	go func() {
		status, _, _ := ask(http.MethodGet, w.url("?test=x"), "", nil)
		answer <- status
	}()
	<-arrived
	w.cancel()
	eventually(t, "the port is closed", func() bool {
		c, err := net.Dial("tcp", w.listener.Addr().String())
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	select {
	case err := <-w.ended:
		t.Fatalf("Run returned %v before the mark was taken", err)
	default:
	}
	close(release)
	if status := <-answer; status != http.StatusNoContent {
		t.Errorf("answer %d, want 204", status)
	}
}

func TestConnectionsWithoutARequestDoNotHoldTheEnd(t *testing.T) {
	w := newWorld(t, nil)
	c, err := net.Dial("tcp", w.listener.Addr().String())
	must(t, err)
	defer c.Close()
	start := time.Now()
	w.stop()
	if d := time.Since(start); d > 3*time.Second { // Shutdown alone takes 5
		t.Errorf("the end took %v", d)
	}
}

func TestServerThatNeverRanGivesItsPortBack(t *testing.T) {
	s, err := Listen(Config{})
	must(t, err)
	must(t, s.Close())
	l, err := net.Listen("tcp", s.listener.Addr().String())
	must(t, err)
	l.Close()
}

package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"e2etap/internal/db"
	"e2etap/internal/view"
)

// smallRun is how many requests a run has at most whose file keeps exact times and the names of objects.
const smallRun = 50_000

// Write writes a run as one HTML file. It reads the requests one after the other and keeps those of one test. Tick is called for each.
// Diff compares the run with another; nil if there is none.
func Write(w io.Writer, r *db.Reader, info db.RunInfo, diff *view.Diff, tick func()) error {
	f := &file{w: bufio.NewWriterSize(w, 1<<16)}
	script, style := Script(), Style()
	f.text(head(info.Name+" · e2etap", policy(script, style)), "<style>", string(style), "</style>\n", body)
	if err := f.data(r, info, diff, tick); err != nil {
		return err
	}
	f.text(`<script type="module">`, string(script), "</script>\n</body>\n</html>\n")
	if f.err != nil {
		return fmt.Errorf("write the file: %w", f.err)
	}
	return f.w.Flush()
}

// file is an HTML file that is being written. The first error stays.
type file struct {
	w   *bufio.Writer
	err error
}

func (f *file) text(parts ...string) {
	for _, s := range parts {
		if f.err == nil {
			_, f.err = f.w.WriteString(s)
		}
	}
}

func (f *file) data(r *db.Reader, info db.RunInfo, diff *view.Diff, tick func()) error {
	endpoints, clock := view.NewIndex(), view.NewClock(info.Start)
	chunks, err := f.requests(r, info, endpoints, func(p *db.Point) {
		clock.Add(p)
		tick()
	})
	if err != nil {
		return err
	}
	model, err := view.Load(r, info, endpoints, chunks)
	if err != nil {
		return err
	}
	unattributed, err := view.LoadUnattributed(r, info)
	if err != nil {
		return err
	}
	operations, err := view.LoadOperations(r, info, endpoints)
	if err != nil {
		return err
	}
	audited, err := view.LoadAudited(r, info)
	if err != nil {
		return err
	}
	if diff != nil {
		if err := f.json("diff", diff); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		id    string
		value any
	}{{"model", model}, {"activity", clock.Activity()}, {"unattributed", unattributed}, {"audited", audited}, {"operations", operations}} {
		if err := f.json(part.id, part.value); err != nil {
			return err
		}
	}
	return nil
}

// json writes a block.
func (f *file) json(id string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return f.block(id, b)
}

// requests writes the requests of all tests and says which blocks are whose.
func (f *file) requests(r *db.Reader, info db.RunInfo, endpoints *view.Index, each func(*db.Point)) (map[string][]int, error) {
	small := info.Requests <= smallRun
	chunks, n := map[string][]int{}, 0
	blocks := f.startBlocks()
	err := view.EachTest(r, info, endpoints, view.Detail{Exact: small, Names: small}, each, func(c *view.Columns) error {
		p := blocks.buffer()
		if err := p.Pack(c); err != nil {
			return err
		}
		chunks[c.Test] = append(chunks[c.Test], n)
		blocks.add("r"+strconv.Itoa(n), p)
		n++
		return nil
	})
	if ended := blocks.end(); err == nil {
		err = ended
	}
	return chunks, err
}

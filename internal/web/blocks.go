package web

import (
	"encoding/base64"
	"errors"

	"github.com/klauspost/compress/gzip"

	"e2etap/internal/view"
)

// block writes data as an element that the application finds by its ID.
// Each part is compressed by itself.
func (f *file) block(id string, parts ...[]byte) error {
	f.text(`<script type="application/octet-stream" id="`, id, `">`)
	encoded := base64.NewEncoder(base64.StdEncoding, f.w)
	packed, err := gzip.NewWriterLevel(encoded, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, part := range parts {
		_, wrong := packed.Write(part)
		err = errors.Join(err, wrong, packed.Flush())
	}
	if err = errors.Join(err, packed.Close(), encoded.Close()); err != nil {
		return err
	}
	f.text("</script>\n")
	return f.err
}

// blocks packs and writes beside who makes the data, in the order they come.
type blocks struct {
	next  chan namedBlock
	free  chan *view.Packed
	ended chan error
}

type namedBlock struct {
	id   string
	data *view.Packed
}

// startBlocks begins. Nothing else may write to the file until end has returned.
func (f *file) startBlocks() *blocks {
	b := &blocks{make(chan namedBlock, 1), make(chan *view.Packed, 2), make(chan error, 1)}
	go func() {
		var err error
		for block := range b.next {
			if err == nil {
				err = f.block(block.id, block.data.Parts()...)
			}
			select {
			case b.free <- block.data:
			default:
			}
		}
		b.ended <- err
	}()
	return b
}

// buffer returns one to pack into and to add.
func (b *blocks) buffer() *view.Packed {
	select {
	case used := <-b.free:
		return used
	default:
		return new(view.Packed)
	}
}

func (b *blocks) add(id string, data *view.Packed) { b.next <- namedBlock{id, data} }

// end waits until all is written.
func (b *blocks) end() error {
	close(b.next)
	return <-b.ended
}

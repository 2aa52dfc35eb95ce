package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// pendingFile is the file that records go to before they are in SQLite. It begins with a header (magic, generation), then
// come records: length of the body, checksum, body.
//
// The checksum covers the generation and the record's offset too. What an append that failed half-way or an
// earlier generation left behind the end is therefore never taken for a record, whatever a client put into it.
type pendingFile struct {
	f *os.File

	mu         sync.Mutex
	generation uint64
	end        int64 // where the next record goes

	// write is f.WriteAt; tests put faults in its place.
	write func([]byte, int64) (int, error)
}

const (
	pendingMagic  = "e2etapP1"
	pendingStart  = 16 // of the first record
	recordHeader  = 8
	maxRecordBody = 1 << 26
)

// ErrInUse means that another process records into the recording, or changes it: it holds the lock of the pending file.
var ErrInUse = errors.New("another process is recording into it")

func pendingPath(recording string) string { return recording + "-pending" }

// openPending opens and locks the pending file at path, and makes it if it is not there and make is set. It fails with
// [ErrInUse] while another process, or another recorder in this one, has it, and with fs.ErrNotExist. Who makes it waits a moment
// for it: a reader may be looking whether its recorder died.
func openPending(path string, create bool) (*pendingFile, error) {
	mode := os.O_RDWR
	if create {
		mode |= os.O_CREATE
	}
	for giveUp := time.Now().Add(lookWait); ; {
		f, err := os.OpenFile(path, mode, 0o600)
		if err != nil {
			return nil, err
		}
		if err := lockFile(f); err != nil {
			if err = errors.Join(err, f.Close()); !create || !errors.Is(err, ErrInUse) || time.Now().After(giveUp) {
				return nil, err
			}
			time.Sleep(lookWait / 50)
			continue
		}
		// The one who had the lock may have removed the file between our open and our lock.
		if !isAt(f, path) {
			f.Close()
			continue
		}
		p := &pendingFile{f: f, write: f.WriteAt}
		return p, p.readHeader()
	}
}

// lookWait is longer than a reader takes to look.
const lookWait = 500 * time.Millisecond

func isAt(f *os.File, path string) bool {
	there, err := os.Stat(path)
	if err != nil {
		return false
	}
	here, err := f.Stat()
	return err == nil && os.SameFile(here, there)
}

// readHeader learns the generation and takes the whole file for written. A file without a full header has no records.
func (p *pendingFile) readHeader() error {
	var h [pendingStart]byte
	switch _, err := p.f.ReadAt(h[:], 0); {
	case errors.Is(err, io.EOF):
		p.end = pendingStart
		return nil
	case err != nil:
		return fmt.Errorf("read pending file: %w", err)
	}
	if string(h[:8]) != pendingMagic {
		return fmt.Errorf("read pending file %s: it is not one\nhint: move this file away", p.f.Name())
	}
	info, err := p.f.Stat()
	if err != nil {
		return err
	}
	p.generation, p.end = binary.LittleEndian.Uint64(h[8:]), info.Size()
	return nil
}

// begin empties the file for a new generation.
func (p *pendingFile) begin(generation uint64) error {
	h := binary.LittleEndian.AppendUint64([]byte(pendingMagic), generation)
	if _, err := p.write(h, 0); err != nil {
		return fmt.Errorf("write pending file: %w", err)
	}
	p.generation, p.end = generation, pendingStart
	if err := p.f.Truncate(pendingStart); err != nil {
		return fmt.Errorf("truncate pending file: %w", err)
	}
	return nil
}

// append adds the record whose body is b[recordHeader:]; it fills in the first recordHeader bytes. When it returns nil, the
// record survives the death of the process. After an error, nothing was added.
func (p *pendingFile) append(b []byte) error {
	if len(b)-recordHeader > maxRecordBody {
		return fmt.Errorf("record of %d bytes, at most %d are possible", len(b)-recordHeader, maxRecordBody)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-recordHeader))
	p.mu.Lock()
	defer p.mu.Unlock()
	binary.LittleEndian.PutUint32(b[4:], checksum(p.generation, p.end, b[recordHeader:]))
	if _, err := p.write(b, p.end); err != nil {
		return fmt.Errorf("append to pending file: %w", err)
	}
	p.end += int64(len(b))
	return nil
}

// state returns the present generation and end.
func (p *pendingFile) state() (generation uint64, end int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.generation, p.end
}

// restart begins the next generation if all has been applied up to the end; state tells whether it did.
//
// Generations count up from a random number: the recording says which was applied last, and a file with the next
// number follows on it.
func (p *pendingFile) restart(applied int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if applied != p.end {
		return nil
	}
	return p.begin(p.generation + 1)
}

// remove deletes the file and then gives up the lock, so that nobody takes it for a dead recorder's.
func (p *pendingFile) remove() error { return errors.Join(os.Remove(p.f.Name()), p.f.Close()) }

func (p *pendingFile) close() error { return p.f.Close() }

// discard closes the file, and leaves it only if records wait in it.
func (p *pendingFile) discard() error {
	if p.end > pendingStart {
		return p.close()
	}
	return p.remove()
}

// newGeneration is a number that no other pending file has; it leaves room to count up, and fits SQLite's integers.
func newGeneration() uint64 { return rand.Uint64N(1<<62) + 1 }

package spec

// event takes what the Scanner tells.
func (l *logReader) event(e Event) {
	l.outdated = true
	switch e.Kind {
	case Started:
		if e.Key == l.scanner.ginkgo.key && l.scanner.ginkgo.running {
			l.running = l.begun()
			return
		}
		l.tests[e.Key] = &block{isTest: true}
	case Ended:
		l.end(e)
	}
}

// begun returns the block of a spec that has begun, with what is pending.
func (l *logReader) begun() *block {
	b := l.pending
	if b == nil {
		b = l.newBlock()
	}
	l.pending = nil
	return b
}

// newBlock returns an empty block of one of ginkgo's specs. In parallel runs each may be another process's.
func (l *logReader) newBlock() *block {
	b := &block{parallel: l.scanner.parallel}
	if !b.parallel {
		b.pid = l.pid
	}
	return b
}

func (l *logReader) end(e Event) {
	b := l.tests[e.Key]
	delete(l.tests, e.Key)
	switch {
	case b != nil:
	case e.Key == l.scanner.ginkgo.key && l.running != nil:
		b, l.running = l.running, nil
	case e.Spec.Location != "":
		b = l.begun()
		if l.last != nil {
			l.last.tell()
		}
		l.last, l.lastAt = b, l.scanner.ginkgo.delimiters
	default: // a point of TAP, or a test of go test that is printed only because it failed
		b = &block{isTest: true}
	}
	b.spec = e.Spec
	b.collected = l.collected
	l.stamped = l.stamped || !e.Spec.Start.IsZero() || !e.Spec.End.IsZero()
	l.blocks = append(l.blocks, b)
	if b != l.last {
		b.tell()
	}
}

// add gives a stamp to the specs that its line belongs to.
func (l *logReader) add(st stamp) {
	g := &l.scanner.ginkgo
	if g.state == deeps {
		if l.pending == nil {
			l.pending = l.newBlock()
		}
		l.pending.add(st)
		return
	}
	l.pending = nil
	if g.running && l.running == nil { // a block of version 1 in parallel, of which no beginning is told
		l.running = l.newBlock()
	}
	if l.outdated {
		l.current, l.outdated = l.owners(), false
	}
	for _, test := range l.current {
		test.add(st)
	}
	switch {
	case g.running:
		l.running.add(st)
	case l.last != nil && l.lastAt == g.delimiters:
		l.last.add(st)
	default:
		l.last = nil
		if st.kind == klogged {
			l.pid = st.pid
		}
	}
}

// owners returns the tests of go test that a line belongs to: the one that runs, and those that wait for it or for a ginkgo
// suite. If several run in parallel, the line does not tell whose it is.
func (l *logReader) owners() []*block {
	var list []*block
	runners := 0
	for _, t := range l.scanner.goTest.tests {
		b := l.tests[t.key]
		switch {
		case b == nil:
			continue
		case t.state == runs:
			runners++
		case t.state != waits:
			continue
		}
		list = append(list, b)
	}
	if runners > 1 {
		return nil
	}
	return list
}

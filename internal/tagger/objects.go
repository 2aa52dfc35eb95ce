package tagger

import (
	"time"

	"e2etap/internal/traffic"
)

// objects knows which test created which object, where the names of created objects are known: an audit log tells them, which
// are in the bodies of requests.
type objects map[object][]creation

// object is what a name stands for. A namespace is not in itself.
type object struct{ group, resource, namespace, name string }

// creation is one of an object that may be created again and again under the same name.
type creation struct {
	test string // "": nothing tells
	at   moment
}

func objectOf(a *traffic.API) object {
	if a.Group == "" && a.Resource == "namespaces" {
		return namespaceObject(a.Name)
	}
	return object{a.Group, a.Resource, a.Namespace, a.Name}
}

func namespaceObject(name string) object { return object{resource: "namespaces", name: name} }

// Created takes note that a request of a time created the object that it names, and of which test it is, "" for none. Creations are
// to be told in the order of their time, after all requests.
func (t *Tagger) Created(a *traffic.API, test string, at time.Time) {
	o := objectOf(a)
	if test == "" && len(t.objects[o]) == 0 || a.Name == "" {
		return
	}
	t.objects[o] = append(t.objects[o], creation{test, momentOf(at)})
}

// owner returns the test that had created an object last at a time, "" if that creation was of none; known is false if no creation is
// known until then. own is the test that the request of that time names, if its own creation is not to count; else "".
func (o objects) owner(k object, at moment, own string) (test string, known bool) {
	all := o[k]
	for i := len(all) - 1; i >= 0; i-- {
		c := &all[i]
		if c.at > at || own != "" && c.at == at && c.test == own {
			continue
		}
		return c.test, true
	}
	return "", false
}

// namespaceOwner returns the test that a request's namespace belongs to: the one that is known to have created it, none if something
// else did after that, and if no creation is known, the one that requests tell of. own is as in [objects.owner].
func (t *Tagger) namespaceOwner(q *traffic.Request, own string) string {
	if len(t.objects) > 0 {
		if test, known := t.objects.owner(namespaceObject(q.API.Namespace), momentOf(q.Start), own); known {
			return test
		}
	}
	return t.namespaces.owner(q, own)
}

// objectOwner returns the test that created the object that a request is for.
func (t *Tagger) objectOwner(q *traffic.Request, own string) string {
	if len(t.objects) == 0 || q.API.Name == "" {
		return ""
	}
	test, _ := t.objects.owner(objectOf(&q.API), momentOf(q.Start), own)
	return test
}

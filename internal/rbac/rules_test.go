package rbac

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// access reads "VERB GROUP:RESOURCE NAMESPACE NAME", where - stands for nothing, or "VERB /PATH".
func access(s string) Access {
	words := strings.Fields(s)
	if strings.HasPrefix(words[1], "/") {
		return Access{Verb: words[0], Path: words[1]}
	}
	words = append(words, "", "")
	for i, word := range words {
		if word == "-" {
			words[i] = ""
		}
	}
	group, resource, found := strings.Cut(words[1], ":")
	if !found {
		group, resource = "", group
	}
	resource, sub, _ := strings.Cut(resource, "/")
	a := Access{Verb: words[0], Group: group, Resource: resource, Subresource: sub, Name: words[3]}
	a.Namespace = words[2]
	return a
}

func accesses(lines ...string) (all []Access) {
	for _, l := range lines {
		all = append(all, access(l))
	}
	return all
}

// written writes rules, one a line.
func written(r Rules) (lines []string) {
	write := func(scope string, rules []Rule) {
		for _, rule := range rules {
			lines = append(lines, fmt.Sprintf("%s: %s %q %v%v %v", scope, strings.Join(rule.Verbs, ","), rule.APIGroups, rule.Resources,
				rule.NonResourceURLs, rule.ResourceNames))
		}
	}
	write("cluster", r.Cluster)
	for _, namespace := range []string{"a", "b"} {
		write(namespace, r.Namespaces[namespace])
	}
	return lines
}

func TestRules(t *testing.T) {
	names, wide := Options{ResourceNames: true}, Options{ClusterWide: true}
	for _, tt := range []struct {
		name    string
		options Options
		asked   []Access
		want    []string
	}{
		{"verbs of a resource share a rule", Options{}, accesses("list pods a", "get pods a x", "get pods a y"), []string{`a: get,list [""] [pods][] []`}},
		{"resources of a group share a rule if their verbs are the same", Options{},
			accesses("get pods a x", "get secrets a x", "get configmaps a x", "list configmaps a"),
			[]string{`a: get,list [""] [configmaps][] []`, `a: get [""] [pods secrets][] []`}},
		{"groups share a rule if resources and verbs are the same", Options{},
			accesses("get apps:deployments a x", "get extensions:deployments a x", "get extensions:ingresses b x"),
			[]string{`a: get ["apps" "extensions"] [deployments][] []`, `b: get ["extensions"] [ingresses][] []`}},
		{"groups do not share a rule if that allows more", Options{}, accesses("get apps:deployments a x", "get batch:jobs a x"),
			[]string{`a: get ["apps"] [deployments][] []`, `a: get ["batch"] [jobs][] []`}},
		{"a namespace's role has nothing that the cluster's has", Options{}, accesses("list pods", "list pods a", "watch pods a"),
			[]string{`cluster: list [""] [pods][] []`, `a: watch [""] [pods][] []`}},
		{"a namespace without more has no role", Options{}, accesses("list pods", "list pods a"), []string{`cluster: list [""] [pods][] []`}},
		{"paths are of the cluster, after resources", Options{}, accesses("get /version", "get /healthz", "get nodes - n", "head /x"),
			[]string{`cluster: get [""] [nodes][] []`, `cluster: get [] [][/healthz /version] []`, `cluster: head [] [][/x] []`}},
		{"subresources are resources", Options{}, accesses("create pods/exec a x"), []string{`a: create [""] [pods/exec][] []`}},
		{"all of the cluster", wide, accesses("get pods a x", "get pods b y"), []string{`cluster: get [""] [pods][] []`}},
		{"names", names, accesses("get pods a x", "get pods a y", "delete pods a x", "update pods a x", "get pods b z"),
			[]string{`a: delete,update [""] [pods][] [x]`, `a: get [""] [pods][] [x y]`, `b: get [""] [pods][] [z]`}},
		{"names do not narrow what is asked without one", names, accesses("list pods a x", "list pods a", "list pods a y", "watch pods a x"),
			[]string{`a: list [""] [pods][] []`, `a: watch [""] [pods][] [x]`}},
		{"names that the cluster's role has", names, accesses("get pods - x", "get pods a x", "get pods a y"),
			[]string{`cluster: get [""] [pods][] [x]`, `a: get [""] [pods][] [y]`}},
		{"nothing", Options{}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, leftOut := Make(tt.asked, tt.options)
			if diff := cmp.Diff(tt.want, written(got)); diff != "" || leftOut != nil {
				t.Errorf("left out %v, -want +got\n%s", leftOut, diff)
			}
		})
	}
}

// A star in a rule stands for everything: a client that asked for "*" in vain must not get that.
func TestWhatNoRuleCanAllowAloneIsLeftOut(t *testing.T) {
	bad := []Access{
		{Verb: "list", Resource: "*", Namespace: "a"},
		{Verb: "get", Resource: "pods", Subresource: "*", Name: "x"},
		{Verb: "list", Group: "*", Resource: "pods"},
		{Verb: "get", Path: "/logs/*"},
		{Verb: "get", Path: "*"},
		{Verb: "", Resource: "pods"},
		{Verb: "get"},
		{Verb: "list", Resource: "pods", Namespace: "no namespace"},
	}
	rules, leftOut := Make(append(accesses("get pods a x"), bad...), Options{ResourceNames: true})
	if diff := cmp.Diff(bad, leftOut); diff != "" {
		t.Errorf("left out, -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{`a: get [""] [pods][] [x]`}, written(rules)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// FuzzRulesAreTheLeast checks rules against RBAC's own way to evaluate them, over a small world of accesses: each of those asked is
// allowed, no other one is, and without any one element of any list something that was asked for is not.
func FuzzRulesAreTheLeast(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, false, false)
	f.Add([]byte{0, 1, 2, 3, 77, 78, 150, 151, 152, 200, 201, 202, 203}, true, false)
	f.Add([]byte{9, 13, 17, 60, 99, 120, 180, 240, 250, 255}, false, true)
	f.Fuzz(func(t *testing.T, numbers []byte, names, wide bool) {
		o := Options{ResourceNames: names, ClusterWide: wide}
		world := world(o)
		asked := map[Access]bool{}
		var list []Access
		for _, n := range numbers {
			a := world[(int(n)*7)%len(world)]
			asked[a] = true
			list = append(list, a)
		}
		rules, leftOut := Make(list, o)
		if len(leftOut) > 0 {
			t.Fatalf("left out: %v", leftOut)
		}
		for _, a := range world {
			if want := covered(asked, a); rules.allow(a) != want {
				t.Errorf("%+v: %v, want %v of\n%s", a, !want, want, strings.Join(written(rules), "\n"))
			}
		}
		slices.Reverse(list)
		if again, _ := Make(list, o); !cmp.Equal(rules, again) {
			t.Errorf("another order: %s", cmp.Diff(rules, again))
		}
		eachLess(rules, func(less Rules, without string) {
			for a := range asked {
				if !less.allow(a) {
					return
				}
			}
			t.Errorf("without %s all is allowed as well, of\n%s", without, strings.Join(written(rules), "\n"))
		})
	})
}

// world is all that may be asked for.
func world(o Options) (all []Access) {
	namespaces, names := []string{"", "a", "b"}, []string{""}
	if o.ClusterWide {
		namespaces = namespaces[:1]
	}
	if o.ResourceNames {
		names = []string{"", "x", "y"}
	}
	for _, namespace := range namespaces {
		for _, resource := range []string{"pods", "pods/exec", "apps:pods", "apps:deployments"} {
			for _, verb := range []string{"get", "list"} {
				for _, name := range names {
					a := access(verb + " " + resource)
					a.Namespace, a.Name = namespace, name
					all = append(all, a)
				}
			}
		}
	}
	return append(all, accesses("get /a", "get /b", "head /a")...)
}

// covered tells whether an access is asked for, or a wider one.
func covered(asked map[Access]bool, a Access) bool {
	for _, namespace := range []string{a.Namespace, ""} {
		for _, name := range []string{a.Name, ""} {
			wider := a
			wider.Namespace, wider.Name = namespace, name
			if asked[wider] {
				return true
			}
		}
	}
	return false
}

// allow evaluates rules as the API server does (Kubernetes, plugin/pkg/auth/authorizer/rbac, RuleAllows).
func (r Rules) allow(a Access) bool {
	rules := r.Cluster
	if a.Namespace != "" {
		rules = slices.Concat(rules, r.Namespaces[a.Namespace])
	}
	return slices.ContainsFunc(rules, func(rule Rule) bool {
		if !slices.Contains(rule.Verbs, a.Verb) {
			return false
		}
		if a.Resource == "" {
			return slices.Contains(rule.NonResourceURLs, a.Path)
		}
		return slices.Contains(rule.APIGroups, a.Group) && slices.Contains(rule.Resources, a.fullResource()) &&
			(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, a.Name))
	})
}

// eachLess calls do with rules that lack one element of one list. A list without any allows nothing, also one of names.
func eachLess(r Rules, do func(less Rules, without string)) {
	scopes := map[string][]Rule{"": r.Cluster}
	for namespace, rules := range r.Namespaces {
		scopes[namespace] = rules
	}
	for scope, rules := range scopes {
		for i := range rules {
			for j, list := range rules[i].lists() {
				for k := range list {
					changed := slices.Clone(rules)
					less := slices.Delete(slices.Clone(list), k, k+1)
					*[]*[]string{&changed[i].NonResourceURLs, &changed[i].APIGroups, &changed[i].Resources, &changed[i].ResourceNames, &changed[i].Verbs}[j] = less
					if len(less) == 0 {
						changed = slices.Delete(changed, i, i+1)
					}
					do(r.with(scope, changed), scope+" "+list[k])
				}
			}
		}
	}
}

func (r Rules) with(scope string, rules []Rule) Rules {
	if scope == "" {
		r.Cluster = rules
		return r
	}
	all := map[string][]Rule{scope: rules}
	for namespace, others := range r.Namespaces {
		if namespace != scope {
			all[namespace] = others
		}
	}
	r.Namespaces = all
	return r
}

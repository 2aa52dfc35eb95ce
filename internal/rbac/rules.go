package rbac

import (
	"fmt"
	"maps"
	"slices"
)

// Rule is a PolicyRule of rbac.authorization.k8s.io/v1: it allows each of its verbs for each of its resources of each of its groups,
// or for each of its paths.
type Rule struct {
	APIGroups       []string `json:"apiGroups,omitempty"`
	Resources       []string `json:"resources,omitempty"`
	ResourceNames   []string `json:"resourceNames,omitempty"`
	NonResourceURLs []string `json:"nonResourceURLs,omitempty"`
	Verbs           []string `json:"verbs"`
}

// Rules are what to allow in the whole cluster, and in each of some namespaces beyond that.
type Rules struct {
	Cluster    []Rule
	Namespaces map[string][]Rule
}

// Options says how precise rules are to be.
type Options struct {
	ClusterWide   bool // allow in all namespaces what was asked in one
	ResourceNames bool // allow for the objects only that were named
}

// Make returns the least rules, in one order, that allow all of the accesses: nothing is allowed that is not asked for, but for what
// the options say, and nothing twice. leftOut are those that no rule can allow without allowing more.
func Make(accesses []Access, o Options) (rules Rules, leftOut []Access) {
	scopes := map[string]grants{"": {}}
	for _, a := range accesses {
		if o.ClusterWide {
			a.Namespace = ""
		}
		if !o.ResourceNames {
			a.Name = ""
		}
		if !a.expressible() {
			leftOut = append(leftOut, a)
			continue
		}
		if scopes[a.Namespace] == nil {
			scopes[a.Namespace] = grants{}
		}
		scopes[a.Namespace].add(a)
	}
	cluster := scopes[""]
	delete(scopes, "")
	rules = Rules{Cluster: cluster.rules(), Namespaces: map[string][]Rule{}}
	for namespace, g := range scopes {
		g.subtract(cluster)
		if len(g) > 0 {
			rules.Namespaces[namespace] = g.rules()
		}
	}
	return rules, leftOut
}

// target is what verbs are for: a resource with its subresource, or a path.
type target struct{ group, resource, path string }

// right is a verb for a target.
type right struct {
	target
	verb string
}

// grants are the names of objects that rights are given for. The name "" stands for all.
type grants map[right]map[string]bool

func (g grants) add(a Access) {
	r := right{target{a.Group, a.fullResource(), ""}, a.Verb}
	if a.Resource == "" {
		r.target, a.Name = target{path: a.Path}, ""
	}
	if g[r] == nil {
		g[r] = map[string]bool{}
	}
	g[r][a.Name] = true
}

// subtract takes away what others give already.
func (g grants) subtract(others grants) {
	for r, names := range g {
		maps.DeleteFunc(names, func(name string, _ bool) bool { return others[r][name] || others[r][""] })
		if len(names) == 0 {
			delete(g, r)
		}
	}
}

// rules merges what can be merged without giving more: verbs for the same objects, then resources of a group for which they are the
// same, then groups for which both are; and paths with the same verbs.
func (g grants) rules() []Rule {
	var all []Rule
	for r, names := range g {
		rule := Rule{APIGroups: []string{r.group}, Resources: []string{r.resource}, Verbs: []string{r.verb}}
		if !names[""] {
			rule.ResourceNames = slices.Sorted(maps.Keys(names))
		}
		if r.resource == "" {
			rule = Rule{NonResourceURLs: []string{r.path}, Verbs: rule.Verbs}
		}
		all = append(all, rule)
	}
	for _, list := range []func(*Rule) *[]string{
		func(r *Rule) *[]string { return &r.Verbs },
		func(r *Rule) *[]string { return &r.Resources },
		func(r *Rule) *[]string { return &r.APIGroups },
		func(r *Rule) *[]string { return &r.NonResourceURLs },
	} {
		all = merge(all, list)
	}
	slices.SortFunc(all, compareRules)
	return all
}

// merge makes one rule of all that differ in one list only. Rules for resources and for paths always differ in more.
func merge(rules []Rule, list func(*Rule) *[]string) []Rule {
	byRest := map[string]*Rule{}
	for _, r := range rules {
		rest := r
		*list(&rest) = nil
		key := fmt.Sprintf("%q", rest.lists())
		if into := byRest[key]; into != nil {
			*list(into) = append(*list(into), *list(&r)...)
		} else {
			byRest[key] = &r
		}
	}
	merged := make([]Rule, 0, len(byRest))
	for _, r := range byRest {
		slices.Sort(*list(r))
		*list(r) = slices.Compact(*list(r))
		merged = append(merged, *r)
	}
	return merged
}

func (r *Rule) lists() [5][]string {
	return [...][]string{r.NonResourceURLs, r.APIGroups, r.Resources, r.ResourceNames, r.Verbs}
}

// compareRules orders rules for resources by group, resource, names and verbs, before those for paths.
func compareRules(a, b Rule) int {
	bLists := b.lists()
	for i, list := range a.lists() {
		if c := slices.Compare(list, bLists[i]); c != 0 {
			return c
		}
	}
	return 0
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/rbac"
)

// permissions are the flags of rbac.
type permissions struct {
	client, userAgent                                        string
	resourceNames, clusterWide, withoutDiscovery, authorized bool
	bindTo                                                   []string
}

func newRBAC(o *options) *cobra.Command {
	var p permissions
	cmd := &cobra.Command{
		Use: "rbac", Short: "Write the least RBAC roles that allow a test's or client's requests", Long: rbacLong, Example: rbacExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			marshal, err := o.objectFormat(cmd)
			var subjects []rbac.Subject
			if err == nil {
				subjects, err = p.check(cmd)
			}
			if err != nil {
				return cli.UsageError(err)
			}
			r, err := o.open(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			objects, err := o.roles(r, &p, cmd.Flags().Changed("test"), subjects, cmd.ErrOrStderr())
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
			return marshal(cmd.OutOrStdout(), objects)
		},
	}
	o.addRun(cmd, "the run: its name, latest, or all")
	o.addTest(cmd, `only this test, or those that match, as "report --help" says; "" for requests without one`)
	f := cmd.Flags()
	f.StringVar(&o.namespace, "namespace", "", "only requests in this namespace")
	f.StringVar(&p.client, "client", "", "only this program, such as kubectl: what stands before the User-Agent's first slash")
	f.StringVar(&p.userAgent, "user-agent", "", "only User-Agents that contain this")
	f.BoolVar(&p.authorized, "include-authorized", true, "count whatever authorization had let pass, such as 404 and 409; false: only what succeeded")
	f.BoolVar(&p.resourceNames, "resource-names", false, "allow for the objects only that were named")
	f.BoolVar(&p.clusterWide, "cluster-wide", false, "one ClusterRole for all namespaces in the place of Roles")
	f.BoolVar(&p.withoutDiscovery, "without-discovery", false, "leave out what the cluster roles of every user allow: discovery, version, reviews of oneself")
	f.StringArrayVar(&p.bindTo, "bind-to", nil, "bind the roles to serviceaccount:NAMESPACE/NAME, user:NAME or group:NAME; can be given again")
	return cmd
}

func (p *permissions) check(cmd *cobra.Command) (subjects []rbac.Subject, err error) {
	if p.client == "" && p.userAgent == "" && !cmd.Flags().Changed("test") {
		return nil, errors.New("nothing tells whose requests to allow: want --test, --client or --user-agent")
	}
	for _, to := range p.bindTo {
		s, err := rbac.ParseSubject(to)
		if err != nil {
			return nil, fmt.Errorf("--bind-to: %w", err)
		}
		subjects = append(subjects, s)
	}
	return subjects, nil
}

// roles returns what to write; nothing if no request is chosen, which stderr says.
func (o *options) roles(r *db.Reader, p *permissions, testGiven bool, subjects []rbac.Subject, stderr io.Writer) ([]rbac.Object, error) {
	q := question{filter: db.Filter{Namespace: o.namespace, Client: p.client, UserAgent: p.userAgent}}
	if testGiven {
		q.test = &o.test
	}
	var err error
	if q.filter.Runs, err = r.SelectRuns(o.run); err != nil {
		return nil, err
	}
	if err := q.chooseTests(r, stderr); err != nil {
		return nil, err
	}
	runs, err := o.chosenRuns(r)
	if err != nil {
		return nil, err
	}
	asked, err := p.read(r, q.filter, basePaths(runs))
	if err != nil {
		return nil, err
	}
	if len(asked.accesses) == 0 {
		fmt.Fprintln(stderr, "report: no requests to allow match")
		return nil, nil
	}
	rules, leftOut := rbac.Make(asked.accesses, rbac.Options{ClusterWide: p.clusterWide, ResourceNames: p.resourceNames})
	if n := len(rules.Namespaces); n > maxRoles {
		return nil, fmt.Errorf("the requests are in %d namespaces, want %d at most for a Role in each\nhint: pass --cluster-wide for one ClusterRole, or --namespace",
			n, maxRoles)
	}
	tellLimits(stderr, asked.accesses, leftOut)
	return rbac.Objects(rules, o.metadata(p, asked, runs, testGiven), subjects), nil
}

// tellLimits says what the roles lack.
func tellLimits(stderr io.Writer, accesses, leftOut []rbac.Access) {
	if len(leftOut) > 0 {
		fmt.Fprintf(stderr, "report: left out, since no rule allows them without allowing more: %d kinds of requests\n", len(leftOut))
	}
	for _, limit := range rbac.Limits(accesses) {
		fmt.Fprintln(stderr, "report: "+limit)
	}
}

// maxRoles is how many Roles somebody may want to read, and to have namespaces for.
const maxRoles = 10

// chosenAccesses is what chosen requests asked the API server's authorizer.
type chosenAccesses struct {
	accesses []rbac.Access
	tests    []string // whose they are
	requests int64
}

func (p *permissions) read(r *db.Reader, f db.Filter, bases []string) (asked chosenAccesses, err error) {
	allowed := rbac.Successful
	if p.authorized {
		allowed = rbac.Authorized
	}
	tests := map[string]bool{}
	err = r.Accesses(f, p.resourceNames, func(a *db.Access) error {
		access := rbac.Access{
			Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Namespace: a.Namespace, Name: a.Name,
			Path: belowBase(a.Path, bases),
		}
		if !allowed(a.Status) || p.withoutDiscovery && rbac.EveryoneMay(access) {
			return nil
		}
		asked.accesses = append(asked.accesses, rbac.Asked(access, a.Status)...)
		asked.requests += a.Requests
		if !tests[a.Test] {
			tests[a.Test] = true
			asked.tests = append(asked.tests, a.Test)
		}
		return nil
	})
	slices.Sort(asked.tests)
	return asked, err
}

// basePaths are the paths of the runs' servers, where they have one: "/k8s/clusters/c-1". What is there in front of the API server
// takes them off.
func basePaths(runs []db.RunInfo) (bases []string) {
	for _, run := range runs {
		if u, err := url.Parse(run.Server); err == nil && strings.Trim(u.Path, "/") != "" {
			bases = append(bases, strings.TrimSuffix(u.Path, "/"))
		}
	}
	return bases
}

func belowBase(path string, bases []string) string {
	for _, base := range bases {
		if rest, ok := strings.CutPrefix(path, base); ok && strings.HasPrefix(rest, "/") {
			return rest
		}
	}
	return path
}

// objectFormat is how to write objects: as YAML, or as a List in JSON.
func (o *options) objectFormat(cmd *cobra.Command) (func(io.Writer, []rbac.Object) error, error) {
	switch {
	case !cmd.Flags().Changed("output"), o.output == "yaml":
		return writeYAML, nil
	case o.output == "json":
		return writeJSONList, nil
	}
	return nil, fmt.Errorf("--output %q: want yaml or json", o.output)
}

func writeYAML(w io.Writer, objects []rbac.Object) error {
	for i := range objects {
		text, err := yaml.Marshal(&objects[i])
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "---\n%s", text); err != nil {
			return err
		}
	}
	return nil
}

func writeJSONList(w io.Writer, objects []rbac.Object) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		APIVersion string        `json:"apiVersion"`
		Kind       string        `json:"kind"`
		Items      []rbac.Object `json:"items"`
	}{"v1", "List", append([]rbac.Object{}, objects...)})
}

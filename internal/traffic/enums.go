package traffic

// The numbers of these types are stored in recordings: add at the end, never renumber.

// Source says what named a request's test. Sources lists them by strength.
type Source uint8

const (
	SourceNone        Source = iota // nothing did
	SourceHeader                    // an explicit E2e-Test header
	SourceUserAgent                 // the User-Agent, as the e2e framework writes it
	SourceEnvironment               // the variable E2E_TEST in the environment of the client's process
	SourceProcess                   // the spec that the client's process, or its nearest ancestor that has one, was running
	SourceNamespace                 // the only test that named itself in the request's namespace, which it had created
	SourceOutput                    // the only spec that was running, as the command's output tells
	SourceObject                    // the only test that had created the object that is asked for
	SourceAccount                   // the test that created the namespace of the client's service account
	SourceWindow                    // the only spec that was running by the clock, in a run that was made from an audit log
)

// SourceCount is how many there are, SourceNone included.
const SourceCount = int(SourceWindow) + 1

var sources = [SourceCount]string{
	"none", "header", "user-agent", "environment", "process", "namespace", "output", "object", "service-account", "time-window",
}

// Sources lists what can name a test, strongest first.
func Sources() []Source {
	return []Source{
		SourceHeader, SourceUserAgent, SourceEnvironment, SourceProcess, SourceAccount, SourceNamespace, SourceObject, SourceOutput,
		SourceWindow,
	}
}

// Role says what a request has to do with the tests of its run.
type Role uint8

const (
	RoleTest   Role = iota // a test's own client sent it, or the proxy took it for the run's
	RoleBehalf             // somebody else did, a controller or a pod, on behalf of a test
	RoleNoise              // it is the cluster's own: leases, nodes' status, informers, probes
	RoleOther              // nothing tells
)

var roles = [...]string{"test", "behalf", "noise", "other"}

func (r Role) String() string { return name(roles[:], uint8(r)) }

// The functions below return names in stored order: the name of value i is element i.

func SourceNames() []string      { return sources[:] }
func RoleNames() []string        { return roles[:] }
func OutcomeNames() []string     { return outcomes[:] }
func CredentialNames() []string  { return credentials[:] }
func WhyNames() []string         { return whys[:] }
func PhaseNames() []string       { return phases[:] }
func ToldNames() []string        { return tolds[:] }
func SpecOutcomeNames() []string { return specOutcomes[:] }

func (s Source) String() string { return name(sources[:], uint8(s)) }

// Outcome says how a request ended.
type Outcome uint8

const (
	Complete            Outcome = iota // the whole answer was read from the apiserver
	Open                               // it has not ended yet
	Unfinished                         // the recording ended before it did
	ClientAborted                      // the client left before the answer's end
	UpstreamAborted                    // the apiserver's answer broke off, or none came on an open connection
	UpstreamUnreachable                // no connection to the apiserver could be made
	Refused                            // the proxy answered by itself and forwarded nothing
)

var outcomes = [...]string{
	"complete", "open", "unfinished", "client aborted", "upstream aborted", "upstream unreachable", "refused",
}

func (o Outcome) String() string { return name(outcomes[:], uint8(o)) }

// Credential is the class of credential that a request came with, which decides how it is forwarded.
type Credential uint8

const (
	CredentialNone        Credential = iota // forwarded as anonymous
	CredentialRun                           // the run's own: forwarded with the original kubeconfig's user
	CredentialOther                         // another Authorization header: forwarded as it is
	CredentialCertificate                   // a client certificate of the cluster's CA: forwarded by impersonation
)

var credentials = [...]string{"none", "run", "authorization", "certificate"}

func (c Credential) String() string { return name(credentials[:], uint8(c)) }

// Why says what is known of a request that has no test.
type Why uint8

const (
	WhyTested         Why = iota // it has one
	WhySuite                     // it belongs to the suite as a whole: BeforeSuite, a client that was made outside of specs
	WhyBetween                   // its process ran specs, but none at that moment
	WhyBoundary                  // one spec had sent its last request and the next one not its first: either, or neither
	WhyNoSpec                    // nothing tells of a spec that its process, or an ancestor, was running
	WhyOutside                   // its process is not one of the command's, or not below one that runs specs
	WhyProcessUnknown            // its process is not known, and nothing else names a test
	WhyParallel                  // several specs were running where only one can be told
	WhyOutlived                  // it may be of a client that an earlier spec left behind
	WhyDisagree                  // its process ran one test, and its namespace is another's
)

var whys = [...]string{
	"", "suite", "between specs", "boundary of specs", "no spec known", "outside of the tests", "process unknown",
	"several specs running", "outlived its spec", "sources disagree",
}

func (w Why) String() string { return name(whys[:], uint8(w)) }

// Phase is the part of a spec that was running.
type Phase uint8

const (
	PhaseUnknown Phase = iota
	PhaseSetup         // BeforeEach, BeforeAll, JustBeforeEach
	PhaseBody          // It
	PhaseCleanup       // AfterEach, AfterAll, JustAfterEach, DeferCleanup
	PhaseAfter         // the spec had ended
	PhasePaused        // it did not run for a while: go test's parallel tests, and those that wait for a subtest
)

var phases = [...]string{"", "set-up", "body", "clean-up", "after", "paused"}

func (p Phase) String() string { return name(phases[:], uint8(p)) }

// Told says what told of a spec.
type Told uint8

const (
	ToldOutput  Told = iota // the command's output, as it was read
	ToldResults             // a file of results
	ToldMark                // a mark that a script sent
)

var tolds = [...]string{"output", "results", "mark"}

func (t Told) String() string { return name(tolds[:], uint8(t)) }

// SpecOutcome says how a spec ended.
type SpecOutcome uint8

const (
	SpecUnknown     SpecOutcome = iota // it has not ended, or nothing tells
	SpecPassed                         // after failed attempts, too
	SpecFailed                         // panicked and timed out specs among them
	SpecSkipped                        // by its own choice, or with --skip after it began
	SpecPending                        // marked as not to be run
	SpecInterrupted                    // the suite ended before it did
)

var specOutcomes = [...]string{"", "passed", "failed", "skipped", "pending", "interrupted"}

func (o SpecOutcome) String() string { return name(specOutcomes[:], uint8(o)) }

func name(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return "unknown"
}

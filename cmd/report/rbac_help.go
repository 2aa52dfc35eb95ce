package main

const rbacLong = `rbac writes the least roles with which the chosen requests are allowed again, for
"kubectl apply -f -". At least one of --test, --client and --user-agent chooses; several choose what
all of them choose.

Requests in a namespace make a Role in it, those of cluster-scoped resources, of all namespaces at
once, and of paths such as /version a ClusterRole. A Role has nothing that the ClusterRole has
already. A namespace itself is in its own, as the API server has it, but for list, watch and
create. A Role needs its namespace: tests' own are gone after a run and have other names in the
next, so that --cluster-wide, one ClusterRole for all of them, is what allows a test to run again.
With more than 10 namespaces it is needed.

What is counted: answers that show that authorization had let the request pass (statuses below
500, but not 401, 403 and 429, which is said before authorization, too). A client that gets 404
where it now waits for an object's end, or looks whether there is one before it creates it (kubectl
apply, kubectl delete), needs that right to work. --include-authorized=false counts only what
succeeded: 2xx, and 101 for what was upgraded.

Verbs are the API server's own. Two more rights are known from answers: create for a PATCH
(server-side apply) or PUT that made its object (201), and create for a GET of a pod's exec, attach
or portforward (by WebSocket; asked for since Kubernetes 1.35).

--resource-names allows for those objects only that were named: in the path, or by the field
selector metadata.name of a list or watch. What the API server does not know a name of when it
authorizes it is allowed for all: create (but of subresources such as exec, and by PATCH and PUT),
deletecollection, list and watch without that selector.

What every user may do by the cluster roles system:discovery, system:public-info-viewer and
system:basic-user stays in, so that the roles say all; --without-discovery leaves it out.

What requests do not show, and is not in the roles:
  - what writing roles and bindings needs: the rights that they give, or escalate and bind
  - approve, sign and attest for a signer, which certificates and trust bundles need
  - impersonate, of requests with Impersonate-… headers, which a recording does not have
  - update of finalizers that owner references need, where the API server checks that, use of what
    other admission plugins check, and unsafe-delete-ignore-read-errors
Where requests show that one of the first two was needed, stderr says so. Requests that were another
user's, by their credentials or by impersonation, count like all others.

Names are made from the test's, or else the client's or User-Agent's. Annotations tell tests,
client, User-Agent, namespace, runs and number of requests: look at them before you give the roles
away. With -o json it is one List.`

const rbacExamples = `  report rbac --test 'ConfigMap lifecycle' --cluster-wide | kubectl apply -f -
  report rbac --client my-operator --resource-names --without-discovery
  report rbac --client kubectl --run all --namespace shop --bind-to serviceaccount:shop/deployer
  report rbac --user-agent 'kube-probe/1' -o json --bind-to group:probers`

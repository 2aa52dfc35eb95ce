#!/usr/bin/env bash
# Makes the excerpts in this folder from the OpenAPI documents of Kubernetes, whose folder is the argument. Needs jq.
set -euo pipefail
from=${1:?"the folder api/openapi-spec of Kubernetes"}
cd "$(dirname "$0")"

excerpt() { # FILE REGEXP-OF-PATHS
	jq -c --arg paths "$2" '
		{swagger, openapi, info: (.info | {title, version}), paths: (.paths
			| with_entries(select(.key | test($paths)))
			| map_values(with_entries(select(.key != "parameters"))
				| map_values({operationId, description, tags, "x-kubernetes-action", "x-kubernetes-group-version-kind"}
					| with_entries(select(.value != null)))))}
		| with_entries(select(.value != null))' "$1" |
		sed 's|},"/|},\n"/|g'
}

core='^/api/v1/((watch/)?(namespaces/\{namespace\}/)?(pods|services)|(watch/)?namespaces(/\{name\}|$)|(watch/)?nodes|componentstatuses|namespaces/\{namespace\}/(bindings|serviceaccounts/\{name\}/token)|$)'
apps='^/apis/apps/v1/((watch/)?(namespaces/\{namespace\}/)?deployments|$)'
resource='^/apis/resource.k8s.io/v1(alpha3|beta2)/((watch/)?devicetaintrules|$)'
other='^/(api|apis|apis/(apps|apiregistration.k8s.io)|version|logs|logs/\{logpath\}|openid/v1/jwks|\.well-known/openid-configuration)/?$'

excerpt "$from/swagger.json" "$core|$apps|$resource|$other" >swagger.json
v3=$from/v3
excerpt "$v3/api__v1_openapi.json" "$core" >v3/core_v1.json
excerpt "$v3/apis__apps__v1_openapi.json" "$apps" >v3/apps_v1.json
excerpt "$v3/apis__resource.k8s.io__v1beta2_openapi.json" "$resource" >v3/resource_v1beta2.json
excerpt "$v3/apis__resource.k8s.io__v1alpha3_openapi.json" "$resource" >v3/resource_v1alpha3.json
for name in api apis apis__apps apis__apiregistration.k8s.io logs version openid__v1__jwks .well-known__openid-configuration; do
	excerpt "$v3/${name}_openapi.json" "$other" >"v3/${name#.}.json"
done

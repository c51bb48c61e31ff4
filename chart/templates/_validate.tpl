{{/* Refusals that a schema cannot say, or that old helm words badly: each is one sentence that names the value. */}}
{{- define "todo.validate" -}}
{{- $mode := include "todo.mode" . -}}
{{- $settings := include "todo.settings" . | fromJson -}}
{{- if and (eq $mode "sqlite") .Values.autoscaling.enabled -}}
{{- fail "autoscaling.enabled needs PostgreSQL, because two pods cannot share one SQLite file: set database.mode to postgres or external." -}}
{{- end -}}
{{- if and (eq $mode "sqlite") (gt (int .Values.replicaCount) 1) -}}
{{- fail (printf "replicaCount is %d, but SQLite holds one replica: set database.mode to postgres or external, or replicaCount to 1." (int .Values.replicaCount)) -}}
{{- end -}}
{{- if and (eq $mode "sqlite") .Values.mcp.separate -}}
{{- fail "mcp.separate needs PostgreSQL, because two pods cannot share one SQLite file: set database.mode to postgres or external." -}}
{{- end -}}
{{- if and (eq $mode "sqlite") .Values.backup.enabled (not .Values.persistence.enabled) -}}
{{- fail "backup.enabled needs something to copy, and persistence.enabled is false: nothing is kept that a backup could read." -}}
{{- end -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas: set it to as many or fewer." -}}
{{- end -}}
{{- $external := .Values.database.external -}}
{{- $url := $external.url | default $settings.secrets.DATABASE_URL -}}
{{- if eq $mode "external" -}}
{{- if and $url $external.existingSecret -}}
{{- fail "database.external.url (or secrets.DATABASE_URL) and database.external.existingSecret are both set: keep one of them." -}}
{{- else if not (or $url $external.existingSecret) -}}
{{- fail "database.mode is external, so the chart needs its address: set database.external.url, or database.external.existingSecret to the name of a Secret that holds it." -}}
{{- end -}}
{{- if and $url (not (regexMatch "^postgres(ql)?://" $url)) -}}
{{- fail "database.external.url is not the address of a PostgreSQL: it begins with postgres://, as in postgres://user:password@host:5432/database?sslmode=require." -}}
{{- end -}}
{{- else if or $url $external.existingSecret -}}
{{- fail (printf "database.external is filled in, but database.mode is %s: set database.mode to external, or empty database.external." $mode) -}}
{{- end -}}
{{- range $name := list "HOST" "PORT" "DATA_DIR" "METRICS_ADDR" "SHUTDOWN_DELAY" -}}
{{- if hasKey $settings.env $name -}}
{{- fail (printf "env.%s is set by the chart itself: use service.port, metrics.port, persistence and shutdownDelaySeconds instead." $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := $settings.env -}}
{{- if regexMatch "^(DATABASE_URL|BETTER_AUTH_SECRETS?|SMTP_URL|MCP_SERVERS|AZURE_OPENAI_KEY|.*_(API_KEY|CLIENT_SECRET|TOKEN|HEADERS))$" $name -}}
{{- fail (printf "env.%s is a secret, and env can be read by everybody who may look at the pod: give it as secrets.%s, or in existingSecret." $name $name) -}}
{{- end -}}
{{- if hasKey $settings.secrets $name -}}
{{- fail (printf "%s is in env and in secrets: keep one of them." $name) -}}
{{- end -}}
{{- end -}}
{{- if .Values.existingSecret -}}
{{- range $name := .Values.existingSecretKeys -}}
{{- if or (hasKey $settings.secrets $name) (hasKey $settings.env $name) -}}
{{- fail (printf "%s is in existingSecretKeys and in secrets or env: keep one of them." $name) -}}
{{- end -}}
{{- if eq $name "DATABASE_URL" -}}
{{- fail "existingSecretKeys holds DATABASE_URL: set database.mode to external and database.external.existingSecret and database.external.key instead." -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $settings.secrets.BETTER_AUTH_SECRET -}}
{{- if lt (len .) 16 -}}
{{- fail "secrets.BETTER_AUTH_SECRET is too short: at least 16 characters, better 32 random ones; or leave it out, and the program makes one." -}}
{{- end -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled needs a gateway: set httpRoute.parentRefs, as in [{name: my-gateway}]." -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) (.Values.serviceAccount.annotations) -}}
{{- fail "serviceAccount.annotations are for an account of this chart: set serviceAccount.create to true." -}}
{{- end -}}
{{- end -}}

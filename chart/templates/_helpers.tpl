{{/* Names are cut at 40: a StatefulSet's pods carry longer ones made of them, and labels end at 63. */}}
{{- define "todo.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "todo.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else if gt (len (printf "%s-%s" .Release.Name $name)) 40 -}}
{{- printf "%s-%s" (.Release.Name | trunc 31 | trimSuffix "-") (sha256sum .Release.Name | trunc 8) -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "todo.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What never changes, and so may stand in selectors. Called with (list $ "app"). */}}
{{- define "todo.selector" -}}
app.kubernetes.io/name: {{ include "todo.name" (first .) }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{- define "todo.labels" -}}
{{ include "todo.selector" . }}
app.kubernetes.io/version: {{ (first .).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (first .).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (first .).Chart.Name ((first .).Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "todo.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ include "todo.text" (.tag | default $.Chart.AppVersion) }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "todo.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "todo.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* Of a container: the "restricted" level of Pod Security, and nothing to write on but its volumes. */}}
{{- define "todo.hardened" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Settings as JSON: {"env": {…}, "secrets": {…}, "ignored": […]}, every value a text. Older charts wrote them below
     `config` and `secrets`, as apiHost or API_HOST; those that mean nothing here are only named, for the notes.
     MCP_SERVER_URL was the older app's own server there, whose tools the program has itself; in `env` it counts. */}}
{{- define "todo.settings" -}}
{{- $none := list "API_HOST" "API_PORT" "ENVIRONMENT" "FRONTEND_URL" "BACKEND_URL" "NEXT_PUBLIC_API_URL" "COHERE_API_KEY" "NODE_ENV" -}}
{{- $out := dict "env" dict "secrets" dict -}}{{- $ignored := list -}}
{{- range $from, $to := dict "config" "env" "secrets" "secrets" -}}
  {{- range $key, $value := index $.Values $from -}}
    {{- $name := ternary $key (upper (snakecase $key)) (eq $key (upper $key)) -}}
    {{- /* Older charts told their pods where their own MCP pod was; here it would be another server's tools. */ -}}
    {{- $other := and (eq $from "config") (eq $name "MCP_SERVER_URL") -}}
    {{- if or $other (has $name $none) (hasPrefix "DAPR_" $name) -}}
      {{- $ignored = append $ignored (printf "%s.%s" $from $key) -}}
    {{- else -}}
      {{- $_ := set (index $out $to) $name (include "todo.text" $value) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- range $name, $value := .Values.env -}}{{- $_ := set $out.env $name (include "todo.text" $value) -}}{{- end -}}
{{- set $out "ignored" $ignored | toJson -}}
{{- end -}}

{{/* A setting as text. YAML reads 1000000 as 1e+06, and an unquoted `on` or `off` as a truth value. */}}
{{- define "todo.text" -}}
{{- if kindIs "bool" . -}}{{ ternary "on" "off" . }}
{{- else if and (kindIs "float64" .) (eq (float64 (int64 .)) .) -}}{{ int64 . }}
{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* sqlite, postgres or external; the older `database.enabled` and `secrets.databaseUrl` count too. */}}
{{- define "todo.mode" -}}
{{- $settings := include "todo.settings" . | fromJson -}}
{{- if ne .Values.database.mode "sqlite" -}}{{ .Values.database.mode }}
{{- else if hasKey $settings.secrets "DATABASE_URL" -}}external
{{- else if .Values.database.enabled -}}postgres
{{- else -}}sqlite{{- end -}}
{{- end -}}

{{/* The most pods there can be. */}}
{{- define "todo.replicas" -}}
{{- if .Values.autoscaling.enabled -}}{{ int .Values.autoscaling.maxReplicas }}{{- else -}}{{ int .Values.replicaCount }}{{- end -}}
{{- end -}}

{{- define "todo.metrics" -}}
{{- with .Values.metrics }}{{ if or .enabled .serviceMonitor.enabled .dashboard.enabled }}true{{ end }}{{ end -}}
{{- end -}}

{{/* Hosts of the ingress as JSON; older charts had a list. */}}
{{- define "todo.hosts" -}}
{{- $hosts := list -}}
{{- range .Values.ingress.hosts -}}{{- $hosts = append $hosts (kindIs "string" . | ternary . (get (kindIs "map" . | ternary . dict) "host")) -}}{{- end -}}
{{- $hosts | default (list .Values.ingress.host) | toJson -}}
{{- end -}}

{{/* Service type, and the older charts' place for the node's port. */}}
{{- define "todo.nodePort" -}}
{{- $old := dig "frontend" "service" "nodePort" 0 (.Values | merge dict) | int -}}
{{- if or (eq .Values.service.type "NodePort") $old -}}{{ $old | default (int .Values.service.nodePort) }}{{- end -}}
{{- end -}}

{{/* BETTER_AUTH_URL; empty where people come by several addresses, and the program goes by each request's own. */}}
{{- define "todo.publicUrl" -}}
{{- $env := (include "todo.settings" . | fromJson).env -}}
{{- if .Values.publicUrl -}}{{ .Values.publicUrl }}
{{- else if $env.BETTER_AUTH_URL -}}{{ $env.BETTER_AUTH_URL }}
{{- else if and .Values.ingress.enabled .Values.ingress.tls -}}https://{{ include "todo.hosts" . | fromJsonArray | first }}
{{- else if and .Values.ingress.enabled (not (include "todo.nodePort" .)) -}}http://{{ include "todo.hosts" . | fromJsonArray | first }}
{{- end -}}
{{- end -}}

{{- define "todo.postgresSecret" -}}
{{- .Values.database.postgres.existingSecret | default (printf "%s-postgres" (include "todo.fullname" .)) -}}
{{- end -}}

{{/* Of an external database's URL. */}}
{{- define "todo.databasePort" -}}
{{- $url := .Values.database.external.url | default (include "todo.settings" . | fromJson).secrets.DATABASE_URL | default "" -}}
{{- regexFind ":[0-9]+(/|\\?|$)" (regexReplaceAll "^[a-z]+://([^/?]*@)?" $url "") | regexFind "[0-9]+" | default "5432" -}}
{{- end -}}

{{/* What the program runs as, as JSON: one Deployment for everything, or MCP apart from the rest. */}}
{{- define "todo.components" -}}
{{- concat (list "app") (ternary (list "mcp") list .Values.mcp.separate) | toJson -}}
{{- end -}}

{{/* Name of a component's objects. Called with (list $ "mcp"). */}}
{{- define "todo.componentName" -}}
{{- include "todo.fullname" (first .) -}}{{- if ne (last .) "app" -}}-{{ last . }}{{- end -}}
{{- end -}}

{{/* What only `serve --only mcp` answers. */}}
{{- define "todo.mcpPaths" -}}
{{- list "/mcp" "/oauth" "/.well-known" "/authorize" "/token" "/register" | toJson -}}
{{- end -}}

{{/* The Secrets that hold settings, and the names of these, as JSON. The program reads NAME_FILE for every NAME. */}}
{{- define "todo.sources" -}}
{{- $settings := include "todo.settings" . | fromJson -}}
{{- $external := .Values.database.external -}}
{{- $own := $settings.secrets -}}
{{- with $external.url }}{{ $_ := set $own "DATABASE_URL" . }}{{ end -}}
{{- $sources := list -}}
{{- if $own -}}
{{- $sources = append $sources (dict "secret" (include "todo.fullname" .) "keys" (keys $own | sortAlpha)) -}}
{{- end -}}
{{- if .Values.existingSecret -}}
{{- $sources = append $sources (dict "secret" .Values.existingSecret "keys" .Values.existingSecretKeys) -}}
{{- end -}}
{{- if eq (include "todo.mode" .) "postgres" -}}
{{- $sources = append $sources (dict "secret" (include "todo.postgresSecret" .) "keys" (list "DATABASE_URL") "from" "uri") -}}
{{- else if $external.existingSecret -}}
{{- $sources = append $sources (dict "secret" $external.existingSecret "keys" (list "DATABASE_URL") "from" $external.key) -}}
{{- end -}}
{{- $sources | toJson -}}
{{- end -}}

{{/* Of every container that runs the program: its settings. */}}
{{- define "todo.environment" -}}
envFrom:
  - configMapRef: { name: {{ include "todo.fullname" . }} }
env:
  - { name: HOST, value: "0.0.0.0" }
  - { name: PORT, value: "8080" }
  - { name: DATA_DIR, value: /data }
  {{- range include "todo.sources" . | fromJsonArray }}
  {{- range .keys }}
  - { name: {{ . }}_FILE, value: /run/secrets/todo-chatbot/{{ . }} }
  {{- end }}
  {{- end }}
{{- end -}}

{{- define "todo.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if eq (include "todo.mode" .) "sqlite" }}
- { name: data, mountPath: /data }
{{- end }}
{{- if include "todo.sources" . | fromJsonArray }}
- { name: secrets, mountPath: /run/secrets/todo-chatbot, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "todo.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- if eq (include "todo.mode" .) "sqlite" }}
- name: data
  {{- if .Values.persistence.enabled }}
  persistentVolumeClaim: { claimName: {{ .Values.persistence.existingClaim | default (include "todo.fullname" .) }} }
  {{- else }}
  emptyDir: { sizeLimit: {{ .Values.persistence.size }} }
  {{- end }}
{{- end }}
{{- with include "todo.sources" . | fromJsonArray }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $source := . }}
      - secret:
          name: {{ $source.secret }}
          items:
            {{- range $source.keys }}
            - { key: {{ $source.from | default . }}, path: {{ . }} }
            {{- end }}
      {{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Of every pod that runs the program, but for its containers and where it goes. */}}
{{- define "todo.pod" -}}
serviceAccountName: {{ include "todo.serviceAccount" . }}
automountServiceAccountToken: false
# A Service's address in the environment would look like a setting of ours.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1001
  runAsGroup: 1001
  fsGroup: 1001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

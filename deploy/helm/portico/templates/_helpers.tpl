{{- define "portico.fullname" -}}
{{- if contains "portico" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-portico" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "portico.selector" -}}
app.kubernetes.io/name: portico
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "portico.labels" -}}
{{ include "portico.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "portico.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "portico.secret" -}}
{{ required "existingSecret: name a secret with PORTICO_ENCRYPTION_KEY and PORTICO_DATABASE_URL" .Values.existingSecret }}
{{- end }}

{{/* The configuration, the same for every container. */}}
{{- define "portico.environment" -}}
envFrom:
  - secretRef:
      name: {{ include "portico.secret" . }}
env:
  - name: PORTICO_PUBLIC_URL
    value: {{ required "publicUrl: what session links start with, such as https://port.example.com" .Values.publicUrl | quote }}
  - name: PORTICO_LISTEN
    value: "0.0.0.0:8080"
  - name: PORTICO_METRICS_LISTEN
    value: "0.0.0.0:{{ .Values.metrics.port }}"
  - name: PORTICO_STOP_GRACE_SECONDS
    value: {{ .Values.stop.graceSeconds | quote }}
  - name: PORTICO_TRUSTED_PROXIES
    value: {{ join "," .Values.trustedProxies | quote }}
  - name: PORTICO_LOG_FORMAT
    value: json
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
{{- end }}

{{- define "portico.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "portico.podSecurity" -}}
automountServiceAccountToken: false
{{- with .Values.serviceAccount.name }}
serviceAccountName: {{ . }}
{{- end }}
# Services named portico would put PORTICO_* variables of their own beside the settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

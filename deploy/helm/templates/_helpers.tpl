{{- /* Leaves room for the suffixes of object names. */ -}}
{{- define "sensor-pipeline.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sensor-pipeline.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sensor-pipeline.labels" -}}
{{ include "sensor-pipeline.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{- /* Enabled services, one per line. */ -}}
{{- define "sensor-pipeline.services" -}}
{{- range list "producer" "consumer" "alerts" "api" "dashboard" }}
{{- if (index $.Values .).enabled }}
{{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "sensor-pipeline.usesKafka" -}}
{{- if has . (list "producer" "consumer" "alerts" "api") }}true{{ end -}}
{{- end -}}

{{- define "sensor-pipeline.usesDatabase" -}}
{{- if has . (list "consumer" "alerts" "api") }}true{{ end -}}
{{- end -}}

{{- /* Port of the service's HTTP listener; empty if it has none. */ -}}
{{- define "sensor-pipeline.port" -}}
{{- get (dict "api" "8080" "dashboard" "3000") . -}}
{{- end -}}

{{- define "sensor-pipeline.scheme" -}}
{{- if .Values.tls.secret }}https{{ else }}http{{ end -}}
{{- end -}}

{{- define "sensor-pipeline.apiUrl" -}}
{{- .Values.dashboard.apiUrl | default (printf "%s://%s-api:8080" (include "sensor-pipeline.scheme" .) (include "sensor-pipeline.fullname" .)) -}}
{{- end -}}

{{- /* Port of a URL. */ -}}
{{- define "sensor-pipeline.portOf" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $port | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{- /* Helm parses integers as floats, which would be rendered as 1.6777216e+07. */ -}}
{{- define "sensor-pipeline.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "sensor-pipeline.usesSasl" -}}
{{- if hasPrefix "SASL_" .Values.kafka.securityProtocol }}true{{ end -}}
{{- end -}}

{{- define "sensor-pipeline.usesKafkaTls" -}}
{{- if hasSuffix "SSL" .Values.kafka.securityProtocol }}true{{ end -}}
{{- end -}}

{{- /* Maximum number of consumer pods for which there are partitions. */ -}}
{{- define "sensor-pipeline.usefulConsumers" -}}
{{- div (int .Values.kafka.partitions) (int .Values.consumer.storeConsumers) -}}
{{- end -}}

{{- define "sensor-pipeline.mostConsumers" -}}
{{- .Values.consumer.autoscaling.maxReplicas | default (include "sensor-pipeline.usefulConsumers" .) | int -}}
{{- end -}}

{{- define "sensor-pipeline.usesKeda" -}}
{{- $by := .Values.consumer.autoscaling.by -}}
{{- if or (eq $by "keda") (and (eq $by "auto") (.Capabilities.APIVersions.Has "keda.sh/v1alpha1/ScaledObject")) }}true{{ end -}}
{{- end -}}

{{- /* Validates combinations of values, which the schema cannot. */ -}}
{{- define "sensor-pipeline.check" -}}
{{- with .Values }}
{{- if not (include "sensor-pipeline.services" $ | trim) }}
{{- fail "no service is enabled: producer, consumer, alerts, api or dashboard" }}
{{- end }}
{{- if and .consumer.enabled (gt (int .consumer.storeConsumers) (int .kafka.partitions)) }}
{{- fail (printf "consumer.storeConsumers (%d) must not be more than kafka.partitions (%d)" (int .consumer.storeConsumers) (int .kafka.partitions)) }}
{{- end }}
{{- if .consumer.enabled }}
{{- $most := ternary (include "sensor-pipeline.mostConsumers" $ | int) (int .consumer.replicas) .consumer.autoscaling.enabled }}
{{- $useful := include "sensor-pipeline.usefulConsumers" $ | int }}
{{- if gt $most $useful }}
{{- $name := ternary "consumer.autoscaling.maxReplicas" "consumer.replicas" .consumer.autoscaling.enabled }}
{{- $reason := printf "kafka.partitions (%d) / consumer.storeConsumers (%d)" (int .kafka.partitions) (int .consumer.storeConsumers) }}
{{- fail (printf "%s (%d) must not be more than %d, or pods have no partition to read: %s" $name $most $useful $reason) }}
{{- end }}
{{- if and .consumer.autoscaling.enabled (gt (int .consumer.autoscaling.minReplicas) $most) }}
{{- fail (printf "consumer.autoscaling.minReplicas (%d) must not be more than the most that there can be (%d)" (int .consumer.autoscaling.minReplicas) $most) }}
{{- end }}
{{- end }}
{{- if and .api.enabled .api.autoscaling.enabled (gt (int .api.autoscaling.minReplicas) (int .api.autoscaling.maxReplicas)) }}
{{- fail "api.autoscaling.minReplicas must not be more than api.autoscaling.maxReplicas" }}
{{- end }}
{{- range $name, $way := dict "ingress" .ingress "httpRoute" .httpRoute }}
{{- if $way.enabled }}
{{- if not (or $way.dashboardHost $way.apiHost) }}
{{- fail (printf "%s is enabled, so it needs dashboardHost or apiHost" $name) }}
{{- end }}
{{- range $service := list "dashboard" "api" }}
{{- if and (get $way (printf "%sHost" $service)) (not (index $.Values $service).enabled) }}
{{- fail (printf "%s.%sHost needs %s.enabled" $name $service $service) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

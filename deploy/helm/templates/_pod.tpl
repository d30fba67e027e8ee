{{- /* Mount path of Secrets and ConfigMaps. Files, unlike environment variables, are updated in place and are not listed with the environment. */ -}}
{{- define "sensor-pipeline.files" -}}/run/sensor-pipeline{{- end -}}

{{- define "sensor-pipeline.variable" -}}
- name: {{ .name }}
  value: {{ include "sensor-pipeline.text" .value | quote }}
{{- end -}}

{{- /* Environment variables of a service. Arguments: root, service. */ -}}
{{- define "sensor-pipeline.environment" -}}
{{- $files := include "sensor-pipeline.files" . -}}
{{- $environment := dict -}}
{{- with .root.Values }}
{{- if include "sensor-pipeline.usesKafka" $.service }}
{{- $_ := set $environment "KAFKA_BOOTSTRAP_SERVERS" .kafka.bootstrapServers }}
{{- $_ := set $environment "TOPIC_NAME" .kafka.topic }}
{{- $_ := set $environment "KAFKA_PARTITIONS" .kafka.partitions }}
{{- $_ := set $environment "KAFKA_REPLICAS" .kafka.replicas }}
{{- $_ := set $environment "KAFKA_SECURITY_PROTOCOL" .kafka.securityProtocol }}
{{- if include "sensor-pipeline.usesSasl" $.root }}
{{- $_ := set $environment "KAFKA_SASL_MECHANISM" .kafka.sasl.mechanism }}
{{- $_ := set $environment "KAFKA_SASL_USERNAME" .kafka.sasl.username }}
{{- $_ := set $environment "KAFKA_SASL_PASSWORD_FILE" (printf "%s/kafka/password" $files) }}
{{- end }}
{{- if and (include "sensor-pipeline.usesKafkaTls" $.root) .kafka.certificates }}
{{- $_ := set $environment "KAFKA_TLS_CERTIFICATES" (printf "%s/kafka/authorities.pem" $files) }}
{{- end }}
{{- if and (include "sensor-pipeline.usesKafkaTls" $.root) .kafka.clientCertificate }}
{{- $_ := set $environment "KAFKA_TLS_CERTIFICATE" (printf "%s/kafka/certificate.pem" $files) }}
{{- $_ := set $environment "KAFKA_TLS_KEY" (printf "%s/kafka/key.pem" $files) }}
{{- end }}
{{- end }}
{{- if include "sensor-pipeline.usesDatabase" $.service }}
{{- $_ := set $environment "DB_HOST" .database.host }}
{{- $_ := set $environment "DB_PORT" .database.port }}
{{- $_ := set $environment "DB_NAME" .database.name }}
{{- $_ := set $environment "DB_USER" .database.user }}
{{- $_ := set $environment "DB_PASSWORD_FILE" (printf "%s/database/password" $files) }}
{{- if and .database.apiPasswordSecret (has $.service (list "consumer" "api")) }}
{{- $_ := set $environment "API_DB_PASSWORD_FILE" (printf "%s/database/api-password" $files) }}
{{- end }}
{{- $_ := set $environment "DB_TLS_MODE" .database.tls.mode }}
{{- if and (hasPrefix "verify" .database.tls.mode) .database.tls.certificates }}
{{- $_ := set $environment "DB_TLS_CERTIFICATES" (printf "%s/database/authorities.pem" $files) }}
{{- end }}
{{- end }}
{{- if and (eq $.service "alerts") .alerts.smtpPasswordSecret }}
{{- $_ := set $environment "ALERTS_SMTP_PASSWORD_FILE" (printf "%s/smtp/password" $files) }}
{{- end }}
{{- if eq $.service "consumer" }}
{{- $_ := set $environment "STORE_CONSUMERS" .consumer.storeConsumers }}
{{- end }}
{{- if and .tls.secret (include "sensor-pipeline.port" $.service) }}
{{- $_ := set $environment "LISTEN_TLS_CERTIFICATE" (printf "%s/tls/tls.crt" $files) }}
{{- $_ := set $environment "LISTEN_TLS_KEY" (printf "%s/tls/tls.key" $files) }}
{{- end }}
{{- if eq $.service "dashboard" }}
{{- $_ := set $environment "API_BASE_URL" (include "sensor-pipeline.apiUrl" $.root) }}
{{- if and .tls.secret .tls.authority }}
{{- $_ := set $environment "API_BASE_CERTIFICATES" (printf "%s/tls/%s" $files .tls.authority) }}
{{- end }}
{{- end }}
{{- if .tracing.endpoint }}
{{- $_ := set $environment "TRACING_ENDPOINT" .tracing.endpoint }}
{{- $_ := set $environment "TRACING_RATIO" .tracing.ratio }}
{{- end }}
{{- if .javaOptions }}
{{- $_ := set $environment "JAVA_TOOL_OPTIONS" .javaOptions }}
{{- end }}
{{- range $name, $value := .settings }}
{{- $_ := set $environment $name $value }}
{{- end }}
{{- end }}
{{- range $name, $value := $environment }}
{{ include "sensor-pipeline.variable" (dict "name" $name "value" $value) }}
{{- end }}
{{- end -}}

{{- /* One file of a projected volume. Arguments: from (secret or configMap, and key), path. */ -}}
{{- define "sensor-pipeline.projection" -}}
- {{ ternary "configMap" "secret" (hasKey .from "configMap") }}:
    name: {{ .from.configMap | default .from.secret }}
    items:
      - key: {{ .from.key }}
        path: {{ .path }}
{{- end -}}

{{- define "sensor-pipeline.password" -}}
{{- $from := dict "secret" .from.name "key" (.from.key | default "password") -}}
{{ include "sensor-pipeline.projection" (dict "path" .path "from" $from) }}
{{- end -}}

{{- /* Files of a service. Arguments: root, service. */ -}}
{{- define "sensor-pipeline.sources" -}}
{{- with .root.Values }}
{{- if include "sensor-pipeline.usesKafka" $.service }}
{{- if include "sensor-pipeline.usesSasl" $.root }}
{{ include "sensor-pipeline.password" (dict "path" "kafka/password" "from" .kafka.sasl.passwordSecret) }}
{{- end }}
{{- if and (include "sensor-pipeline.usesKafkaTls" $.root) .kafka.certificates }}
{{ include "sensor-pipeline.projection" (dict "path" "kafka/authorities.pem" "from" .kafka.certificates) }}
{{- end }}
{{- if and (include "sensor-pipeline.usesKafkaTls" $.root) .kafka.clientCertificate }}
{{- with .kafka.clientCertificate }}
{{ include "sensor-pipeline.projection" (dict "path" "kafka/certificate.pem" "from" (dict "secret" .secret "key" (.certificate | default "tls.crt"))) }}
{{ include "sensor-pipeline.projection" (dict "path" "kafka/key.pem" "from" (dict "secret" .secret "key" (.key | default "tls.key"))) }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "sensor-pipeline.usesDatabase" $.service }}
{{ include "sensor-pipeline.password" (dict "path" "database/password" "from" .database.passwordSecret) }}
{{- if and .database.apiPasswordSecret (has $.service (list "consumer" "api")) }}
{{ include "sensor-pipeline.password" (dict "path" "database/api-password" "from" .database.apiPasswordSecret) }}
{{- end }}
{{- if and (hasPrefix "verify" .database.tls.mode) .database.tls.certificates }}
{{ include "sensor-pipeline.projection" (dict "path" "database/authorities.pem" "from" .database.tls.certificates) }}
{{- end }}
{{- end }}
{{- if and (eq $.service "alerts") .alerts.smtpPasswordSecret }}
{{ include "sensor-pipeline.password" (dict "path" "smtp/password" "from" .alerts.smtpPasswordSecret) }}
{{- end }}
{{- if and .tls.secret (include "sensor-pipeline.port" $.service) }}
{{ include "sensor-pipeline.projection" (dict "path" "tls/tls.crt" "from" (dict "secret" .tls.secret "key" "tls.crt")) }}
{{ include "sensor-pipeline.projection" (dict "path" "tls/tls.key" "from" (dict "secret" .tls.secret "key" "tls.key")) }}
{{- if and (eq $.service "dashboard") .tls.authority (ne .tls.authority "tls.crt") }}
{{ include "sensor-pipeline.projection" (dict "path" (printf "tls/%s" .tls.authority) "from" (dict "secret" .tls.secret "key" .tls.authority)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Pod template of a service. Arguments: root, service. */ -}}
{{- define "sensor-pipeline.pod" -}}
{{- $values := .root.Values -}}
{{- $own := index $values .service -}}
{{- $port := include "sensor-pipeline.port" .service -}}
{{- $sources := include "sensor-pipeline.sources" . | trim -}}
metadata:
  labels:
    {{- include "sensor-pipeline.selector" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .service }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  # Service links would define variables such as API_PORT, which is also a setting.
  enableServiceLinks: false
  # 5 s for preStop, and at most 14 s after SIGTERM
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    {{- with $values.runAsUser }}
    runAsUser: {{ int . }}
    runAsGroup: {{ int . }}
    fsGroup: {{ int . }}
    {{- end }}
    seccompProfile: {type: RuntimeDefault}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .service }}
      image: {{ printf "%s:%s" $values.image.repository ($values.image.tag | default .root.Chart.AppVersion) | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [{{ .service }}]
      env:
        {{- include "sensor-pipeline.environment" . | trim | nindent 8 }}
      ports:
        {{- if $port }}
        - {name: {{ include "sensor-pipeline.scheme" .root }}, containerPort: {{ $port }}}
        {{- end }}
        - {name: management, containerPort: 9876}
      # 30 minutes: the first consumer of a new version may migrate the schema of a large database, and a restart would start that over.
      startupProbe:
        httpGet: {path: /observe/health/live, port: management}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 900
      readinessProbe:
        httpGet: {path: /observe/health/ready, port: management}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      livenessProbe:
        httpGet: {path: /observe/health/live, port: management}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      {{- if $port }}
      # Requests arrive until all nodes have removed the endpoint.
      lifecycle:
        preStop:
          sleep: {seconds: 5}
      {{- end }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      {{- if $sources }}
      volumeMounts:
        - {name: files, mountPath: {{ include "sensor-pipeline.files" . }}, readOnly: true}
      {{- end }}
  {{- if $sources }}
  volumes:
    - name: files
      projected:
        defaultMode: 0440
        sources:
          {{- $sources | nindent 10 }}
  {{- end }}
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "sensor-pipeline.selector" $.root | nindent 10 }}
          app.kubernetes.io/component: {{ $.service }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
{{- end -}}

package sensorpipeline.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Helm;
import sensorpipeline.support.Manifests;

/** Renders the chart with several sets of values, and checks that the objects are valid and consistent. Needs no cluster. */
class ChartIT {

    private static final Path CHART = Path.of("deploy/helm");
    private static final Path MONITORING = Path.of("deploy/monitoring");
    private static final String FILES = "/run/sensor-pipeline/";
    private static final String LONGEST_NAME = "r".repeat(53);

    /** Settings that the chart does not accept: its ports are fixed by its Services, and its pods have no embedded servers and no further files. */
    private static final Set<String> NOT_IN_A_POD = Set.of("LISTEN_HOST", "API_PORT", "DASHBOARD_PORT", "MANAGEMENT_PORT", "DATA_DIR", "EMBEDDED_KAFKA_PORT",
            "EMBEDDED_DB_PORT", "ROUTES_DIR", "PRODUCER_FILE", "PRODUCER_SPEED", "PRODUCER_SHIFT");
    /** Passed only as files, so that they are not shown with the objects. */
    private static final Set<String> SECRET = Set.of("DB_PASSWORD", "API_DB_PASSWORD", "KAFKA_SASL_PASSWORD", "ALERTS_SMTP_PASSWORD");
    private static final String LEAST = """
            kafka: {bootstrapServers: "kafka:9092"}
            database: {host: db, passwordSecret: {name: postgresql}}
            """;
    private static final String DASHBOARD_ALONE = """
            consumer: {enabled: false}
            alerts: {enabled: false}
            api: {enabled: false}
            dashboard: {apiUrl: "https://api.example.org"}
            networkPolicy: {enabled: true}
            podDisruptionBudget: {enabled: false}
            """;
    private static final String SECURED = """
            kafka:
              bootstrapServers: "[fd00::1]:9093,b:9094"
              securityProtocol: SASL_SSL
              sasl: {mechanism: PLAIN, username: pipeline, passwordSecret: {name: kafka, key: secret}}
              certificates: {configMap: authorities, key: kafka.pem}
              clientCertificate: {secret: pipeline, key: user.key}
            database:
              host: db,standby:6433
              port: 6432
              passwordSecret: {name: postgresql, key: secret}
              apiPasswordSecret: {name: postgresql-api}
              tls: {mode: verify-full, certificates: {secret: db-authority, key: ca.crt}}
            tls: {secret: web}
            consumer: {autoscaling: {enabled: true, by: keda}}
            networkPolicy:
              clients: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
              monitoring: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
              kafka: [{ipBlock: {cidr: 10.0.0.0/8}}]
              database: [{ipBlock: {cidr: 10.0.0.0/8}}]
              kafkaPorts: [9095]
              notifications: [{ipBlock: {cidr: 10.0.0.0/8}}]
              notificationPorts: [8443]
            alerts: {smtpPasswordSecret: {name: smtp}}
            """;
    private static final String EVERYTHING = """
            image: {repository: registry.example.org/sensor-pipeline, tag: "2.0", pullSecrets: [registry]}
            kafka: {bootstrapServers: "kafka:9092", topic: measurements, partitions: 13, replicas: 3}
            database: {host: db, name: sensors, user: sensors, passwordSecret: {name: postgresql}}
            settings: {STORE_BATCH_BYTES: 16777216, RETENTION_RAW: 90d, API_RATE_LIMIT: 50, STORE_GROUP: other, CAMEL_MAIN_SHUTDOWN_TIMEOUT: 9}
            tracing: {endpoint: "http://collector:4318", ratio: 0.5}
            javaOptions: -Xmx300m
            producer: {enabled: true}
            consumer: {storeConsumers: 2, autoscaling: {enabled: true}}
            api: {autoscaling: {enabled: true}, service: {type: LoadBalancer, annotations: {a: "1"}}}
            ingress: {enabled: true, className: nginx, annotations: {a: "1"}, dashboardHost: sensors.example.org, apiHost: api.example.org, tlsSecret: web}
            httpRoute:
              enabled: true
              annotations: {a: "1"}
              parentRefs: [{name: gateway, namespace: gateways}]
              dashboardHost: sensors.example.org
              apiHost: api.example.org
            podDisruptionBudget: {maxUnavailable: 25%}
            monitoring:
              serviceMonitor: {enabled: true, labels: {release: prometheus}}
              alerts: {enabled: true, labels: {release: prometheus}}
              dashboard: {enabled: true}
            podLabels: {team: sensors}
            podAnnotations: {a: "1"}
            nodeSelector: {kubernetes.io/arch: amd64}
            tolerations: [{key: dedicated, operator: Exists}]
            affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}
            priorityClassName: high
            """;

    private static final Map<String, Manifests> RENDERINGS = new LinkedHashMap<>();

    @BeforeAll
    static void render() throws IOException {
        Helm.require();
        RENDERINGS.put("least", template("sensors", LEAST));
        RENDERINGS.put("longest name", template(LONGEST_NAME, LEAST));
        RENDERINGS.put("dashboard alone", template("sensors", DASHBOARD_ALONE));
        RENDERINGS.put("secured", template("sensors", SECURED));
        RENDERINGS.put("everything", template("sensors", EVERYTHING));
        RENDERINGS.put("everything, with KEDA", template("sensors", EVERYTHING, "--api-versions", "keda.sh/v1alpha1/ScaledObject"));
        RENDERINGS.put("README", template("sensors", Files.readString(CHART.resolve("README.md")).replaceAll("(?s).*```yaml\n(.*?)```.*", "$1")));
        RENDERINGS.put("examples", template("sensors", Files.readString(CHART.resolve("examples/values.yaml"))));
    }

    static Stream<Arguments> renderings() {
        return RENDERINGS.entrySet().stream().map(each -> Arguments.of(each.getKey(), each.getValue()));
    }

    private static Path values(String text) throws IOException {
        return Files.writeString(Files.createTempFile(Files.createDirectories(Path.of("target/helm")), "values", ".yaml"), text);
    }

    private static Manifests template(String release, String values, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("template", release, CHART.toString(), "--namespace", "iot", "--values", values(values).toString()));
        arguments.addAll(List.of(options));
        return Manifests.parse(Helm.run(arguments.toArray(String[]::new)));
    }

    private static Manifests example(String file) throws IOException {
        return Manifests.parse(Files.readString(CHART.resolve("examples").resolve(file)));
    }

    private static Map<String, String> labels(Deployment deployment) {
        return deployment.getSpec().getTemplate().getMetadata().getLabels();
    }

    private static PodSpec pod(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }

    private static Container container(Deployment deployment) {
        assertEquals(1, pod(deployment).getContainers().size());
        return pod(deployment).getContainers().get(0);
    }

    private static Map<String, String> environment(Deployment deployment) {
        return container(deployment).getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    private static String service(Deployment deployment) {
        return String.join(" ", container(deployment).getArgs());
    }

    private static List<Deployment> selected(Manifests objects, Map<String, String> selector) {
        assertFalse(selector.isEmpty());
        return objects.all(Deployment.class).stream().filter(deployment -> labels(deployment).entrySet().containsAll(selector.entrySet())).toList();
    }

    private static Deployment onlySelected(Manifests objects, Map<String, String> selector) {
        List<Deployment> selected = selected(objects, selector);
        assertEquals(1, selected.size(), () -> selector + " selects " + selected.size());
        return selected.get(0);
    }

    private static Deployment named(Manifests objects, String name) {
        return objects.all(Deployment.class).stream().filter(deployment -> deployment.getMetadata().getName().equals(name)).findFirst()
                .orElseThrow(() -> new AssertionError("There is no Deployment " + name));
    }

    private static Deployment running(Manifests objects, String service) {
        return objects.all(Deployment.class).stream().filter(deployment -> service(deployment).equals(service)).findFirst().orElseThrow();
    }

    @Test
    void helmFindsNothingToCriticize() throws IOException {
        for (String values : List.of(LEAST, EVERYTHING, SECURED, DASHBOARD_ALONE)) {
            Helm.run("lint", "--strict", CHART.toString(), "--values", values(values).toString());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void everyObjectIsOneThatKubernetesTakes(String name, Manifests objects) throws IOException {
        objects.requireValid();
        Set<String> names = new HashSet<>();
        for (JsonNode object : objects.documents()) {
            JsonNode metadata = object.path("metadata");
            assertTrue(metadata.path("name").asText().matches("[a-z]([-a-z0-9]{0,61}[a-z0-9])?"), metadata::toString);
            assertEquals("iot", metadata.path("namespace").asText());
            assertTrue(names.add(object.path("kind").asText() + " " + metadata.path("name").asText()), () -> "Twice: " + metadata);
            assertNotEquals("Secret", object.path("kind").asText());
            metadata.path("labels").forEach(label -> assertTrue(label.asText().matches("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"), label::asText));
        }
    }

    @Test
    void eachServiceIsThereThatWasAskedFor() {
        Map<String, List<String>> expected = Map.of("least", List.of("consumer", "alerts", "api", "dashboard"), "README", List.of("api", "dashboard"),
                "dashboard alone", List.of("dashboard"), "everything", List.of("producer", "consumer", "alerts", "api", "dashboard"));
        expected.forEach((name, services) -> {
            List<Deployment> deployments = RENDERINGS.get(name).all(Deployment.class);
            assertEquals(Set.copyOf(services), deployments.stream().map(ChartIT::service).collect(Collectors.toSet()), name);
            assertEquals(services.size(), deployments.size(), name);
        });
        Map<String, Set<String>> kinds = new TreeMap<>();
        RENDERINGS.forEach((name, objects) -> kinds.put(name,
                objects.documents().stream().map(object -> object.path("kind").asText()).collect(Collectors.toSet())));
        assertEquals(Set.of("Deployment", "Service", "NetworkPolicy", "PodDisruptionBudget"), kinds.get("least"));
        assertEquals(Set.of("Deployment", "Service", "NetworkPolicy"), kinds.get("dashboard alone"));
        assertEquals(Set.of("Deployment", "Service", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress", "HTTPRoute",
                "ServiceMonitor", "PrometheusRule", "ConfigMap"), kinds.get("everything"));
    }

    /** At least the Pod Security Standard "restricted". */
    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void podsMayNothingThatTheyDoNotNeed(String name, Manifests objects) {
        for (Deployment deployment : objects.all(Deployment.class)) {
            PodSpec pod = pod(deployment);
            assertEquals(Boolean.FALSE, pod.getAutomountServiceAccountToken());
            assertEquals(Boolean.FALSE, pod.getEnableServiceLinks());
            assertNull(pod.getHostNetwork());
            assertNull(pod.getHostPID());
            assertNull(pod.getHostIPC());
            assertEquals(Boolean.TRUE, pod.getSecurityContext().getRunAsNonRoot());
            assertEquals(65532, pod.getSecurityContext().getRunAsUser());
            assertEquals(65532, pod.getSecurityContext().getFsGroup());
            assertEquals("RuntimeDefault", pod.getSecurityContext().getSeccompProfile().getType());
            assertTrue(pod.getVolumes().stream().allMatch(volume -> volume.getProjected() != null));
            Container container = container(deployment);
            assertEquals(Boolean.TRUE, container.getSecurityContext().getReadOnlyRootFilesystem());
            assertEquals(Boolean.FALSE, container.getSecurityContext().getAllowPrivilegeEscalation());
            assertEquals(List.of("ALL"), container.getSecurityContext().getCapabilities().getDrop());
            assertTrue(container.getSecurityContext().getCapabilities().getAdd().isEmpty());
            assertNull(container.getSecurityContext().getPrivileged());
            assertTrue(container.getPorts().stream().allMatch(port -> port.getHostPort() == null));
            Map<String, Quantity> limits = container.getResources().getLimits();
            assertEquals(new Quantity("512Mi"), limits.get("memory"));
            assertEquals(limits.get("memory"), container.getResources().getRequests().get("memory"));
            assertNotNull(container.getResources().getRequests().get("cpu"));
        }
    }

    @Test
    void aClusterThatChoosesTheUserCanDoSo() throws IOException {
        for (Deployment deployment : template("sensors", LEAST, "--set", "runAsUser=null").all(Deployment.class)) {
            assertEquals(Boolean.TRUE, pod(deployment).getSecurityContext().getRunAsNonRoot());
            assertNull(pod(deployment).getSecurityContext().getRunAsUser());
            assertNull(pod(deployment).getSecurityContext().getRunAsGroup());
            assertNull(pod(deployment).getSecurityContext().getFsGroup());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void podsAreWatchedStartedAndStoppedWithCare(String name, Manifests objects) {
        for (Deployment deployment : objects.all(Deployment.class)) {
            Container container = container(deployment);
            Set<String> ports = container.getPorts().stream().map(ContainerPort::getName).collect(Collectors.toSet());
            Map<Probe, String> probes = Map.of(container.getReadinessProbe(), "/observe/health/ready", container.getLivenessProbe(), "/observe/health/live",
                    container.getStartupProbe(), "/observe/health/live");
            probes.forEach((probe, path) -> {
                assertEquals(path, probe.getHttpGet().getPath());
                assertEquals("management", probe.getHttpGet().getPort().getStrVal());
                // Health and metrics use HTTP even if the other listeners use HTTPS.
                assertNull(probe.getHttpGet().getScheme());
            });
            assertTrue(ports.contains("management"));
            Probe startup = container.getStartupProbe();
            assertTrue(startup.getPeriodSeconds() * startup.getFailureThreshold() >= 1800, "A long change of the schema is not interrupted");
            long beforeSignal = container.getLifecycle() == null ? 0 : container.getLifecycle().getPreStop().getSleep().getSeconds();
            assertTrue(pod(deployment).getTerminationGracePeriodSeconds() - beforeSignal >= 20, "A program needs 14 s to stop");
            assertEquals(0, deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal());
            assertEquals(Set.of("kubernetes.io/hostname", "topology.kubernetes.io/zone"),
                    pod(deployment).getTopologySpreadConstraints().stream().map(each -> each.getTopologyKey()).collect(Collectors.toSet()));
            pod(deployment).getTopologySpreadConstraints().forEach(each -> assertEquals(deployment.getMetadata().getName(),
                    onlySelected(objects, each.getLabelSelector().getMatchLabels()).getMetadata().getName()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void everySelectorFindsWhatItMeans(String name, Manifests objects) {
        for (Deployment deployment : objects.all(Deployment.class)) {
            Deployment selected = onlySelected(objects, deployment.getSpec().getSelector().getMatchLabels());
            assertEquals(deployment.getMetadata().getName(), selected.getMetadata().getName());
            assertTrue(deployment.getMetadata().getName().endsWith("-" + service(deployment)));
        }
        for (PodDisruptionBudget budget : objects.all(PodDisruptionBudget.class)) {
            assertEquals(budget.getMetadata().getName(), onlySelected(objects, budget.getSpec().getSelector().getMatchLabels()).getMetadata().getName());
        }
        for (Service service : objects.all(Service.class)) {
            List<Deployment> selected = selected(objects, service.getSpec().getSelector());
            boolean isManagement = service.getMetadata().getName().endsWith("-management");
            assertEquals(isManagement ? objects.all(Deployment.class).size() : 1, selected.size());
            for (ServicePort port : service.getSpec().getPorts()) {
                selected.forEach(deployment -> assertTrue(container(deployment).getPorts().stream()
                        .anyMatch(each -> each.getName().equals(port.getTargetPort().getStrVal()) && each.getContainerPort().equals(port.getPort()))));
                assertEquals(isManagement, port.getPort() == 9876, "Health and metrics have a Service of their own");
            }
        }
        for (ServiceMonitor monitor : objects.all(ServiceMonitor.class)) {
            Map<String, String> selector = monitor.getSpec().getSelector().getMatchLabels();
            List<Service> found = objects.all(Service.class).stream()
                    .filter(service -> service.getMetadata().getLabels().entrySet().containsAll(selector.entrySet())).toList();
            assertEquals(1, found.size());
            assertEquals(found.get(0).getSpec().getPorts().get(0).getName(), monitor.getSpec().getEndpoints().get(0).getPort());
        }
    }

    @Test
    void releasesInOneNamespaceDoNotTouchEachOther() {
        Manifests other = RENDERINGS.get("longest name");
        List<Map<String, String>> selectors = new ArrayList<>();
        RENDERINGS.get("everything").all(Service.class).forEach(service -> selectors.add(service.getSpec().getSelector()));
        RENDERINGS.get("everything").all(Deployment.class).forEach(deployment -> selectors.add(deployment.getSpec().getSelector().getMatchLabels()));
        RENDERINGS.get("everything").all(NetworkPolicy.class).forEach(policy -> selectors.add(policy.getSpec().getPodSelector().getMatchLabels()));
        selectors.forEach(selector -> assertEquals(List.of(), selected(other, selector)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void everyVariableIsASettingAndEveryFileIsThere(String name, Manifests objects) {
        Set<String> known = settings();
        for (Deployment deployment : objects.all(Deployment.class)) {
            assertTrue(container(deployment).getEnv().stream().allMatch(variable -> variable.getValueFrom() == null), "Secrets are files");
            Map<String, String> environment = environment(deployment);
            environment.keySet().stream().filter(variable -> !variable.startsWith("CAMEL_") && !variable.equals("JAVA_TOOL_OPTIONS"))
                    .forEach(variable -> assertTrue(known.contains(variable), () -> variable + " is no setting"));
            Set<String> named = environment.values().stream().filter(value -> value.startsWith(FILES)).map(value -> value.substring(FILES.length()))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> mounted = pod(deployment).getVolumes().stream().flatMap(volume -> volume.getProjected().getSources().stream()).flatMap(ChartIT::items)
                    .map(KeyToPath::getPath).collect(Collectors.toCollection(TreeSet::new));
            assertEquals(mounted, named);
            container(deployment).getVolumeMounts().forEach(mount -> assertEquals(FILES, mount.getMountPath() + "/"));
            assertEquals(mounted.isEmpty() ? 0 : 1, container(deployment).getVolumeMounts().size());
        }
    }

    private static Stream<KeyToPath> items(VolumeProjection source) {
        return (source.getSecret() != null ? source.getSecret().getItems() : source.getConfigMap().getItems()).stream();
    }

    /** Environment variables of the settings in resources/application.properties. */
    private static Set<String> settings() {
        return Settings.load(Map.of()).all().keySet().stream().map(Settings::environmentName).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whatTheChartDoesNotSetItselfIsAmongItsSettings() {
        Set<String> expected = settings();
        expected.removeIf(setting -> setting.startsWith("CAMEL_") || NOT_IN_A_POD.contains(setting) || SECRET.contains(setting));
        Set<String> given = Set.of("STORE_BATCH_BYTES", "RETENTION_RAW", "API_RATE_LIMIT", "STORE_GROUP");
        Stream.of("secured", "everything").flatMap(name -> RENDERINGS.get(name).all(Deployment.class).stream())
                .forEach(deployment -> expected.removeIf(setting -> environment(deployment).containsKey(setting) && !given.contains(setting)));
        Set<String> allowed = new TreeSet<>();
        Manifests.yaml(CHART.resolve("values.schema.json")).path("properties").path("settings").path("properties").fieldNames().forEachRemaining(allowed::add);
        assertEquals(expected, allowed, "The settings of values.schema.json are not those of application.properties");
    }

    @Test
    void eachServiceHasTheSettingsThatItNeeds() {
        Manifests secured = RENDERINGS.get("secured");
        assertEquals(new TreeMap<>(Map.ofEntries(Map.entry("KAFKA_BOOTSTRAP_SERVERS", "[fd00::1]:9093,b:9094"), Map.entry("TOPIC_NAME", "sensor-data"),
                Map.entry("KAFKA_PARTITIONS", "6"), Map.entry("KAFKA_REPLICAS", "-1"), Map.entry("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
                Map.entry("KAFKA_SASL_MECHANISM", "PLAIN"), Map.entry("KAFKA_SASL_USERNAME", "pipeline"),
                Map.entry("KAFKA_SASL_PASSWORD_FILE", FILES + "kafka/password"), Map.entry("KAFKA_TLS_CERTIFICATES", FILES + "kafka/authorities.pem"),
                Map.entry("KAFKA_TLS_CERTIFICATE", FILES + "kafka/certificate.pem"), Map.entry("KAFKA_TLS_KEY", FILES + "kafka/key.pem"),
                Map.entry("DB_HOST", "db,standby:6433"), Map.entry("DB_PORT", "6432"),
                Map.entry("DB_NAME", "postgres"), Map.entry("DB_USER", "postgres"), Map.entry("DB_PASSWORD_FILE", FILES + "database/password"),
                Map.entry("DB_TLS_MODE", "verify-full"), Map.entry("DB_TLS_CERTIFICATES", FILES + "database/authorities.pem"),
                Map.entry("API_DB_PASSWORD_FILE", FILES + "database/api-password"), Map.entry("STORE_CONSUMERS", "1"))),
                new TreeMap<>(environment(running(secured, "consumer"))));
        assertEquals(new TreeMap<>(Map.of("LISTEN_TLS_CERTIFICATE", FILES + "tls/tls.crt", "LISTEN_TLS_KEY", FILES + "tls/tls.key",
                "API_BASE_URL", "https://sensors-sensor-pipeline-api:8080", "API_BASE_CERTIFICATES", FILES + "tls/ca.crt")),
                new TreeMap<>(environment(running(secured, "dashboard"))));
        Map<String, String> ofConsumer = environment(running(secured, "consumer"));
        ofConsumer.remove("STORE_CONSUMERS");
        Map<String, String> ofAlerts = new TreeMap<>(ofConsumer);
        ofAlerts.remove("API_DB_PASSWORD_FILE");
        ofAlerts.put("ALERTS_SMTP_PASSWORD_FILE", FILES + "smtp/password");
        assertEquals(ofAlerts, new TreeMap<>(environment(running(secured, "alerts"))));
        ofConsumer.putAll(Map.of("LISTEN_TLS_CERTIFICATE", FILES + "tls/tls.crt", "LISTEN_TLS_KEY", FILES + "tls/tls.key"));
        assertEquals(ofConsumer, environment(running(secured, "api")));
        Map<String, String> producer = environment(running(RENDERINGS.get("everything"), "producer"));
        assertEquals("measurements", producer.get("TOPIC_NAME"));
        assertEquals("16777216", producer.get("STORE_BATCH_BYTES"), "A whole number stays one");
        assertEquals("http://collector:4318 0.5", producer.get("TRACING_ENDPOINT") + " " + producer.get("TRACING_RATIO"));
        assertFalse(producer.containsKey("DB_HOST"));
        assertEquals(Map.of("API_BASE_URL", "https://api.example.org"), environment(running(RENDERINGS.get("dashboard alone"), "dashboard")));
    }

    @Test
    void filesComeFromTheSecretsAndConfigMapsThatValuesName() {
        Map<String, String> sources = new TreeMap<>();
        for (Deployment deployment : RENDERINGS.get("secured").all(Deployment.class)) {
            for (VolumeProjection source : pod(deployment).getVolumes().get(0).getProjected().getSources()) {
                String from = source.getSecret() != null ? "secret " + source.getSecret().getName() : "config map " + source.getConfigMap().getName();
                items(source).forEach(item -> sources.put(service(deployment) + " " + item.getPath(), from + " " + item.getKey()));
            }
        }
        assertEquals("secret web ca.crt", sources.get("dashboard tls/ca.crt"));
        sources.keySet().removeIf(file -> file.startsWith("dashboard"));
        Map<String, String> expected = new TreeMap<>(Map.of("api tls/tls.crt", "secret web tls.crt", "api tls/tls.key", "secret web tls.key", "alerts smtp/password", "secret smtp password",
                "consumer database/api-password", "secret postgresql-api password", "api database/api-password", "secret postgresql-api password"));
        for (String service : List.of("consumer", "alerts", "api")) {
            expected.putAll(Map.of(service + " kafka/password", "secret kafka secret", service + " kafka/authorities.pem", "config map authorities kafka.pem",
                    service + " kafka/certificate.pem", "secret pipeline tls.crt", service + " kafka/key.pem", "secret pipeline user.key",
                    service + " database/password", "secret postgresql secret", service + " database/authorities.pem", "secret db-authority ca.crt"));
        }
        assertEquals(expected, sources);
        assertEquals("secret postgresql password", pod(running(RENDERINGS.get("least"), "api")).getVolumes().get(0).getProjected().getSources().stream()
                .map(source -> "secret " + source.getSecret().getName() + " " + source.getSecret().getItems().get(0).getKey()).findFirst().orElseThrow());
    }

    private static Set<Integer> ports(List<NetworkPolicyPort> ports) {
        return ports.stream().map(port -> port.getPort().getIntVal()).collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void podsReachWhatTheyNeedAndAreReachedOnTheirPortsOnly(String name, Manifests objects) {
        assertEquals(objects.all(Deployment.class).size(), objects.all(NetworkPolicy.class).size());
        for (NetworkPolicy policy : objects.all(NetworkPolicy.class)) {
            Deployment deployment = onlySelected(objects, policy.getSpec().getPodSelector().getMatchLabels());
            assertEquals(deployment.getMetadata().getName(), policy.getMetadata().getName());
            assertEquals(List.of("Ingress", "Egress"), policy.getSpec().getPolicyTypes());
            assertEquals(container(deployment).getPorts().stream().map(ContainerPort::getContainerPort).collect(Collectors.toSet()),
                    policy.getSpec().getIngress().stream().flatMap(rule -> ports(rule.getPorts()).stream()).collect(Collectors.toSet()));
            Map<String, String> environment = environment(deployment);
            Set<Integer> expected = new TreeSet<>(Set.of(53, 5353));
            if (environment.containsKey("KAFKA_BOOTSTRAP_SERVERS")) {
                Arrays.stream(environment.get("KAFKA_BOOTSTRAP_SERVERS").split(","))
                        .map(server -> Integer.valueOf(server.replaceAll(".*:", ""))).forEach(expected::add);
                if (name.equals("secured")) {
                    expected.add(9095);
                }
            }
            if (environment.containsKey("DB_PORT")) {
                expected.add(Integer.valueOf(environment.get("DB_PORT")));
                if (name.equals("secured")) {
                    expected.add(6433);
                }
            }
            if (policy.getMetadata().getName().endsWith("-alerts")) {
                expected.addAll(name.equals("secured") ? Set.of(8443) : Set.of(25, 80, 443, 465, 587));
            }
            Stream.of("API_BASE_URL", "TRACING_ENDPOINT").map(environment::get).filter(Objects::nonNull).map(URI::create)
                    .forEach(address -> expected.add(address.getPort() == -1 ? 443 : address.getPort()));
            assertEquals(expected, policy.getSpec().getEgress().stream().flatMap(rule -> ports(rule.getPorts()).stream())
                    .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @Test
    void peersNarrowWhoIsReachedAndWhoReachesPods() {
        Manifests secured = RENDERINGS.get("secured");
        for (NetworkPolicy policy : secured.all(NetworkPolicy.class)) {
            policy.getSpec().getIngress().forEach(rule -> assertFalse(rule.getFrom().isEmpty(), policy::toString));
            policy.getSpec().getEgress().stream().filter(rule -> !ports(rule.getPorts()).contains(53))
                    .forEach(rule -> assertFalse(rule.getTo().isEmpty(), policy::toString));
        }
        NetworkPolicy api = secured.all(NetworkPolicy.class).stream()
                .filter(policy -> policy.getMetadata().getName().endsWith("-api")).findFirst().orElseThrow();
        assertTrue(api.getSpec().getIngress().get(0).getFrom().stream().anyMatch(peer -> peer.getPodSelector() != null
                && service(onlySelected(secured, peer.getPodSelector().getMatchLabels())).equals("dashboard")), "The dashboard is a client of the REST API");
    }

    /** @return host names and their backends */
    private static Map<String, String> backends(Manifests objects) {
        Map<String, String> backends = new TreeMap<>();
        for (Ingress ingress : objects.all(Ingress.class)) {
            ingress.getSpec().getRules().forEach(rule -> {
                IngressBackend backend = rule.getHttp().getPaths().get(0).getBackend();
                backends.put("ingress " + rule.getHost(), backend.getService().getName() + " " + backend.getService().getPort().getName());
                assertTrue(ingress.getSpec().getTls().get(0).getHosts().contains(rule.getHost()));
            });
        }
        for (HTTPRoute route : objects.all(HTTPRoute.class)) {
            route.getSpec().getRules().get(0).getBackendRefs()
                    .forEach(backend -> backends.put("route " + route.getSpec().getHostnames().get(0), backend.getName() + " " + backend.getPort()));
        }
        return backends;
    }

    @Test
    void hostsLeadToTheirServices() {
        Manifests objects = RENDERINGS.get("everything");
        assertEquals(Map.of("ingress sensors.example.org", "sensors-sensor-pipeline-dashboard http",
                "ingress api.example.org", "sensors-sensor-pipeline-api http",
                "route sensors.example.org", "sensors-sensor-pipeline-dashboard 3000",
                "route api.example.org", "sensors-sensor-pipeline-api 8080"), backends(objects));
        objects.all(Service.class).stream().filter(service -> !service.getMetadata().getName().endsWith("-management"))
                .forEach(service -> assertEquals("http", service.getSpec().getPorts().get(0).getName()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void thereAreNeverMoreConsumersThanPartitions(String name, Manifests objects) {
        Map<String, Integer> most = new TreeMap<>();
        objects.all(HorizontalPodAutoscaler.class).forEach(each -> most.put(each.getSpec().getScaleTargetRef().getName(), each.getSpec().getMaxReplicas()));
        objects.documents().stream().filter(each -> each.path("kind").asText().equals("ScaledObject"))
                .forEach(each -> most.put(each.path("spec").path("scaleTargetRef").path("name").asText(), each.path("spec").path("maxReplicaCount").asInt()));
        most.keySet().forEach(target -> named(objects, target));
        for (Deployment deployment : objects.all(Deployment.class)) {
            boolean isScaled = most.containsKey(deployment.getMetadata().getName());
            assertEquals(isScaled, deployment.getSpec().getReplicas() == null, "Only one decides how many there are");
            if (service(deployment).equals("consumer")) {
                int consumers = Integer.parseInt(environment(deployment).get("STORE_CONSUMERS"));
                int partitions = Integer.parseInt(environment(deployment).get("KAFKA_PARTITIONS"));
                int replicas = isScaled ? most.get(deployment.getMetadata().getName()) : deployment.getSpec().getReplicas();
                assertTrue(replicas * consumers <= partitions, () -> replicas + " * " + consumers + " > " + partitions);
                assertTrue(!isScaled || (replicas + 1) * consumers > partitions, "Each partition can have a consumer");
            }
        }
    }

    @Test
    void consumersScaleByWhatWaitsWhereThereIsKeda() {
        Manifests withKeda = RENDERINGS.get("everything, with KEDA");
        assertEquals(List.of("sensors-sensor-pipeline-api"),
                withKeda.all(HorizontalPodAutoscaler.class).stream().map(each -> each.getMetadata().getName()).toList());
        JsonNode trigger = withKeda.only("ScaledObject").path("spec").path("triggers").path(0);
        assertEquals("kafka:9092", trigger.path("metadata").path("bootstrapServers").asText());
        assertEquals("other", trigger.path("metadata").path("consumerGroup").asText());
        assertFalse(trigger.has("authenticationRef"));

        JsonNode secured = RENDERINGS.get("secured").only("ScaledObject").path("spec").path("triggers").path(0);
        assertEquals(Settings.load(Map.of()).text("store.group"), secured.path("metadata").path("consumerGroup").asText());
        assertEquals("plaintext", secured.path("metadata").path("sasl").asText());
        assertEquals("enable", secured.path("metadata").path("tls").asText());
        JsonNode authentication = RENDERINGS.get("secured").only("TriggerAuthentication");
        assertEquals(authentication.path("metadata").path("name"), secured.path("authenticationRef").path("name"));
        assertEquals(Manifests.parse("""
                {parameter: password, name: kafka, key: secret}
                ---
                {parameter: cert, name: pipeline, key: tls.crt}
                ---
                {parameter: key, name: pipeline, key: user.key}
                """).documents(), elements(authentication.path("spec").path("secretTargetRef")));
        assertEquals(Manifests.parse("{parameter: ca, name: authorities, key: kafka.pem}").documents(),
                elements(authentication.path("spec").path("configMapTargetRef")));
        JsonNode name = authentication.path("spec").path("env").path(0);
        assertEquals("pipeline", environment(running(RENDERINGS.get("secured"), name.path("containerName").asText())).get(name.path("name").asText()));
    }

    private static List<JsonNode> elements(JsonNode array) {
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements;
    }

    @Test
    void alertsAndDashboardAreThoseOfDeployMonitoring() {
        Manifests objects = RENDERINGS.get("everything");
        assertEquals(Manifests.yaml(MONITORING.resolve("alerts.yaml")), objects.only("PrometheusRule").path("spec"));
        ConfigMap dashboards = objects.all(ConfigMap.class).get(0);
        assertEquals("1", dashboards.getMetadata().getLabels().get("grafana_dashboard"));
        assertEquals(List.of(Manifests.yaml(MONITORING.resolve("grafana/dashboard.json"))),
                Manifests.parse(dashboards.getData().get("sensor-pipeline.json")).documents());
        // The alerts select by the job name.
        assertTrue(objects.all(ServiceMonitor.class).get(0).getSpec().getEndpoints().get(0).getRelabelings().stream()
                .anyMatch(each -> "job".equals(each.getTargetLabel()) && "sensor-pipeline".equals(each.getReplacement())));
    }

    static Stream<Arguments> refused() {
        String least = "kafka.bootstrapServers=kafka:9092,database.host=db,database.passwordSecret.name=postgresql,";
        return Stream.of(
                Arguments.of("", "/kafka': missing property 'bootstrapServers'"),
                Arguments.of("kafka.bootstrapServers=kafka:9092", "/database': missing properties 'host', 'passwordSecret'"),
                Arguments.of("kafka.bootstrapServers=kafka", "'kafka' does not match pattern"),
                Arguments.of(least + "podDisruptionBudget.maxUnavailable=one", "/podDisruptionBudget/maxUnavailable': got string, want integer"),
                Arguments.of(least + "replicas=3", "additional properties 'replicas' not allowed"),
                Arguments.of(least + "consumer.replica=3", "/consumer': additional properties 'replica' not allowed"),
                Arguments.of(least + "settings.RETENTION_RWA=90d", "/settings': additional properties 'RETENTION_RWA' not allowed"),
                Arguments.of(least + "settings.DB_PASSWORD=secret", "/settings': additional properties 'DB_PASSWORD' not allowed"),
                Arguments.of(least + "settings.API_PORT=81", "/settings': additional properties 'API_PORT' not allowed"),
                Arguments.of(least + "kafka.securityProtocol=SASL_SSL", "/kafka/sasl': missing properties 'username', 'passwordSecret'"),
                Arguments.of(least + "kafka.securityProtocol=TLS", "value must be one of 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'"),
                Arguments.of(least + "database.tls.mode=on", "value must be one of 'disable', 'prefer', 'require', 'verify-ca', 'verify-full'"),
                Arguments.of(least + "database.tls.certificates.secret=a", "missing property 'key'"),
                Arguments.of(least + "database.port=70000", "/database/port': maximum: got 70,000, want 65,535"),
                Arguments.of(least + "runAsUser=0", "/runAsUser': minimum: got 0, want 1"),
                Arguments.of(least + "podLabels.app\\.kubernetes\\.io/name=x", "invalid propertyName 'app.kubernetes.io/name'"),
                Arguments.of(least + "api.enabled=false", "/dashboard/apiUrl': minLength: got 0, want 1"),
                Arguments.of(least + "consumer.replicas=7",
                        "consumer.replicas (7) must not be more than 6, or pods have no partition to read: kafka.partitions (6) / consumer.storeConsumers (1)"),
                Arguments.of(least + "consumer.autoscaling.enabled=true,consumer.storeConsumers=2,consumer.autoscaling.maxReplicas=4",
                        "consumer.autoscaling.maxReplicas (4) must not be more than 3"),
                Arguments.of(least + "consumer.autoscaling.enabled=true,consumer.autoscaling.minReplicas=7",
                        "consumer.autoscaling.minReplicas (7) must not be more than the most that there can be (6)"),
                Arguments.of(least + "consumer.storeConsumers=7", "consumer.storeConsumers (7) must not be more than kafka.partitions (6)"),
                Arguments.of(least + "ingress.enabled=true", "ingress is enabled, so it needs dashboardHost or apiHost"),
                Arguments.of(least + "httpRoute.enabled=true,httpRoute.apiHost=a.example.org", "/httpRoute/parentRefs': minItems: got 0, want 1"),
                Arguments.of("consumer.enabled=false,alerts.enabled=false,api.enabled=false,dashboard.enabled=false",
                        "no service is enabled: producer, consumer, alerts, api or dashboard"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void whatCannotBeIsRefusedWithTheReason(String values, String reason) {
        Helm.Result result = Helm.call("template", "sensors", CHART.toString(), "--set", values);
        assertNotEquals(0, result.status(), "It was taken");
        assertTrue(result.errors().contains(reason), result::errors);
    }

    @Test
    void theNotesSayWhatToDoNext() throws IOException {
        String least = Helm.run("install", "sensors", CHART.toString(), "--dry-run=client", "--namespace", "iot", "--values", values(LEAST).toString());
        for (String expected : List.of("--namespace iot port-forward service/sensors-sensor-pipeline-dashboard 3000", "then http://localhost:3000",
                "topic sensor-data", "producer.enabled=true", "monitoring.alerts.enabled")) {
            assertTrue(least.contains(expected), () -> expected + " is not in\n" + least);
        }
        String everything = Helm.run("install", "sensors", CHART.toString(), "--dry-run=client", "--values", values(EVERYTHING).toString());
        for (String expected : List.of("https://sensors.example.org", "KEDA is not in this cluster", "The REST API has no users")) {
            assertTrue(everything.contains(expected), () -> expected + " is not in\n" + everything);
        }
        assertFalse(least.contains("KEDA") || least.contains("no users"), least);
    }

    /** The chart that release.yaml pushes. */
    @Test
    void aReleasedChartKnowsItsImage() throws IOException {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target/helm")), "package");
        Helm.Result result = Helm.execute(List.of(".ci/package-chart", "1.2.3", "registry.example.org/someone/sensor-pipeline", folder.toString()));
        assertEquals(0, result.status(), result.errors());
        String chart = folder.resolve("sensor-pipeline-1.2.3.tgz").toString();
        Manifests objects = Manifests.parse(Helm.run("template", "sensors", chart, "--values", values(LEAST).toString(),
                "--set", "monitoring.alerts.enabled=true"));
        assertEquals("registry.example.org/someone/sensor-pipeline:1.2.3", container(running(objects, "consumer")).getImage());
        assertEquals(Manifests.yaml(MONITORING.resolve("alerts.yaml")), objects.only("PrometheusRule").path("spec"), "What was a link is a file");
        assertEquals("registry.example.org/sensor-pipeline:2.0", container(running(RENDERINGS.get("everything"), "consumer")).getImage());
    }

    @Test
    void theExamplesFitTogether() throws IOException {
        Manifests kafka = example("kafka-strimzi.yaml");
        Manifests postgresql = example("postgresql-cloudnativepg.yaml");
        kafka.requireValid();
        postgresql.requireValid();
        JsonNode values = Manifests.yaml(CHART.resolve("examples/values.yaml"));
        Map<String, String> environment = environment(running(RENDERINGS.get("examples"), "consumer"));

        // Names that the operators give to the objects they create.
        Kafka cluster = kafka.all(Kafka.class).get(0);
        String kafkaName = cluster.getMetadata().getName();
        int port = cluster.getSpec().getKafka().getListeners().get(0).getPort();
        assertEquals(kafkaName + "-kafka-bootstrap:" + port, environment.get("KAFKA_BOOTSTRAP_SERVERS"));
        assertEquals(kafkaName + "-cluster-ca-cert", values.path("kafka").path("certificates").path("secret").asText());
        KafkaUser user = kafka.all(KafkaUser.class).get(0);
        assertEquals(user.getMetadata().getName(), environment.get("KAFKA_SASL_USERNAME"));
        assertEquals(user.getMetadata().getName(), values.path("kafka").path("sasl").path("passwordSecret").path("name").asText());
        assertEquals(user.getSpec().getAuthentication().getType(), environment.get("KAFKA_SASL_MECHANISM").toLowerCase(Locale.ROOT));
        KafkaTopic topic = kafka.all(KafkaTopic.class).stream()
                .filter(each -> each.getMetadata().getName().equals(environment.get("TOPIC_NAME"))).findFirst().orElseThrow();
        assertEquals(environment.get("KAFKA_PARTITIONS"), String.valueOf(topic.getSpec().getPartitions()));
        assertEquals(environment.get("KAFKA_REPLICAS"), String.valueOf(topic.getSpec().getReplicas()));

        JsonNode database = postgresql.only("Cluster");
        String databaseName = database.path("metadata").path("name").asText();
        JsonNode made = database.path("spec").path("bootstrap").path("initdb");
        assertEquals(databaseName + "-rw", environment.get("DB_HOST"));
        assertEquals(databaseName + "-app", values.path("database").path("passwordSecret").path("name").asText());
        assertEquals(databaseName + "-ca", values.path("database").path("tls").path("certificates").path("secret").asText());
        assertEquals(made.path("database").asText(), environment.get("DB_NAME"));
        assertEquals(made.path("owner").asText(), environment.get("DB_USER"));
        assertEquals("verify-full", environment.get("DB_TLS_MODE"));
    }

    @Test
    void theChartHasTheVersionOfTheProgram() throws IOException {
        JsonNode chart = Manifests.yaml(CHART.resolve("Chart.yaml"));
        assertEquals(chart.path("version"), chart.path("appVersion"));
        assertTrue(Files.readString(Path.of("pom.xml")).contains("<version>" + chart.path("version").asText() + "-SNAPSHOT</version>"));
    }
}

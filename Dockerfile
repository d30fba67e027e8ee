# One image for all services; the arguments select the services to run: docker run IMAGE consumer api
# docs/operations.md explains its size.

FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY resources resources
COPY routes routes
COPY web web
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 ./mvnw --batch-mode --quiet -Dmaven.test.skip=true package
COPY deploy/image deploy/image
RUN deploy/image/assemble
USER 65532
RUN java deploy/image/StartupTraining.java

# No package manager, no tools; user 65532.
FROM gcr.io/distroless/cc-debian13:nonroot
# The embedded PostgreSQL starts its processes through a shell; nothing else needs it.
COPY --from=build /usr/bin/dash /bin/sh
COPY --from=build --chown=65532:65532 /assembled/data /data
COPY --from=build /opt/runtime /opt/runtime
COPY --from=build /opt/sensor-pipeline /opt/sensor-pipeline
WORKDIR /opt/sensor-pipeline
USER 65532:65532
# In a container, the network controls access to ports.
ENV LISTEN_HOST=0.0.0.0 DATA_DIR=/data LOG_FORMAT=json
EXPOSE 8080 3000 9876
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/runtime/bin/java", "-XX:SharedArchiveFile=probe.jsa", "@probe.options", "sensorpipeline.health.HealthProbe"]
ENTRYPOINT ["/opt/runtime/bin/java", "-XX:SharedArchiveFile=startup.jsa", "@java.options", "-jar", "sensor-pipeline.jar"]
ARG VERSION=1.0.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sensor Pipeline" \
      org.opencontainers.image.description="IoT readings from devices to people: Kafka, PostgreSQL, REST API and dashboard" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

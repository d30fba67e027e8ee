# One image for every service; the arguments name those to run: docker run IMAGE consumer api
FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
RUN ./mvnw --batch-mode --quiet -Dmaven.test.skip=true dependency:go-offline
COPY resources resources
COPY routes routes
COPY web web
COPY src/main src/main
RUN ./mvnw --batch-mode --quiet -Dmaven.test.skip=true package

FROM eclipse-temurin:25-jre
RUN useradd --system --uid 65532 --no-create-home pipeline \
    && install -d -o 65532 -g 65532 /data
WORKDIR /opt/sensor-pipeline
COPY --from=build /build/target/lib lib
COPY --from=build /build/target/sensor-pipeline.jar .
USER 65532
# In a container the network decides who reaches a port.
ENV LISTEN_HOST=0.0.0.0 DATA_DIR=/data
EXPOSE 8080 3000 9876
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=70", "-XX:+ExitOnOutOfMemoryError", "--sun-misc-unsafe-memory-access=allow", "-jar", "sensor-pipeline.jar"]

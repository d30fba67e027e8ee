/** Route files, YAML and Java: loading, the rules they are held to, and reloading while they run. */
package sensorpipeline.routes;

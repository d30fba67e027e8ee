/** Route files, YAML and Java: loading, rules, and hot reload. */
package sensorpipeline.routes;

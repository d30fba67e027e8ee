/** Metrics of the program, published to Prometheus and JMX from the same meters. */
package sensorpipeline.metrics;

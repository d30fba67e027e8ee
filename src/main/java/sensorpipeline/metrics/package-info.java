/** What the program tells of itself to Prometheus and JMX, from the same meters. */
package sensorpipeline.metrics;

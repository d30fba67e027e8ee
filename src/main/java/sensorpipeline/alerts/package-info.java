/**
 * The service {@code alerts}: evaluates readings as they arrive, tells what changes on the topic of alerts, and saves states and positions together a little later.
 */
package sensorpipeline.alerts;

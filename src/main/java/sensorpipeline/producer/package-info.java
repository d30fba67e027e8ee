/** Readings that do not come from devices: simulated or replayed from a file. */
package sensorpipeline.producer;

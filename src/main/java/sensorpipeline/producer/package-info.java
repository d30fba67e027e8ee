/** Readings that do not come from devices: simulated ones, and those of a file. */
package sensorpipeline.producer;

/** The program: its services, its settings, and how it starts and stops. */
package sensorpipeline;

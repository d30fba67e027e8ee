/** The program: its services and settings, startup and shutdown. */
package sensorpipeline;

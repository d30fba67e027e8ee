/** The settings of a program, and how it refuses to start with wrong ones. */
package sensorpipeline.settings;

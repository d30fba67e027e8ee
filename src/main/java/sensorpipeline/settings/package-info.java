/** Settings of a program, their validation, and startup errors. */
package sensorpipeline.settings;

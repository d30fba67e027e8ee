/** The page that people look at. */
package sensorpipeline.dashboard;

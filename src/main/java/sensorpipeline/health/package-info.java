/** Health checks, which verify that the work actually progresses, and the paths that report them. */
package sensorpipeline.health;

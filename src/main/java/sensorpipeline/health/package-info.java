/** Whether the work really progresses: what the program looks at, and how it tells. */
package sensorpipeline.health;

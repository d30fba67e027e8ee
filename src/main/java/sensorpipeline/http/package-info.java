/** What every HTTP listener of the program has in common: errors as JSON, checked parameters, health. */
package sensorpipeline.http;

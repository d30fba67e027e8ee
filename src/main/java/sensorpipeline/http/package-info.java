/** What every HTTP listener of the program has in common: errors as JSON, checked parameters, and paths that answer. */
package sensorpipeline.http;

/** The web pages, and their proxy to the REST API. */
package sensorpipeline.dashboard;

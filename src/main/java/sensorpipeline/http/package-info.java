/** HTTP listeners: routing, TLS, errors as JSON, rate limits, static files. */
package sensorpipeline.http;

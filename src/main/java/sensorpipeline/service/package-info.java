/** The interface of a service, and the context it runs in: settings, beans, pools, listeners, health checks. */
package sensorpipeline.service;

/** What a service is to the program, and what the program gives it: settings, beans, pools, listeners, health checks. */
package sensorpipeline.service;

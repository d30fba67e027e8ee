/**
 * Alert rules, and the states that readings put them into. Nothing here waits, reads a clock or keeps anything outside of memory: the same readings in the same order
 * always lead to the same transitions.
 */
package sensorpipeline.rules;

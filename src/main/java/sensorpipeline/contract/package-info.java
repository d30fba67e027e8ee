/** Validates requests against the contract, openapi.json: path, query, body and the header Accept. */
package sensorpipeline.contract;

/** Reads requests as the contract, openapi.json, declares them: path, query, body and the header Accept. */
package sensorpipeline.contract;

/** Who calls, and what that caller may do: roles, and database connections that see only the caller's tenant. */
package sensorpipeline.access;

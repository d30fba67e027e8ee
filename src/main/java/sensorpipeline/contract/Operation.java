package sensorpipeline.contract;

/**
 * An operation of the REST API, as far as it matters who calls it.
 *
 * @param role the name of the role that it needs; empty if everybody may call it
 * @param isAboutTenant whether it is about a tenant, and has the parameter "tenant"
 */
public record Operation(String role, boolean isAboutTenant) {

    /** @return true if everybody may call it, without a key */
    public boolean isPublic() {
        return role.isEmpty();
    }
}

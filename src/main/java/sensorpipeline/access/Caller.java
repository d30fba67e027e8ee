package sensorpipeline.access;

/**
 * Who makes a request, and for which tenant.
 *
 * @param tenant whose data the request is about
 * @param role what the caller may do with it
 * @param id identifies the caller among all of the installation, such as {@code key:17}
 * @param name of the caller, for people
 */
public record Caller(String tenant, Role role, String id, String name) {

    private static final String ANYBODY = "open";

    /**
     * @param tenant whose data the program needs
     * @return the program itself, when it reads on nobody's request
     */
    public static Caller program(String tenant) {
        return new Caller(tenant, Role.READER, "program", "the program");
    }

    /**
     * @param tenant that is open to everybody who reaches the listener
     * @return whoever it is
     */
    public static Caller anybody(String tenant) {
        return new Caller(tenant, Role.ADMINISTRATOR, ANYBODY, "anybody");
    }

    /** @return true if it is not known who it is */
    public boolean isAnybody() {
        return id.equals(ANYBODY);
    }
}

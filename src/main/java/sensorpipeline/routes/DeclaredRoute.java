package sensorpipeline.routes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a file provides to other files, and what it requires of them.
 *
 * @param path of the file, such as {@code api/latest.camel.yaml}
 * @param id of the route or policy
 * @param isPolicy whether it is a policy (routeConfiguration)
 * @param start {@code direct:name} at which the route starts; null if it starts elsewhere, does not run, or is a policy
 * @param policies that the route refers to
 * @param targets {@code direct:name} of the routes that it sends to
 */
record DeclaredRoute(String path, String id, boolean isPolicy, String start, List<String> policies, List<String> targets) {

    /** A conflict between files: the file at fault, the error, and the name that is missing or duplicate. */
    record Conflict(String path, String message, String name) {
    }

    /** @return whether it provides this name: {@code direct:name}, or the id of a policy */
    boolean gives(String name) {
        return name.equals(isPolicy ? id : start);
    }

    /**
     * @param all routes and policies to run together; of two that provide the same name, the first one is at fault
     * @return the first conflict, or null if there is none
     */
    static Conflict conflict(List<DeclaredRoute> all) {
        List<DeclaredRoute> reversed = new ArrayList<>(all);
        Collections.reverse(reversed);
        return Stream.concat(all.stream().map(one -> one.duplicate(all)), reversed.stream().map(one -> one.missing(all)))
                .filter(Objects::nonNull).findFirst().orElse(null);
    }

    private Conflict duplicate(List<DeclaredRoute> all) {
        for (DeclaredRoute other : all) {
            if (other != this && other.id.equals(id)) {
                return new Conflict(path, "the id '%s' is that of %s, too; each route needs one of its own".formatted(id, other.path), other.path);
            }
            if (other != this && start != null && start.equals(other.start)) {
                return new Conflict(path, "it starts at %s, as %s does; only one route can start there".formatted(start, other.path), other.path);
            }
        }
        return null;
    }

    private Conflict missing(List<DeclaredRoute> all) {
        for (String policy : policies) {
            if (all.stream().noneMatch(other -> other.isPolicy && other.id.equals(policy))) {
                return new Conflict(path, "the policy '%s' is not in shared/; allowed are %s".formatted(policy, names(all)), policy);
            }
        }
        for (String target : targets) {
            if (all.stream().noneMatch(other -> target.equals(other.start))) {
                return new Conflict(path, "it sends to %s, but no running route starts there".formatted(target), target);
            }
        }
        return null;
    }

    private static String names(List<DeclaredRoute> all) {
        return String.join(", ", all.stream().filter(DeclaredRoute::isPolicy).map(DeclaredRoute::id).filter(Objects::nonNull).sorted().toList());
    }
}

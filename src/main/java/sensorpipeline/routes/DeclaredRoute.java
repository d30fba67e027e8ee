package sensorpipeline.routes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a file gives to the other files and needs of them.
 *
 * @param path of the file, such as {@code api/latest.camel.yaml}
 * @param id of the route or policy
 * @param isPolicy whether it is a policy (routeConfiguration)
 * @param start {@code direct:name} at which the route starts; null if it starts elsewhere, does not run, or is a policy
 * @param policies that the route names
 * @param targets {@code direct:name} of the routes that it sends to
 */
record DeclaredRoute(String path, String id, boolean isPolicy, String start, List<String> policies, List<String> targets) {

    /** Something that keeps files from running together: the file at fault, what is wrong, and what is missing or there twice. */
    record Conflict(String path, String message, String name) {
    }

    /** @return whether it gives what has this name: {@code direct:name}, or the id of a policy */
    boolean gives(String name) {
        return name.equals(isPolicy ? id : start);
    }

    /**
     * @param all that shall run together, those at fault first if two give the same
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
                return new Conflict(path, "it sends to %s, but no route that runs starts there".formatted(target), target);
            }
        }
        return null;
    }

    private static String names(List<DeclaredRoute> all) {
        return String.join(", ", all.stream().filter(DeclaredRoute::isPolicy).map(DeclaredRoute::id).filter(Objects::nonNull).sorted().toList());
    }
}

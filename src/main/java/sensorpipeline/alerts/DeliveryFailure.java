package sensorpipeline.alerts;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;

/** Says in plain words why a message could not be delivered. Stateless. */
final class DeliveryFailure {

    private static final int LONGEST = 500;
    private static final int DEEPEST = 20;
    private static final Pattern CLASS_NAMES = Pattern.compile("\\b(?:[a-z_][\\w$]*\\.)+[A-Z][\\w$]*(?:: ?)?|\\b[A-Z]\\w*(?:Exception|Error)(?:: ?)?");
    private static final Pattern DIRECT_ENDPOINT = Pattern.compile("direct:(?://)?([\\w.-]*[\\w-])");
    private static final Pattern CLOSED = Pattern.compile("connection reset|broken pipe|EOF|received no bytes|failed to respond|closed", Pattern.CASE_INSENSITIVE);

    private DeliveryFailure() {
    }

    /**
     * @param failure of the route of a channel
     * @param server that the message was for, such as {@code pager.example.org:443}
     * @return why, without a name of a class or a line break, in at most 500 characters
     */
    static String reason(Throwable failure, String server) {
        String reason = words(causes(failure), server).strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return reason.substring(0, Math.min(reason.length(), LONGEST));
    }

    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && causes.size() < DEEPEST; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static String words(List<Throwable> causes, String server) {
        Optional<HttpOperationFailedException> answer = first(causes, HttpOperationFailedException.class);
        if (answer.isPresent()) {
            String status = answer.get().getStatusText();
            return server + " answered " + answer.get().getStatusCode() + (status == null || status.isBlank() ? "" : " " + status);
        }
        Optional<DirectConsumerNotAvailableException> missing = first(causes, DirectConsumerNotAvailableException.class);
        if (missing.isPresent()) {
            Matcher endpoint = DIRECT_ENDPOINT.matcher(missing.get().getMessage());
            return endpoint.find() ? "the route \"%s\" is not running".formatted(endpoint.group(1)) : "the route of this channel is not running";
        }
        if (first(causes, AuthenticationFailedException.class).isPresent()) {
            return "login refused by " + server + said(causes, AuthenticationFailedException.class);
        }
        Optional<SMTPAddressFailedException> address = first(causes, SMTPAddressFailedException.class);
        if (address.isPresent()) {
            return server + " refused the address " + address.get().getAddress() + said(causes, SMTPAddressFailedException.class);
        }
        return connection(causes, server).orElseGet(() -> said(causes));
    }

    private static Optional<String> connection(List<Throwable> causes, String server) {
        if (has(causes, UnknownHostException.class) || has(causes, UnresolvedAddressException.class)) {
            return Optional.of("unknown host: " + server);
        }
        if (has(causes, CertificateException.class)) {
            return Optional.of("the certificate of %s is not trusted, or is for another host%s".formatted(server, said(causes, CertificateException.class)));
        }
        if (has(causes, SSLException.class)) {
            return Optional.of("no TLS connection to " + server + said(causes, SSLException.class));
        }
        if (has(causes, SocketTimeoutException.class) || has(causes, HttpTimeoutException.class) || has(causes, TimeoutException.class) || says(causes, ConnectException.class, "timed out")) {
            return Optional.of("timed out: %s did not respond".formatted(server));
        }
        if (has(causes, NoRouteToHostException.class) || says(causes, ConnectException.class, "unreachable")) {
            return Optional.of("no network connection to " + server);
        }
        if (has(causes, ConnectException.class)) {
            return Optional.of("connection refused by " + server);
        }
        if (has(causes, ProtocolException.class)) {
            return Optional.of(server + " sent a response that is not HTTP");
        }
        if (causes.stream().anyMatch(DeliveryFailure::isOfClosedConnection)) {
            return Optional.of(server + " closed the connection without a response");
        }
        return Optional.empty();
    }

    private static boolean isOfClosedConnection(Throwable cause) {
        return cause instanceof EOFException || (cause instanceof IOException || cause instanceof MessagingException) && cause.getMessage() != null && CLOSED.matcher(cause.getMessage()).find();
    }

    private static <T extends Throwable> Optional<T> first(List<Throwable> causes, Class<T> kind) {
        return causes.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    private static boolean has(List<Throwable> causes, Class<? extends Throwable> kind) {
        return first(causes, kind).isPresent();
    }

    private static boolean says(List<Throwable> causes, Class<? extends Throwable> kind, String text) {
        return causes.stream().anyMatch(cause -> kind.isInstance(cause) && cause.getMessage() != null && cause.getMessage().contains(text));
    }

    /** @return what the server or a library said, after a colon, or nothing */
    private static String said(List<Throwable> causes, Class<? extends Throwable> kind) {
        String message = first(causes, kind).map(Throwable::getMessage).map(DeliveryFailure::plain).orElse("");
        return message.isEmpty() ? "" : ": " + message;
    }

    /** The first that is not Camel's says what happened. */
    private static String said(List<Throwable> causes) {
        return causes.stream().filter(cause -> !cause.getClass().getName().startsWith("org.apache.camel.") || cause.getCause() == null).map(Throwable::getMessage).filter(message -> message != null)
                .map(DeliveryFailure::plain).filter(message -> !message.isEmpty()).findFirst().orElse("the route failed without saying why");
    }

    private static String plain(String message) {
        return CLASS_NAMES.matcher(message).replaceAll("").strip();
    }
}

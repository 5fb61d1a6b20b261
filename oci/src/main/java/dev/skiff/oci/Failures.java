package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;

/** Words for what goes wrong between us and a registry. */
final class Failures {
    private static final int MAX_TEXT = 1 << 16;
    private static final int MAX_SHOWN = 400;

    /** What the JDK says when something that is not TLS comes, in one class or the other. */
    private static final Pattern PLAIN_TEXT = Pattern.compile("unrecognized SSL message", Pattern.CASE_INSENSITIVE);

    /** What a registry answers that may answer something else soon. */
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    /** A registry that asks for more patience is told of instead. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    private Failures() {}

    /**
     * What an answer with an unwanted status means, for those who may ask again.
     *
     * @throws OciException if there is no sense in that
     */
    static PassingException passing(Call call, Answer answer, boolean anonymous) {
        int status = answer.status();
        Optional<Duration> wait = retryAfter(answer);
        OciException failure = of(call, answer, anonymous);
        if (!PASSING.contains(status) || wait.isPresent() && wait.get().compareTo(LONGEST_RETRY_AFTER) > 0) {
            throw failure;
        }
        return new PassingException(failure, wait);
    }

    /** What an answer with an unwanted status means; reads the answer to its end and closes it. */
    static OciException of(Call call, Answer answer, boolean anonymous) {
        String host = answer.uri().getAuthority();
        int status = answer.status();
        String said = text(answer);
        String what = "cannot " + call.doing() + ": ";
        return switch (status) {
            case 401 ->
                new OciException(
                        Problem.UNAUTHORIZED,
                        what
                                + host
                                + (anonymous
                                        ? " wants to know who asks (401)" + said + "; skiff registry login tells it"
                                        : " does not accept the credentials (401)" + said
                                                + "; skiff registry login renews them"));
            case 403 ->
                new OciException(
                        Problem.FORBIDDEN,
                        what + host + " forbids it (403)" + said
                                + (anonymous ? "; perhaps to strangers only: skiff registry login" : ""));
            case 404 -> new OciException(Problem.NOT_FOUND, what + host + " does not have it (404)" + said);
            case 429 ->
                new OciException(
                        Problem.RATE_LIMITED,
                        what + host + " answers no more requests for now (429)" + said + limit(answer)
                                + (anonymous ? "; who logs in may ask more: skiff registry login" : ""));
            case 405, 415 ->
                new OciException(Problem.UNSUPPORTED, what + host + " does not support it (" + status + ")" + said);
            case 413 -> new OciException(Problem.TOO_LARGE, what + "it is too large for " + host + " (413)" + said);
            case 407 ->
                new OciException(
                        Problem.FORBIDDEN,
                        what + "the proxy wants to know who asks (407)" + said
                                + "; HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT tells it");
            case 400, 416 ->
                new OciException(Problem.SERVER, what + host + " does not accept the request (" + status + ")" + said);
            default ->
                new OciException(
                        Problem.SERVER,
                        what + host + (status >= 500 ? " failed (" : " answered with an unexpected status (") + status
                                + ")" + said);
        };
    }

    /** What registries say of their limits, Docker Hub above all. */
    private static String limit(Answer answer) {
        Optional<String> limit = answer.header("ratelimit-limit");
        Optional<Duration> wait = retryAfter(answer);
        String text = limit.map(value -> {
                    String[] parts = value.split(";w=", 2);
                    String hours = parts.length == 2 && parts[1].matches("[0-9]{1,9}")
                            ? " in " + Math.max(1, Long.parseLong(parts[1]) / 3600) + " hours"
                            : "";
                    return "; its limit is " + parts[0] + " requests" + hours;
                })
                .orElse("");
        return text
                + wait.map(time -> "; it says to wait " + time.toSeconds() + " s")
                        .orElse("");
    }

    /** How long the registry asks to wait, in seconds; a date is not understood. */
    static Optional<Duration> retryAfter(Answer answer) {
        return answer.header("retry-after")
                .filter(value -> value.matches("[0-9]{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    }

    /** What the registry says: the errors of the distribution specification, or the beginning of another text. */
    private static String text(Answer answer) {
        byte[] body;
        try (InputStream in = answer.body()) {
            body = in.readNBytes(MAX_TEXT);
        } catch (IOException e) {
            return "";
        }
        List<String> messages = new ArrayList<>();
        try {
            for (JsonObject error : Json.object(body, "the answer").objects("errors")) {
                String code = error.text("code").orElse("");
                String message = error.text("message").orElse("");
                messages.add(message.isEmpty() ? code : message);
            }
        } catch (OciException e) {
            boolean html = answer.header("content-type").orElse("").contains("html");
            if (!html && body.length > 0) {
                messages.add(new String(body, StandardCharsets.UTF_8).strip());
            }
        }
        String said = String.join("; ", messages);
        return said.isEmpty() ? "" : ": " + (said.length() <= MAX_SHOWN ? said : said.substring(0, MAX_SHOWN) + "...");
    }

    /** What it means that no answer came. */
    static OciException of(Call call, IOException e) {
        if (e instanceof PassingException passing) {
            return passing.failure();
        }
        String host = call.uri().getAuthority();
        String what = "cannot " + call.doing() + ": ";
        if (e instanceof Answer.StalledException) {
            return new OciException(Problem.UNREACHABLE, what + e.getMessage(), e);
        }
        if (isUnknownHost(e)) {
            return new OciException(
                    Problem.UNREACHABLE, what + "there is no host " + call.uri().getHost(), e);
        }
        Optional<SSLException> tls = tls(e);
        if (tls.isPresent()) {
            return new OciException(Problem.TLS, what + tls(host, tls.get()), e);
        }
        if (e instanceof ConnectTimeoutException) {
            return new OciException(Problem.UNREACHABLE, what + host + " cannot be reached: no answer", e);
        }
        if (e instanceof SocketTimeoutException) {
            return new OciException(
                    Problem.UNREACHABLE,
                    what + host + " did not answer for " + call.timeout().toSeconds() + " s",
                    e);
        }
        if (e instanceof ConnectException) {
            return new OciException(Problem.UNREACHABLE, what + host + " refuses connections", e);
        }
        String reason = Optional.ofNullable(e.getMessage()).orElse(e.toString());
        return new OciException(Problem.UNREACHABLE, what + "the connection to " + host + " broke: " + reason, e);
    }

    /** What it means that a proxy takes no connection. */
    static OciException ofProxy(Call call, String proxy, IOException e) {
        String reason = isUnknownHost(e) ? "there is no proxy " + proxy : "the proxy " + proxy + " refuses connections";
        return new OciException(Problem.UNREACHABLE, "cannot " + call.doing() + ": " + reason, e);
    }

    static boolean isRefused(Throwable e) {
        return e instanceof ConnectException || e.getCause() != null && isRefused(e.getCause());
    }

    static boolean isUnknownHost(Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    static Optional<SSLException> tls(Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof SSLException tls) {
                return Optional.of(tls);
            }
        }
        return Optional.empty();
    }

    /** Whether the other side does not speak TLS at all. */
    static boolean isPlainText(Throwable e) {
        return tls(e).filter(tls ->
                        PLAIN_TEXT.matcher(String.valueOf(tls.getMessage())).find())
                .isPresent();
    }

    private static String tls(String host, SSLException e) {
        String message = String.valueOf(e.getMessage());
        if (isPlainText(e)) {
            return host + " does not speak TLS; --plain-http asks it without";
        }
        if (message.contains("NotAfter") || message.contains("NotBefore") || message.contains("validity")) {
            return "the certificate of " + host + " is not valid now: " + message;
        }
        if (message.contains("unable to find valid certification path") || message.contains("PKIX path")) {
            return "the certificate of " + host + " is of no authority that this machine trusts; --ca FILE trusts one";
        }
        if (message.contains("No subject alternative") || message.contains("No name matching")) {
            return "the certificate of " + host + " is for another host: " + message;
        }
        return "no TLS connection to " + host + ": " + message;
    }
}

package dev.skiff.oci;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * Who may vouch for which server: the Java runtime's authorities, files that count for all, and files that count for one, in folders as
 * Docker's {@code certs.d}. Files are read when TLS needs them. Thread-safe.
 */
final class Authorities {
    private static final int HTTPS = 443;

    private final List<Path> files;
    private final List<Path> folders;
    private final Map<List<Path>, SSLContext> contexts = new ConcurrentHashMap<>();

    /**
     * Nothing is read but whether files that count for all are such.
     *
     * @throws OciException if one of them is none
     */
    Authorities(List<Path> files, List<Path> folders) {
        this.files = files;
        this.folders = folders;
        files.forEach(Trust::check);
    }

    /**
     * What proves that a server is who it should be.
     *
     * @throws OciException if a file that counts for it cannot be used
     */
    SSLContext of(String host, int port) {
        List<Path> all = new ArrayList<>(files);
        for (Path folder : folders) {
            all.addAll(certificates(folder.resolve(host + ":" + port)));
            if (port == HTTPS) {
                all.addAll(certificates(folder.resolve(host)));
            }
        }
        return contexts.computeIfAbsent(List.copyOf(all), Trust::context);
    }

    private static List<Path> certificates(Path folder) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.crt")) {
            entries.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return found;
        } catch (IOException e) {
            throw StoreFiles.failure("read", folder, e);
        }
        found.sort(null);
        return found;
    }
}

package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A registry server that keeps no list of referrers (docker-registry 2.8), as signatures need one. */
final class DistributionRegistry implements AutoCloseable {
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final TestRegistry server = TestRegistry.start();
    private final String host = server.address();
    private final HttpClient http = HttpClient.newHttpClient();

    /** A repository in it. */
    Repository repository(String name) {
        return new Repository(name);
    }

    @Override
    public void close() {
        server.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : "http://" + host + path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** A repository, as signatures need one. */
    final class Repository implements SignatureSource {
        private final String name;

        private Repository(String name) {
            this.name = name;
        }

        /** Pushes a small artifact. */
        SignatureSubject artifact() {
            byte[] config = "{}".getBytes(UTF_8);
            byte[] layer = ("a module for " + name).getBytes(UTF_8);
            pushBlob(config);
            pushBlob(layer);
            byte[] manifest = """
                    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.wasm.config.v0+json",\
                    "digest":"%s","size":%d},"layers":[{"mediaType":"application/wasm","digest":"%s","size":%d}]}""".formatted(
                            MediaTypes.OCI_MANIFEST,
                            Digest.ofBytes(config),
                            config.length,
                            Digest.ofBytes(layer),
                            layer.length)
                    .getBytes(UTF_8);
            pushManifest("v1", MediaTypes.OCI_MANIFEST, manifest);
            return new SignatureSubject(host + "/" + name, MediaTypes.OCI_MANIFEST, Digest.ofBytes(manifest), manifest);
        }

        /** Pushes a signature. */
        void push(SignatureUpload upload) {
            upload.blobs().forEach(this::pushBlob);
            pushManifest(
                    upload.tag().orElse(Digest.ofBytes(upload.manifest()).toString()),
                    upload.mediaType(),
                    upload.manifest());
            if (upload.tag().isEmpty()) {
                enter(upload);
            }
        }

        /** Enters a manifest into the index that stands for the list of referrers. */
        private void enter(SignatureUpload upload) {
            JsonObject manifest = Json.object(upload.manifest(), "the manifest");
            Digest subject = Digest.parse(manifest.needObject("subject").needText("digest"));
            List<Object> entries = new ArrayList<>();
            manifestOfTag(referrersTag(subject))
                    .ifPresent(index -> Json.object(index, "the index")
                            .objects("manifests")
                            .forEach(entry -> entries.add(entry.members())));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("mediaType", upload.mediaType());
            entry.put("digest", Digest.ofBytes(upload.manifest()).toString());
            entry.put("size", upload.manifest().length);
            entry.put("artifactType", manifest.needText("artifactType"));
            entry.put("annotations", manifest.textMap("annotations"));
            entries.add(entry);
            Map<String, Object> index = new LinkedHashMap<>();
            index.put("schemaVersion", 2);
            index.put("mediaType", INDEX);
            index.put("manifests", entries);
            pushManifest(referrersTag(subject), INDEX, Json.write(index));
        }

        private static String referrersTag(Digest subject) {
            return subject.algorithm() + "-" + subject.hex();
        }

        private void pushBlob(byte[] bytes) {
            HttpResponse<byte[]> started =
                    ok(request("/v2/" + name + "/blobs/uploads/").POST(BodyPublishers.noBody()));
            String place = started.headers().firstValue("Location").orElseThrow();
            ok(request(place + (place.contains("?") ? "&" : "?") + "digest=" + Digest.ofBytes(bytes))
                    .header("Content-Type", "application/octet-stream")
                    .PUT(BodyPublishers.ofByteArray(bytes)));
        }

        private void pushManifest(String reference, String type, byte[] bytes) {
            ok(request("/v2/" + name + "/manifests/" + reference)
                    .header("Content-Type", type)
                    .PUT(BodyPublishers.ofByteArray(bytes)));
        }

        private HttpResponse<byte[]> ok(HttpRequest.Builder request) {
            return get(request).orElseThrow(() -> new AssertionError("the registry says 404"));
        }

        private Optional<HttpResponse<byte[]>> get(HttpRequest.Builder request) {
            try {
                HttpResponse<byte[]> response = send(request);
                if (response.statusCode() == 404) {
                    return Optional.empty();
                }
                if (response.statusCode() >= 300) {
                    throw new AssertionError(response + new String(response.body(), UTF_8));
                }
                return Optional.of(response);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Optional<byte[]> manifestOfTag(String tag) {
            return get(request("/v2/" + name + "/manifests/" + tag)
                            .header("Accept", MediaTypes.OCI_MANIFEST + "," + INDEX))
                    .map(HttpResponse::body);
        }

        @Override
        public byte[] manifest(Digest digest) {
            return manifestOfTag(digest.toString()).orElseThrow();
        }

        @Override
        public byte[] blob(Digest digest, long size) {
            return ok(request("/v2/" + name + "/blobs/" + digest)).body();
        }

        @Override
        public List<Referrer> referrers(Digest subject) {
            return manifestOfTag(referrersTag(subject)).stream()
                    .flatMap(index -> Json.object(index, "the index").objects("manifests").stream())
                    .map(entry -> new Referrer(Digest.parse(entry.needText("digest")), entry.text("artifactType")))
                    .toList();
        }
    }
}

package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Peers;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signatures that travel with images, to where there is no registry. */
@Tag("slow")
class LayoutSignaturesTest {
    private static final byte[] MODULE = Modules.withPadding(500);
    private static final SigningKey ADA = SigningKey.generate();
    private static final SigningKey EVE = SigningKey.generate();

    @TempDir
    private Path directory;

    private TestRegistry server;
    private Registry registry;
    private Store store;
    private Store other;
    private StoredImage image;
    private Path layout;

    @BeforeEach
    void open() {
        server = TestRegistry.start();
        registry = new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withPatience(1, Duration.ofMillis(1), Duration.ofSeconds(5)));
        store = Store.at(directory.resolve("store"));
        other = Store.at(directory.resolve("other"));
        layout = directory.resolve("layout");
        image = push(MODULE, "app:v1");
    }

    @AfterEach
    void close() {
        registry.close();
        server.close();
    }

    private StoredImage push(byte[] module, String name) {
        Images.push(registry, module, server.address() + "/" + name);
        return Images.pull(registry, server.address() + "/" + name, store);
    }

    private void sign(SigningKey key, SignatureForm form) {
        registry.sign(image.reference(), key, form, Map.of(), TransferListener.NONE);
    }

    private int save() {
        int found = registry.getSignatures(image, store, TransferListener.NONE);
        new OciLayout(store).saveDirectory(List.of(image), layout);
        return found;
    }

    private StoredImage load(Path from) {
        return new OciLayout(other).load(from, Optional.empty()).getFirst();
    }

    private static TrustCheck policy(boolean all, SigningKey... keys) {
        return TrustCheck.of(SignaturePolicy.requiring(
                List.of(keys).stream().map(SigningKey::publicKey).toList(), all, Map.of()));
    }

    private StoredImage accept(StoredImage loaded, TrustCheck check) {
        return registry.accept(loaded, other, check, TransferListener.NONE);
    }

    private void assertRefused(StoredImage loaded, TrustCheck check, String... reasons) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> accept(loaded, check))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.NOT_TRUSTED))
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
    }

    private Index index() throws IOException {
        return (Index) Document.parse(
                Files.readAllBytes(layout.resolve("index.json")), Optional.of(MediaTypes.OCI_INDEX), "the index");
    }

    private void write(List<Descriptor> entries) throws IOException {
        Files.write(layout.resolve("index.json"), new Index(MediaTypes.OCI_INDEX, entries, Map.of()).toJson());
    }

    private Path blob(Digest digest) {
        return layout.resolve("blobs/sha256").resolve(digest.hex());
    }

    private static void damage(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @ParameterizedTest
    @EnumSource
    void whatASignatureOfEachFormAcceptsIsAcceptedWithoutTheRegistry(SignatureForm form) throws IOException {
        sign(ADA, form);
        assertThat(save()).isEqualTo(1);
        Path tar = directory.resolve("app.tar");
        try (OutputStream out = Files.newOutputStream(tar)) {
            new OciLayout(store).saveTar(List.of(image), out);
        }
        server.close();

        for (Path from : List.of(layout, tar)) {
            StoredImage loaded = load(from);
            StoredImage accepted = accept(loaded, policy(false, ADA));
            assertThat(policy(false, ADA).covers(accepted)).isTrue();
            assertThat(policy(false, EVE).covers(accepted)).isFalse();
            assertRefused(
                    loaded,
                    policy(false, EVE),
                    "signature 1 of sha256:",
                    "it is by none of the keys that may sign",
                    "the registry did not tell");
            assertThat(other.images()).hasSize(1);
            Collector.pruneAll(other);
            assertThat(Images.files(other.root().resolve("blobs"))).isEmpty();
            assertThat(Images.files(other.signatures)).isEmpty();
        }
    }

    @Test
    void theIndexNamesThemAsARegistryDoes() throws IOException {
        sign(ADA, SignatureForm.TAG);
        sign(ADA, SignatureForm.BUNDLE);
        save();

        List<Descriptor> entries = index().manifests();

        assertThat(entries).hasSize(3);
        assertThat(entries.getFirst().annotations())
                .containsEntry("org.opencontainers.image.ref.name", "v1")
                .containsEntry("kind", "dev.cosignproject.cosign/image");
        assertThat(entries)
                .anySatisfy(entry -> assertThat(entry.annotations())
                        .containsEntry(
                                "org.opencontainers.image.ref.name",
                                "sha256-" + image.root().digest().hex() + ".sig"))
                .anySatisfy(entry -> {
                    assertThat(entry.annotations()).isEmpty();
                    assertThat(entry.artifactType()).contains(SignatureManifest.BUNDLE_TYPE);
                });
        save();
        assertThat(index().manifests()).containsExactlyElementsOf(entries);
    }

    @Test
    void ofTheManifestsThatATagHadTheLastIsSaved() throws IOException {
        sign(ADA, SignatureForm.TAG);
        save();
        sign(EVE, SignatureForm.TAG);
        save();

        assertThat(new StoredSignatures(store).of(image.root().digest())).hasSize(2);
        assertThat(index().manifests()).hasSize(2);
        server.close();
        assertThat(accept(load(layout), policy(true, ADA, EVE)).trust()).isPresent();
    }

    @Test
    void whatWasLoadedIsSavedAgain() throws IOException {
        sign(ADA, SignatureForm.TAG);
        sign(EVE, SignatureForm.REFERRER);
        save();
        server.close();
        StoredImage loaded = load(layout);
        Path again = directory.resolve("again");
        new OciLayout(other).saveDirectory(List.of(loaded), again);

        assertThat(again.resolve("index.json")).hasSameBinaryContentAs(layout.resolve("index.json"));
        other = Store.at(directory.resolve("third"));
        assertThat(accept(load(again), policy(true, ADA, EVE)).trust()).isPresent();
    }

    @Test
    void whereThoseOfTheStoreAreNotEnoughTheRegistryIsAskedForMore() {
        sign(ADA, SignatureForm.TAG);
        save();
        StoredImage loaded = load(layout);
        assertRefused(loaded, policy(true, ADA, EVE), "is missing");
        sign(EVE, SignatureForm.BUNDLE);

        assertThat(accept(loaded, policy(true, ADA, EVE)).trust()).isPresent();
    }

    @Test
    void theSignatureOfThePlatformThatWasChosenTravelsToo() {
        sign(ADA, SignatureForm.TAG);
        String name = server.address() + "/app:all";
        byte[] all = new Index(MediaTypes.OCI_INDEX, List.of(image.manifest()), Map.of()).toJson();
        server.raw().putManifest("app", "all", MediaTypes.OCI_INDEX, all);
        image = Images.pull(registry, name, store);
        assertThat(image.root()).isNotEqualTo(image.manifest());
        assertThat(save()).isEqualTo(1);
        server.close();

        assertThat(accept(load(layout), policy(false, ADA)).trust()).isPresent();
    }

    @Test
    void withoutTheRegistryTheyCannotBeHad() {
        sign(ADA, SignatureForm.TAG);
        server.close();

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(this::save)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.UNREACHABLE));
        assertThat(layout).doesNotExist();
    }

    @Test
    void whatTheListOfReferrersNamesInVainIsLeftOut() throws IOException {
        sign(ADA, SignatureForm.REFERRER);
        save();
        Descriptor gone = index().manifests().get(1);
        sign(EVE, SignatureForm.BUNDLE);
        DirectoryDeletion.deleteTree(server.content()
                .resolve("docker/registry/v2/repositories/app/_manifests/revisions/sha256")
                .resolve(gone.digest().hex()));
        Images.Notes notes = new Images.Notes();

        assertThat(registry.getSignatures(image, Store.at(directory.resolve("third")), notes))
                .isEqualTo(1);
        assertThat(notes.texts)
                .singleElement()
                .asString()
                .contains(gone.digest().hex())
                .endsWith("; it is left out");
    }

    // Strangers' bytes

    @Test
    void whateverAnIndexSaysNothingButARefusalComesOutAndNobodyElsesKeyIsAccepted() throws IOException {
        sign(ADA, SignatureForm.TAG);
        sign(ADA, SignatureForm.BUNDLE);
        save();
        byte[] index = Files.readAllBytes(layout.resolve("index.json"));
        SignatureSubject subject = new SignatureSubject(
                image.reference().name(),
                image.root().mediaType(),
                image.root().digest(),
                store.read(image.root(), Document.MAX_BYTES, "it"));
        Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            byte[] odd = index.clone();
            for (int j = 0; j < 1 + i % 3; j++) {
                odd[random.nextInt(odd.length)] = (byte) (' ' + random.nextInt(95));
            }
            Files.write(layout.resolve("index.json"), odd);
            try {
                new OciLayout(other).load(layout, Optional.empty());
            } catch (OciException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> policy(false, EVE).check(List.of(subject), List.of(new StoredSignatures(other))));
        }
    }

    @Test
    void theSignatureOfAnotherImageIsRefused() throws IOException {
        sign(ADA, SignatureForm.TAG);
        save();
        Descriptor signature = index().manifests().get(1);
        StoredImage evil = push(Modules.withPadding(7), "evil:v1");
        new OciLayout(store).saveDirectory(List.of(evil), layout);
        String tag = SignatureManifest.tag(evil.root().digest());
        write(List.of(
                index().manifests().getLast(),
                signature.withAnnotations(Map.of("org.opencontainers.image.ref.name", tag))));
        server.close();

        assertRefused(
                load(layout),
                policy(false, ADA),
                "it signs another manifest: " + image.root().digest());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedSignatureIsRefusedWhenItIsLoadedAndWhenItIsRead(SignatureForm form) throws IOException {
        sign(ADA, form);
        save();
        StoredImage loaded = load(layout);
        server.close();
        List<Descriptor> parts =
                ((Document.Manifest) store.document(index().manifests().get(1), "it")).children();

        for (Descriptor part : parts) {
            damage(blob(part.digest()));
            other = Store.at(directory.resolve("new-" + part.digest().abbreviated()));
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> load(layout))
                    .withMessageContaining(blob(part.digest()) + " is damaged");
            assertThat(other.images()).isEmpty();
            damage(blob(part.digest()));
        }
        other = Store.at(directory.resolve("other"));
        damage(other.file(parts.getLast().digest()));
        assertRefused(loaded, policy(false, ADA), "it was removed");
        // What is left of it does not keep the image from being saved.
        new OciLayout(other).saveDirectory(List.of(loaded), directory.resolve("rest"));
        assertThat(new OciLayout(other).load(directory.resolve("rest"), Optional.empty()))
                .hasSize(1);
    }

    @Test
    void aLayoutThatLacksAPartOfASignatureIsRefused() throws IOException {
        sign(ADA, SignatureForm.TAG);
        save();
        Descriptor signature = index().manifests().get(1);
        Descriptor part = ((Document.Manifest) store.document(signature, "it")).config();
        for (Digest missing : List.of(part.digest(), signature.digest())) {
            Files.delete(blob(missing));
            other = Store.at(directory.resolve("new-" + missing.abbreviated()));
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> load(layout))
                    .withMessageContaining("lacks " + missing)
                    .withMessageContaining(
                            "a part of the signatures of " + image.root().digest());
            assertThat(other.images()).isEmpty();
        }
    }

    @Test
    void signaturesThatAreTooLargeAreRefused() throws IOException {
        save();
        byte[] config = "{}".getBytes(UTF_8);
        byte[] large = new byte[SignatureSource.MAX_BYTES + 1];
        byte[] manifest = new Document.Manifest(
                        MediaTypes.OCI_MANIFEST,
                        Optional.empty(),
                        Descriptor.of(MediaTypes.OCI_EMPTY, config),
                        List.of(Descriptor.of(SimpleSigning.MEDIA_TYPE, large)),
                        Optional.of(image.root()),
                        Map.of())
                .toJson();
        for (byte[] content : List.of(config, large, manifest)) {
            Files.write(blob(Digest.ofBytes(content)), content);
        }
        List<Descriptor> entries = new ArrayList<>(index().manifests());
        entries.add(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest));
        write(entries);

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> load(layout))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));
        assertThat(other.images()).isEmpty();
    }

    @Test
    void whatIsAboutAnImageAndSignsNothingIsNoImageEither() throws IOException {
        save();
        byte[] config = "{}".getBytes(UTF_8);
        byte[] manifest = new Document.Manifest(
                        MediaTypes.OCI_MANIFEST,
                        Optional.of("application/spdx+json"),
                        Descriptor.of(MediaTypes.OCI_EMPTY, config),
                        List.of(Descriptor.of("application/spdx+json", config)),
                        Optional.of(image.root()),
                        Map.of())
                .toJson();
        for (byte[] content : List.of(config, manifest)) {
            Files.write(blob(Digest.ofBytes(content)), content);
        }
        List<Descriptor> entries = new ArrayList<>(index().manifests());
        entries.add(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest));
        write(entries);

        assertThat(new OciLayout(other).load(layout, Optional.of(Reference.parse("x.io/named"))))
                .hasSize(1);
        assertThat(new StoredSignatures(other).of(image.root().digest())).isEmpty();
    }

    // The store

    @Test
    void theyStayAsLongAsTheImage() {
        sign(ADA, SignatureForm.TAG);
        sign(ADA, SignatureForm.BUNDLE);
        save();
        server.close();
        StoredImage loaded = load(layout);
        StoredImage named = new OciLayout(other)
                .load(layout, Optional.of(Reference.parse("x.io/named:v1")))
                .getFirst();

        assertThat(Collector.prune(other).files()).isZero();
        Collector.remove(other, loaded.reference());
        assertThat(accept(named, policy(false, ADA)).trust()).isPresent();
        assertThat(new StoredSignatures(other).of(loaded.root().digest())).hasSize(2);

        Collector.remove(other, named.reference());
        assertThat(Images.files(other.root().resolve("blobs"))).isEmpty();
        assertThat(Images.files(other.signatures)).isEmpty();
    }

    @Test
    void anImageThatIsNotAdmittedGetsNoName() {
        sign(EVE, SignatureForm.TAG);
        save();
        server.close();
        OciLayout strict = new OciLayout(other, loaded -> accept(loaded, policy(false, ADA)));

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> strict.load(layout, Optional.empty()))
                .withMessageContaining("is by none of the keys");
        assertThat(other.images()).isEmpty();
        Collector.prune(other);
        assertThat(Images.files(other.root().resolve("blobs"))).isEmpty();
        assertThat(Images.files(other.signatures)).isEmpty();
    }

    // Other tools

    @Test
    void skopeoReadsBothByTheirTags() {
        sign(ADA, SignatureForm.TAG);
        save();
        Peers peers = Peers.in(directory);
        String tag = SignatureManifest.tag(image.root().digest());

        assertThat(peers.skopeo("inspect", "--raw", "oci:" + layout + ":v1")
                        .succeeded()
                        .out())
                .contains(MediaTypes.WASM_CONFIG);
        assertThat(peers.skopeo("inspect", "--raw", "oci:" + layout + ":" + tag)
                        .succeeded()
                        .out())
                .contains(SimpleSigning.MEDIA_TYPE);
    }

    @Test
    void cosignVerifiesWhatIsSavedAndWhatItSavesIsVerified() throws IOException {
        Cosign cosign = Cosign.in(directory);
        KeyFiles.writePair(ADA, directory.resolve("ada.key"), directory.resolve("ada.pub"), Cosign.password());
        KeyFiles.writePair(EVE, directory.resolve("eve.key"), directory.resolve("eve.pub"), Cosign.password());
        sign(ADA, SignatureForm.TAG);
        save();
        cosign.run("save", "--dir", "saved", image.reference().toString());
        server.close();

        String[] verify = {"verify", "--insecure-ignore-tlog=true", "--offline", "--local-image", "layout", "--key"};
        cosign.run(append(verify, "ada.pub"));
        assertThat(cosign.tryRun(append(verify, "eve.pub")).status()).isNotZero();
        StoredImage loaded = new OciLayout(other)
                .load(directory.resolve("saved"), Optional.of(image.reference()))
                .getFirst();
        assertThat(accept(loaded, policy(false, ADA)).trust()).isPresent();
        assertRefused(loaded, policy(false, EVE), "it is by none of the keys");
    }

    private static String[] append(String[] words, String last) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add(last);
        return all.toArray(String[]::new);
    }
}

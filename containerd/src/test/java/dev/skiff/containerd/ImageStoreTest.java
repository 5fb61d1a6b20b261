package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Images in a real containerd, asked for by gRPC. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class ImageStoreTest {
    private static final String NAMESPACE = "default";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Platform WASI = Platform.parse("wasi/wasm");
    private static final int UNKNOWN_FIELD = 1000;
    private static final AtomicInteger NEXT = new AtomicInteger();

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static ImageStore images;

    @Parameter
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        containerd = CONTAINERDS.start(version);
        images = new ImageStore(containerd.socket());
    }

    /** Gives an image to containerd, which does not unpack it: 1.6 could not. */
    private static String imported(TestImage image) throws IOException {
        String name = "localhost/image:" + NEXT.incrementAndGet();
        ImageArchive.load(containerd, NAMESPACE, name, image, "--no-unpack", "--all-platforms");
        return name;
    }

    private static void removed(TestImage.Blob blob) {
        containerd.succeed("content", "rm", blob.digest().toString());
    }

    private static RpcException failure(String image) {
        return catchThrowableOfType(RpcException.class, () -> images.find(NAMESPACE, image));
    }

    static Stream<Arguments> forms() {
        byte[] module = Guests.bytes("hello-c");
        return Stream.of(
                Arguments.of(
                        "the CNCF's artifact", TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, module)),
                Arguments.of("runwasi's image", TestImage.wasmLayer(WASI, MediaTypes.WASM, module)),
                Arguments.of(
                        "runwasi's older image of a module",
                        TestImage.wasmLayer(Platform.parse("wasip1/wasm"), MediaTypes.RUNWASI_MODULE, module)),
                Arguments.of(
                        "runwasi's older image of a component",
                        TestImage.wasmLayer(WASI, MediaTypes.RUNWASI_COMPONENT, module)),
                Arguments.of(
                        "wasm-to-oci's artifact",
                        TestImage.artifact(MediaTypes.WASM_TO_OCI_CONFIG, MediaTypes.WASM_CONTENT, module)),
                Arguments.of(
                        "Krustlet's artifact",
                        TestImage.artifact("application/vnd.wasm.config.v1+json", MediaTypes.WASM_CONTENT, module)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void theModuleOfAnImageWithoutFilesIsFound(String form, TestImage image) throws IOException {
        WasmImage found = images.find(NAMESPACE, imported(image)).orElseThrow();

        assertThat(found.module().digest()).isEqualTo(image.layer().digest());
        assertThat(found.read()).isEqualTo(Guests.bytes("hello-c"));
    }

    @Test
    void aModuleLargerThanAnyWindowIsReadWhole() throws IOException {
        byte[] module = new byte[40 << 20];
        new Random(1).nextBytes(module);
        String image = imported(TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, module));

        assertThat(images.find(NAMESPACE, image).orElseThrow().read()).isEqualTo(module);
    }

    @Test
    void aContainerImageHasItsProgramInItsFiles() throws IOException {
        TestImage image =
                TestImage.container(WASI, Map.of(), List.of(LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755)));

        assertThat(images.find(NAMESPACE, imported(image))).isEmpty();
    }

    @Test
    void ofAnIndexWebAssemblyIsChosenBeforeLinux() throws IOException {
        TestImage linux =
                TestImage.container(TestImage.HERE, Map.of(), List.of(LayerFile.of("text", "hello".getBytes(), 0644)));
        TestImage wasm = TestImage.wasmLayer(WASI, MediaTypes.WASM, Guests.CAT);
        TestImage mac = TestImage.wasmLayer(Platform.parse("darwin/arm64"), MediaTypes.WASM, Guests.LOOP);
        String image = imported(TestImage.index(List.of(mac, linux, wasm)));

        assertThat(images.find(NAMESPACE, image).orElseThrow().read()).isEqualTo(Guests.CAT);
    }

    @Test
    void whatContainerdDidNotFetchOfAnIndexIsNotChosen() throws IOException {
        TestImage linux =
                TestImage.container(TestImage.HERE, Map.of(), List.of(LayerFile.of("text", "ahoy".getBytes(), 0644)));
        TestImage wasm = TestImage.wasmLayer(WASI, MediaTypes.WASM, Guests.TRAP);
        String image = imported(TestImage.index(List.of(linux, wasm)));
        removed(wasm.manifest());

        assertThat(images.find(NAMESPACE, image)).isEmpty();
    }

    @Test
    void whatIsNoWebAssemblyIsRefusedWithWhatItIs() throws IOException {
        RpcException failure =
                failure(imported(TestImage.artifact("application/x-chart", "application/x-tar", new byte[9])));

        assertThat(failure).hasMessageContaining("is no WebAssembly: it is application/x-chart");
        assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void anImageThatIsNotThereIsNotFoundInContainerdsWords() {
        RpcException failure = failure("localhost/none:é");

        assertThat(failure.code()).isEqualTo(Code.NOT_FOUND);
        assertThat(failure).hasMessageContaining("\"localhost/none:é\": not found");
    }

    @Test
    void anImageOfAnotherNamespaceIsNotFound() throws IOException {
        String image = imported(TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, Guests.CAT));

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> images.find("other", image))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    }

    @Test
    void aModuleThatWasRemovedMeanwhileIsNotFound() throws IOException {
        TestImage module = TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, Guests.LARGE);
        WasmImage found = images.find(NAMESPACE, imported(module)).orElseThrow();
        removed(module.layer());

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(found::read)
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    }

    @Test
    void aModuleThatIsDamagedIsNotRun() throws IOException {
        byte[] module = Guests.bytes("exit-c");
        TestImage image = TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, module);
        WasmImage found = images.find(NAMESPACE, imported(image)).orElseThrow();
        Path blob = containerd
                .folder()
                .resolve("root/io.containerd.content.v1.content/blobs/sha256")
                .resolve(image.layer().digest().hex());
        byte[] damaged = module.clone();
        damaged[damaged.length - 1] ^= 1;
        Files.write(blob, damaged);

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(found::read)
                .withMessageContaining("has the digest")
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.DATA_LOSS));
    }

    @Test
    void containersSayWhatImageTheyWereMadeFrom() throws IOException {
        String image = imported(TestImage.container(
                TestImage.HERE, Map.of(), List.of(LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755))));
        containerd.succeed("images", "import", ImageArchive.last(containerd).toString());
        containerd.succeed("containers", "create", image, "made");

        assertThat(images.imageOf(NAMESPACE, "made")).isEqualTo(image);
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> images.imageOf(NAMESPACE, "none"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    }

    /** Releases before 1.6.25 and 1.7.7 do not unpack what has layers that are no archives. */
    @Test
    void containersAreMadeOfModulesByLaterContainerds() throws IOException {
        String image = imported(TestImage.wasmLayer(TestImage.HERE, MediaTypes.WASM, Guests.CAT));
        Output unpacked =
                containerd.ctr("images", "import", ImageArchive.last(containerd).toString());
        Output created = containerd.ctr("containers", "create", image, "module", "/app.wasm");

        if (version != Containerd.Version.INSTALLED) {
            assertThat(unpacked.status()).as(unpacked.err()).isZero();
            assertThat(created.status()).as(created.err()).isZero();
            assertThat(images.find(NAMESPACE, images.imageOf(NAMESPACE, "module")))
                    .isPresent();
        }
    }

    @Test
    void aRequestLargerThanAnyWindowIsTakenWhole() throws IOException {
        GrpcClient client = new GrpcClient(containerd.socket(), Map.of("containerd-namespace", NAMESPACE));
        String image = imported(TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, Guests.CAT));
        ProtoWriter request = new ProtoWriter().text(1, image).bytes(UNKNOWN_FIELD, new byte[3 << 20]);

        ProtoMessage answer = client.call("containerd.services.images.v1.Images/Get", request, PATIENCE);

        assertThat(answer.message(1).text(1)).isEqualTo(image);
    }

    @Test
    void aMethodThatContainerdDoesNotHaveIsUnimplemented() {
        GrpcClient client = new GrpcClient(containerd.socket(), Map.of());

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> client.call("containerd.services.images.v1.Images/Swim", new ProtoWriter(), PATIENCE))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.UNIMPLEMENTED));
    }

    @Test
    void aCallWithoutANamespaceIsRefused() {
        GrpcClient client = new GrpcClient(containerd.socket(), Map.of());

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> client.call("containerd.services.images.v1.Images/List", new ProtoWriter(), PATIENCE))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.FAILED_PRECONDITION))
                .withMessageContaining("namespace is required");
    }

    @Test
    void aStreamThatDoesNotEndEndsWithItsTime() {
        GrpcClient client = new GrpcClient(containerd.socket(), Map.of("containerd-namespace", NAMESPACE));

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> client.stream(
                        "containerd.services.events.v1.Events/Subscribe",
                        new ProtoWriter(),
                        Duration.ofMillis(200),
                        event -> {}))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.DEADLINE_EXCEEDED));
    }
}

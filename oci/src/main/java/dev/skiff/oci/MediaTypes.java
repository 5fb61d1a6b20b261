package dev.skiff.oci;

import java.util.List;
import java.util.Set;

/** The media types that Skiff reads and writes. */
public final class MediaTypes {
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCI_EMPTY = "application/vnd.oci.empty.v1+json";
    public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
    public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    /** The configuration of the CNCF's Wasm artifacts. */
    public static final String WASM_CONFIG = "application/vnd.wasm.config.v0+json";
    /** A module or component, in the CNCF's artifacts and in runwasi's images. */
    public static final String WASM = "application/wasm";
    /** A component, in older images of runwasi. */
    public static final String RUNWASI_COMPONENT = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm";
    /** A module, in older images of runwasi. */
    public static final String RUNWASI_MODULE = "application/vnd.bytecodealliance.wasm.module.layer.v0+wasm";
    /** The configuration of wasm-to-oci. */
    public static final String WASM_TO_OCI_CONFIG = "application/vnd.wasm.config.v1+json";
    /** A module or component, as wasm-to-oci, Krustlet and Spin write it. */
    public static final String WASM_CONTENT = "application/vnd.wasm.content.layer.v1+wasm";
    /** A static file of a Spin application. */
    public static final String SPIN_DATA = "application/vnd.wasm.content.layer.v1+data";
    /** An archive with static files of a Spin application. */
    public static final String SPIN_ARCHIVE = "application/vnd.wasm.content.bundle.v1.tar+gzip";
    /** The locked description of a Spin application. */
    public static final String SPIN_APPLICATION = "application/vnd.fermyon.spin.application.v1+config";

    /** How the media types of Docker's manifests of schema 1 begin. */
    static final String DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1";

    /** What registries are asked for, the best first. */
    static final List<String> MANIFESTS = List.of(OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX);

    /** Those that list others. */
    static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_INDEX);

    /** A layer that is WebAssembly. */
    static final Set<String> WASM_LAYERS = Set.of(WASM, WASM_CONTENT, RUNWASI_COMPONENT, RUNWASI_MODULE);

    private MediaTypes() {}

    /** Docker's first manifests, with or without a signature. */
    static boolean isSchema1(String type) {
        return type.startsWith(DOCKER_SCHEMA_1);
    }

    /** Without parameters such as a character set. */
    static String bare(String type) {
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
    }
}

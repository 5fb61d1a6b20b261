/**
 * WebAssembly artifacts in registries and on this machine: references, the registry client, every form in which artifacts
 * are published, the local store, OCI layouts and signatures. What comes from a registry is a stranger's: sizes are capped, digests
 * are checked, and names never become paths.
 */
package dev.skiff.oci;

/**
 * What the tests talk to: a real registry server in all its variants, a token server, a proxy that breaks connections, and the
 * other tools of the field. Tests of other modules use it through this module's test-jar.
 */
package dev.skiff.oci.testing;

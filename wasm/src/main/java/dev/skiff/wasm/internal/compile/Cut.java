package dev.skiff.wasm.internal.compile;

/**
 * A place between two instructions where a body can be cut.
 *
 * @param position in the binary
 * @param operands types of the operands on the stack above those beneath the enclosing construct; mostly none
 * @param size bytes of JVM code from the start of the body to here, estimated
 * @param reachable whether control gets here from the instruction before
 * @param last whether this is the end of a part: of the body, or of the first branch of an if
 */
record Cut(int position, Slot[] operands, int size, boolean reachable, boolean last) {}

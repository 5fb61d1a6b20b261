package dev.skiff.wasm;

/**
 * A reference type (WebAssembly specification, section 2.3.4).
 *
 * @param nullable whether null is a value of the type
 * @param heap what the reference points to
 */
public record RefType(boolean nullable, HeapType heap) implements ValType {
    /** {@code funcref}: a nullable reference to a function; {@link Func} at the API. */
    public static final RefType FUNCREF = new RefType(true, HeapType.FUNC);
    /** {@code externref}: a nullable reference to any object of the host; {@code Object} at the API. */
    public static final RefType EXTERNREF = new RefType(true, HeapType.EXTERN);
    /** {@code exnref}: a nullable reference to a caught exception. */
    public static final RefType EXNREF = new RefType(true, HeapType.EXN);

    /** The name in the text format: the short form where there is one. */
    @Override
    public String toString() {
        return nullable ? heap + "ref" : "(ref " + heap + ")";
    }
}

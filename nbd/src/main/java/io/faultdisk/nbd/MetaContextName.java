package io.faultdisk.nbd;

/**
 * The names of the meta contexts that QEMU and we know: what {@link CommandType#BLOCK_STATUS} can
 * tell about an extent.
 *
 * <p>A name is a namespace, a colon and the rest. A query may leave the rest out, and then means
 * all of that namespace in {@link OptionType#LIST_META_CONTEXT}.
 */
public final class MetaContextName {
  public static final String BASE_NAMESPACE = "base:";
  public static final String QEMU_NAMESPACE = "qemu:";

  /** Holes and zeroes; the flags are {@link AllocationFlag}. */
  public static final String BASE_ALLOCATION = "base:allocation";

  /** 0: in no layer; n: in the n-th layer of the backing chain, the top one being 1. */
  public static final String ALLOCATION_DEPTH = "qemu:allocation-depth";

  /** Before the name of a dirty bitmap; flag {@link #DIRTY}. */
  public static final String DIRTY_BITMAP_PREFIX = "qemu:dirty-bitmap:";

  /** The only flag of an extent in a dirty bitmap's context. */
  public static final int DIRTY = 1;

  private MetaContextName() {}
}

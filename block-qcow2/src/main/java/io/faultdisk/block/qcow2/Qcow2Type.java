package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import io.faultdisk.block.format.AmendableType;
import io.faultdisk.block.format.BlockdevCreatable;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Measurable;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The {@code qcow2} format.
 *
 * <p>Source: the qcow2 specification; the behaviour of QEMU 7.2, block/qcow2.c.
 */
public final class Qcow2Type
    implements DriverType, AmendableType, BlockdevCreatable, Creatable, Measurable {
  private static final int CERTAIN = 100;

  @Override
  public String name() {
    return "qcow2";
  }

  @Override
  public Kind kind() {
    return Kind.FORMAT;
  }

  @Override
  public int probe(byte[] head, String filename) {
    if (head.length < Header.V3_BYTES) {
      return 0;
    }
    ByteBuffer fields = ByteBuffer.wrap(head);
    boolean ours =
        fields.getInt(0) == Header.MAGIC && Integer.compareUnsigned(fields.getInt(4), 2) >= 0;
    return ours ? CERTAIN : 0;
  }

  @Override
  public boolean writesCompressed() {
    return true;
  }

  @Override
  public boolean supportsBacking() {
    return true;
  }

  @Override
  public List<String> namingOptions() {
    return List.of("encrypt.key-secret");
  }

  @Override
  public List<String> mutableOptions() {
    return RuntimeOptions.MUTABLE;
  }

  @Override
  public List<CreateOption> amendOptions() {
    return Amendment.OPTIONS;
  }

  /** What is said anew about overlap checks or cache sizes replaces all that was said before. */
  @Override
  public void joinOptions(Options next, Options old) {
    boolean newTotal = next.has(CacheSizes.TOTAL);
    if (next.has(RuntimeOptions.OVERLAP) || next.has(RuntimeOptions.OVERLAP_TEMPLATE)) {
      RuntimeOptions.OVERLAP_REPLACED.forEach(old::remove);
    }
    if (newTotal) {
      old.remove(CacheSizes.L2);
      old.remove(CacheSizes.REFCOUNT);
    }
    next.join(old);
    if (!newTotal) {
      next.remove(CacheSizes.TOTAL);
    }
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    return new Qcow2Driver(new Loader(opening).load());
  }

  @Override
  public List<CreateOption> createOptions() {
    return CreationOptions.ALL;
  }

  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    Creation.create(graph, filename, options);
  }

  @Override
  public void create(BlockGraph graph, Options options) throws UsageException, BlockIoException {
    BlockdevCreation.create(graph, options);
  }

  @Override
  public Measure measure(CreateOptions options, Optional<Node> source) throws UsageException {
    return Measurement.of(options, source);
  }
}

package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Opening;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.options.OptionSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** The driver {@code disk}: one of some {@link Disk}s, by {@code name}. */
final class DiskType implements DriverType {
  private final Map<String, Disk> disks;

  DiskType(Map<String, Disk> disks) {
    this.disks = disks;
  }

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public List<String> namingOptions() {
    return List.of("name");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    String name = opening.options().absorb(OptionSpec.string("name")).string("name").orElse("");
    Disk disk = disks.get(name);
    if (disk == null) {
      throw new UsageException("There is no disk '" + name + "'");
    }
    return new Driver(disk);
  }

  private record Driver(Disk disk) implements BlockDriver {
    @Override
    public void read(long offset, ByteBuffer target) {
      disk.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
      disk.write(offset, source);
    }

    @Override
    public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
      disk.zero(offset, bytes);
    }

    @Override
    public void discard(long offset, long bytes) throws BlockIoException {
      long within = Math.min(bytes, disk.length() - offset);
      if (within > 0) {
        disk.zero(offset, within);
      }
    }

    @Override
    public Mapping map(long offset, long bytes, boolean precise) {
      return new Mapping.Data(offset, bytes);
    }

    @Override
    public long length() {
      return disk.length();
    }

    @Override
    public void truncate(long size, boolean exact, Preallocation preallocation)
        throws BlockIoException {
      disk.truncate(size);
    }

    @Override
    public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
        throws BlockIoException {
      disk.truncate(size);
    }

    @Override
    public int writeFlags() {
      return RequestFlags.FUA | RequestFlags.WRITE_UNCHANGED;
    }

    @Override
    public int zeroFlags() {
      return RequestFlags.FUA
          | RequestFlags.WRITE_UNCHANGED
          | RequestFlags.MAY_UNMAP
          | RequestFlags.NO_FALLBACK;
    }

    @Override
    public boolean writesZeroes() {
      return true;
    }

    @Override
    public boolean discards() {
      return true;
    }

    @Override
    public ImageInfo info() {
      return ImageInfo.PLAIN;
    }

    @Override
    public void close() {}
  }
}

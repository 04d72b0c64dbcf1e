package io.faultdisk.block.qcow2;

import io.faultdisk.block.BackingReference;
import io.faultdisk.block.qcow2.Header.BitmapExtension;
import io.faultdisk.block.qcow2.Header.Extension;
import java.util.List;
import java.util.Optional;

/**
 * A header that differs from another one in some fields: {@code
 * header.change().autoclear(0).build()}.
 *
 * <p>For one thread. Units as in {@link Header}.
 */
final class HeaderChange {
  private final Header base;
  private int version;
  private long fileSize;
  private int l1Entries;
  private long l1Offset;
  private long refcountTableOffset;
  private int refcountTableClusters;
  private int snapshotCount;
  private long snapshotsOffset;
  private long incompatible;
  private long compatible;
  private long autoclear;
  private int refcountOrder;
  private int compression;
  private List<Extension> unknownExtensions;
  private Optional<String> dataFileName;
  private Optional<BackingReference> backing;
  private Optional<BitmapExtension> bitmaps;

  HeaderChange(Header base) {
    this.base = base;
    this.version = base.version();
    this.fileSize = base.fileSize();
    this.l1Entries = base.l1Entries();
    this.l1Offset = base.l1Offset();
    this.refcountTableOffset = base.refcountTableOffset();
    this.refcountTableClusters = base.refcountTableClusters();
    this.snapshotCount = base.snapshotCount();
    this.snapshotsOffset = base.snapshotsOffset();
    this.incompatible = base.incompatible();
    this.compatible = base.compatible();
    this.autoclear = base.autoclear();
    this.refcountOrder = base.refcountOrder();
    this.compression = base.compression();
    this.unknownExtensions = base.unknownExtensions();
    this.dataFileName = base.dataFileName();
    this.backing = base.backing();
    this.bitmaps = base.bitmaps();
  }

  Header build() {
    return new Header(
        version,
        base.clusterBits(),
        fileSize,
        base.cryptMethod(),
        l1Entries,
        l1Offset,
        refcountTableOffset,
        refcountTableClusters,
        snapshotCount,
        snapshotsOffset,
        incompatible,
        compatible,
        autoclear,
        refcountOrder,
        compression,
        base.unknownFields(),
        unknownExtensions,
        dataFileName,
        backing,
        bitmaps);
  }

  HeaderChange version(int value) {
    version = value;
    return this;
  }

  HeaderChange fileSize(long bytes) {
    fileSize = bytes;
    return this;
  }

  HeaderChange l1Table(long offset, int entries) {
    l1Offset = offset;
    l1Entries = entries;
    return this;
  }

  HeaderChange refcountTable(long offset, int clusters) {
    refcountTableOffset = offset;
    refcountTableClusters = clusters;
    return this;
  }

  HeaderChange snapshots(long offset, int count) {
    snapshotsOffset = offset;
    snapshotCount = count;
    return this;
  }

  HeaderChange incompatible(long features) {
    incompatible = features;
    return this;
  }

  HeaderChange compatible(long features) {
    compatible = features;
    return this;
  }

  HeaderChange autoclear(long features) {
    autoclear = features;
    return this;
  }

  HeaderChange refcountOrder(int order) {
    refcountOrder = order;
    return this;
  }

  HeaderChange compression(int type) {
    compression = type;
    return this;
  }

  HeaderChange unknownExtensions(List<Extension> extensions) {
    unknownExtensions = extensions;
    return this;
  }

  HeaderChange dataFileName(Optional<String> name) {
    dataFileName = name;
    return this;
  }

  HeaderChange backing(Optional<BackingReference> reference) {
    backing = reference;
    return this;
  }

  HeaderChange bitmaps(Optional<BitmapExtension> extension) {
    bitmaps = extension;
    return this;
  }
}

package io.faultdisk.block.qcow2;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The metadata of a small new image in a {@link LoggedFile}: header in cluster 0, refcount table in
 * 1, one refcount block in 2, an L1 table in 3.
 */
final class MetadataFixture {
  private static final int FIRST_CLUSTERS = 4;

  final LoggedFile file;
  final Metadata metadata;
  final List<String> messages = new ArrayList<>();

  private MetadataFixture(int clusterBits, int refcountOrder, Map<String, String> options)
      throws UsageException {
    long cluster = 1L << clusterBits;
    file = LoggedFile.empty();
    Header header =
        new Header(
            3,
            clusterBits,
            cluster * cluster / 8,
            0,
            1,
            3 * cluster,
            cluster,
            1,
            0,
            0,
            0,
            0,
            0,
            refcountOrder,
            0,
            new byte[0],
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Geometry geometry = new Geometry(3, clusterBits, refcountOrder, false, false);
    file.setBytes(image(cluster, refcountOrder));
    metadata =
        new Metadata(
            file.node(),
            header,
            geometry,
            OpenFlags.TOOL,
            Turns.free(),
            messages::add,
            messages::add);
    metadata.corruption = new Corruption(metadata);
    metadata.refcounts = new Refcounts(metadata);
    metadata.snapshots = new SnapshotTable(metadata);
    metadata.bitmaps = new PersistentBitmaps(metadata);
    metadata.l1 = new L1Table(metadata, 3 * cluster, new long[1]);
    metadata.use(RuntimeOptions.take(Options.of(options), header, geometry, true));
    long[] table = new long[(int) cluster / Long.BYTES];
    table[0] = 2 * cluster;
    metadata.refcountTable = new RefcountTable(cluster, table);
  }

  static MetadataFixture of(int clusterBits, int refcountOrder, Map<String, String> options)
      throws UsageException {
    return new MetadataFixture(clusterBits, refcountOrder, options);
  }

  private static byte[] image(long cluster, int refcountOrder) {
    ByteBuffer image = ByteBuffer.allocate((int) (FIRST_CLUSTERS * cluster));
    image.putLong((int) cluster, 2 * cluster);
    ByteBuffer block = image.slice((int) (2 * cluster), (int) cluster);
    for (int i = 0; i < FIRST_CLUSTERS; i++) {
      RefcountFormat.set(block, refcountOrder, i, 1);
    }
    return image.array();
  }

  /** The refcount of a cluster as the file says it now. */
  long countOnDisk(long clusterIndex) {
    Geometry geometry = metadata.geometry;
    long index = clusterIndex / geometry.refcountBlockEntries();
    ByteBuffer table = file.at(metadata.refcountTable.offset);
    if (index >= metadata.refcountTable.entries.length) {
      return 0;
    }
    long block = table.getLong((int) index * Long.BYTES);
    if (block == 0) {
      return 0;
    }
    return RefcountFormat.get(
        file.at(block),
        geometry.refcountOrder(),
        (int) (clusterIndex % geometry.refcountBlockEntries()));
  }
}

package io.faultdisk.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.Child;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.format.ImageReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What {@code query-named-block-nodes} says about a node. Immutable.
 *
 * @param driver its name
 * @param file a name that opens the same again
 * @param backingFile the same of the backing file in use
 * @param backingDepth how many images there are below it, filtered or backing
 * @param detectZeroes {@code off}, {@code on} or {@code unmap}
 * @param direct past the page cache
 * @param noFlush flushes do nothing
 * @param bitmaps the newest first
 * @param images the node itself, then those below it, filtered or backing; just itself in a flat
 *     report
 */
public record NodeReport(
    String nodeName,
    String driver,
    String file,
    Optional<String> backingFile,
    int backingDepth,
    boolean readOnly,
    String detectZeroes,
    boolean direct,
    boolean noFlush,
    List<BitmapReport> bitmaps,
    List<ImageReport> images) {

  /**
   * A dirty bitmap.
   *
   * @param recording whether writes are recorded
   * @param persistent whether it belongs to the image
   * @param busy whether something, such as an export, uses it
   * @param inconsistent its bits mean nothing
   * @param granularity bytes per bit
   * @param count dirty bytes
   */
  public record BitmapReport(
      String name,
      boolean recording,
      boolean persistent,
      boolean busy,
      boolean inconsistent,
      long granularity,
      long count) {}

  private static final List<String> LIMITS =
      List.of("iops", "iops_rd", "iops_wr", "bps", "bps_rd", "bps_wr");

  /** Copies the lists. */
  public NodeReport {
    bitmaps = List.copyOf(bitmaps);
    images = List.copyOf(images);
  }

  /**
   * Asks a node; this may read from it.
   *
   * @param flat says nothing about the images below
   * @param busy whether something uses a bitmap
   */
  static NodeReport of(Node node, boolean flat, Predicate<DirtyBitmap> busy) throws UsageException {
    List<ImageReport> images = new ArrayList<>();
    for (Optional<Node> next = Optional.of(node);
        next.isPresent();
        next = flat ? Optional.empty() : below(next.get())) {
      images.add(ImageReport.of(next.get()));
    }
    List<BitmapReport> bitmaps = new ArrayList<>();
    for (DirtyBitmap bitmap : node.bitmaps().all()) {
      bitmaps.add(
          new BitmapReport(
              bitmap.name(),
              bitmap.enabled(),
              bitmap.persistent(),
              busy.test(bitmap),
              bitmap.inconsistent(),
              bitmap.granularity(),
              bitmap.count()));
    }
    return new NodeReport(
        node.name(),
        node.type().name(),
        node.filename(),
        node.backing().map(Node::filename),
        images.size() - 1,
        node.readOnly(),
        node.detectZeroes(),
        node.flags().direct(),
        node.flags().noFlush(),
        bitmaps,
        images);
  }

  private static Optional<Node> below(Node node) {
    return node.isFilter() ? node.primaryChild().map(Child::node) : node.backing();
  }

  /** All of it as QMP shows it, limits that do not exist here as 0. */
  public JsonObject toJson() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    LIMITS.forEach(limit -> members.put(limit, JsonNumber.of(0)));
    members.put("node-name", new JsonString(nodeName));
    members.put("drv", new JsonString(driver));
    members.put("file", new JsonString(file));
    backingFile.ifPresent(name -> members.put("backing_file", new JsonString(name)));
    members.put("backing_file_depth", JsonNumber.of(backingDepth));
    members.put("ro", new JsonBool(readOnly));
    members.put("encrypted", new JsonBool(false));
    members.put("detect_zeroes", new JsonString(detectZeroes));
    members.put("write_threshold", JsonNumber.of(0));
    Map<String, JsonValue> cache = new LinkedHashMap<>();
    cache.put("writeback", new JsonBool(true));
    cache.put("direct", new JsonBool(direct));
    cache.put("no-flush", new JsonBool(noFlush));
    members.put("cache", new JsonObject(cache));
    if (!bitmaps.isEmpty()) {
      List<JsonValue> list = new ArrayList<>();
      bitmaps.forEach(bitmap -> list.add(json(bitmap)));
      members.put("dirty-bitmaps", new JsonArray(list));
    }
    members.put("image", image());
    return new JsonObject(members);
  }

  private JsonObject image() {
    Optional<JsonObject> below = Optional.empty();
    for (ImageReport image : images.reversed()) {
      Map<String, JsonValue> members = new LinkedHashMap<>(image.toJson().members());
      below.ifPresent(backing -> members.put("backing-image", backing));
      below = Optional.of(new JsonObject(members));
    }
    return below.orElseThrow();
  }

  private static JsonObject json(BitmapReport bitmap) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("name", new JsonString(bitmap.name()));
    members.put("recording", new JsonBool(bitmap.recording()));
    members.put("persistent", new JsonBool(bitmap.persistent()));
    members.put("busy", new JsonBool(bitmap.busy()));
    if (bitmap.inconsistent()) {
      members.put("inconsistent", new JsonBool(true));
    }
    members.put("granularity", JsonNumber.of(bitmap.granularity()));
    members.put("count", JsonNumber.of(bitmap.count()));
    return new JsonObject(members);
  }
}

package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@code info} says about one image of a chain. Immutable.
 *
 * @param filename a name that opens it again
 * @param format its driver
 * @param virtualSize bytes of the disk it holds
 * @param actualSize bytes that it takes on the disk it is on, if known
 * @param facts clusters and the like, if the driver has some
 * @param specific what only this format has
 * @param backing the backing file as the image names it
 * @param fullBacking where that is, if it can be worked out
 * @param snapshots its internal snapshots
 */
public record ImageReport(
    String filename,
    String format,
    long virtualSize,
    OptionalLong actualSize,
    Optional<ImageInfo> facts,
    Optional<JsonObject> specific,
    Optional<BackingReference> backing,
    Optional<String> fullBacking,
    List<SnapshotInfo> snapshots) {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /**
   * Asks an image.
   *
   * @throws UsageException with the text for the user
   */
  public static ImageReport of(Node node) throws UsageException {
    long size = size(node);
    Optional<SnapshotStore> store = SnapshotStores.of(node);
    return new ImageReport(
        node.filename(),
        node.type().name(),
        size,
        node.allocatedSize(),
        facts(node),
        specific(node),
        node.backingReference(),
        fullBacking(node),
        store.isPresent() ? store.get().snapshots() : List.of());
  }

  private static long size(Node node) throws UsageException {
    try {
      return node.length();
    } catch (BlockIoException e) {
      throw new UsageException(
          "Can't get image size '" + node.exactFilename().orElse("") + "': " + e.errno().text());
    }
  }

  private static Optional<ImageInfo> facts(Node node) {
    try {
      return Optional.of(node.driver().info());
    } catch (BlockIoException none) {
      return Optional.empty();
    }
  }

  private static Optional<JsonObject> specific(Node node) throws UsageException {
    if (!(node.driver() instanceof Describable describable)) {
      return Optional.empty();
    }
    try {
      return describable.formatSpecific();
    } catch (BlockIoException e) {
      throw new UsageException(e.reason());
    }
  }

  private static Optional<String> fullBacking(Node node) {
    try {
      return node.fullBackingName();
    } catch (UsageException unknown) {
      return Optional.empty();
    }
  }

  /** All of it for programs. */
  public JsonObject toJson() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("filename", new JsonString(filename));
    members.put("format", new JsonString(format));
    if (facts.isPresent()) {
      members.put("dirty-flag", new JsonBool(facts.get().dirty()));
    }
    actualSize.ifPresent(size -> members.put("actual-size", JsonNumber.of(size)));
    members.put("virtual-size", JsonNumber.of(virtualSize));
    if (facts.isPresent() && facts.get().clusterSize() != 0) {
      members.put("cluster-size", JsonNumber.of(facts.get().clusterSize()));
    }
    if (backing.isPresent()) {
      members.put("backing-filename", new JsonString(backing.get().filename()));
      fullBacking.ifPresent(name -> members.put("full-backing-filename", new JsonString(name)));
      backing
          .get()
          .driver()
          .ifPresent(name -> members.put("backing-filename-format", new JsonString(name)));
    }
    if (!snapshots.isEmpty()) {
      List<JsonValue> list = new ArrayList<>();
      snapshots.forEach(snapshot -> list.add(json(snapshot)));
      members.put("snapshots", new JsonArray(list));
    }
    if (specific.isPresent()) {
      Map<String, JsonValue> typed = new LinkedHashMap<>();
      typed.put("type", new JsonString(format));
      typed.put("data", specific.get());
      members.put("format-specific", new JsonObject(typed));
    }
    return new JsonObject(members);
  }

  private static JsonObject json(SnapshotInfo snapshot) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("id", new JsonString(snapshot.id()));
    members.put("name", new JsonString(snapshot.name()));
    members.put("vm-state-size", JsonNumber.of(snapshot.vmStateSize()));
    members.put("date-sec", JsonNumber.of(snapshot.dateSeconds()));
    members.put("date-nsec", JsonNumber.of(snapshot.dateNanos()));
    long clock = snapshot.vmClockNanos();
    members.put("vm-clock-sec", JsonNumber.of(Long.divideUnsigned(clock, NANOS_PER_SECOND)));
    members.put("vm-clock-nsec", JsonNumber.of(Long.remainderUnsigned(clock, NANOS_PER_SECOND)));
    if (snapshot.icount() != -1) {
      members.put("icount", JsonNumber.of(snapshot.icount()));
    }
    return new JsonObject(members);
  }
}

package io.faultdisk.daemon;

import java.util.List;
import java.util.Optional;

/**
 * A new export of type {@code nbd}, as {@code block-export-add} wants it.
 *
 * @param id how the daemon calls it
 * @param nodeName the node that is served
 * @param name what clients ask for; the node's name if absent
 * @param description a text for people
 * @param writable whether clients may write
 * @param writeThrough whether each write is to be durable when it is answered
 * @param allocationDepth offers {@code qemu:allocation-depth}
 * @param bitmaps offered as {@code qemu:dirty-bitmap:NAME}
 * @param iothread the thread object to run in; there are none here
 */
public record ExportRequest(
    String id,
    String nodeName,
    Optional<String> name,
    Optional<String> description,
    boolean writable,
    boolean writeThrough,
    boolean allocationDepth,
    List<BitmapChoice> bitmaps,
    Optional<String> iothread) {

  /**
   * A bitmap of an export.
   *
   * @param node where it is; absent to look at the exported node and those below it
   */
  public record BitmapChoice(Optional<String> node, String name) {}

  /** Copies the list. */
  public ExportRequest {
    bitmaps = List.copyOf(bitmaps);
  }

  /** A read-only export under the node's name. */
  public static ExportRequest of(String id, String nodeName) {
    return new ExportRequest(
        id,
        nodeName,
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        false,
        List.of(),
        Optional.empty());
  }

  /** The same under another name. */
  public ExportRequest withName(String exportName) {
    return new ExportRequest(
        id,
        nodeName,
        Optional.of(exportName),
        description,
        writable,
        writeThrough,
        allocationDepth,
        bitmaps,
        iothread);
  }

  /** The same, writable or not. */
  public ExportRequest withWritable(boolean on) {
    return new ExportRequest(
        id, nodeName, name, description, on, writeThrough, allocationDepth, bitmaps, iothread);
  }

  /** The same with a text for people. */
  public ExportRequest withDescription(Optional<String> text) {
    return new ExportRequest(
        id, nodeName, name, text, writable, writeThrough, allocationDepth, bitmaps, iothread);
  }

  /** The same with these bitmaps. */
  public ExportRequest withBitmaps(List<BitmapChoice> offered) {
    return new ExportRequest(
        id,
        nodeName,
        name,
        description,
        writable,
        writeThrough,
        allocationDepth,
        offered,
        iothread);
  }

  /** What clients ask for. */
  public String exportName() {
    return name.orElse(nodeName);
  }
}

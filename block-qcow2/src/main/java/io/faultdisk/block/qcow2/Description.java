package io.faultdisk.block.qcow2;

import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BlockIoException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code info} tells about an image beyond what all formats have. */
final class Description {
  private final Metadata metadata;

  Description(Metadata metadata) {
    this.metadata = metadata;
  }

  /** The {@code data} of {@code format-specific}, in the order in which QEMU shows it. */
  JsonObject format() throws BlockIoException {
    Header header = metadata.header;
    boolean v3 = header.version() >= 3;
    Map<String, JsonValue> facts = new LinkedHashMap<>();
    facts.put("compat", new JsonString(v3 ? "1.1" : "0.10"));
    facts.put(
        "compression-type",
        new JsonString(header.compression() == Header.COMPRESSION_ZLIB ? "zlib" : "zstd"));
    if (v3) {
      facts.put("lazy-refcounts", new JsonBool(header.lazyRefcounts()));
      JsonArray bitmaps = metadata.bitmaps.describe();
      if (!bitmaps.isEmptyContainer()) {
        facts.put("bitmaps", bitmaps);
      }
    }
    facts.put("refcount-bits", JsonNumber.of(1L << header.refcountOrder()));
    if (v3) {
      header.dataFileName().ifPresent(name -> facts.put("data-file", new JsonString(name)));
      if (metadata.geometry.externalData()) {
        facts.put("data-file-raw", new JsonBool(header.dataFileRaw()));
      }
      facts.put("corrupt", new JsonBool(header.isCorrupt()));
      facts.put(
          "extended-l2",
          new JsonBool((header.incompatible() & Features.INCOMPATIBLE_EXTENDED_L2) != 0));
    }
    return new JsonObject(facts);
  }
}

package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.compress.CompressType;
import io.faultdisk.block.copyonread.CopyOnReadType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.quorum.QuorumType;
import io.faultdisk.block.raw.RawType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An option string, a file name ({@code json:} and others) or JSON; images are in memory. */
final class OptionText {
  private OptionText() {}

  static void fuzz(byte[] bytes) {
    Bytes input = new Bytes(bytes);
    int how = input.number8();
    byte[] text = input.rest();
    try {
      switch (how % 4) {
        case 0 -> json(text);
        case 1 -> open(Optional.empty(), Options.parse(string(text), warning -> {}));
        case 2 -> open(Optional.of(string(text)), new Options());
        default -> open(Optional.of("json:" + string(text)), new Options());
      }
    } catch (UsageException e) {
      // It says why.
    }
  }

  private static String string(byte[] text) {
    return new String(text, StandardCharsets.UTF_8);
  }

  /** What is printed means the same. */
  private static void json(byte[] text) throws UsageException {
    JsonValue value = Json.parse(text);
    JsonValue again = Json.parse(Json.write(value));
    if (!Json.parse(Json.write(again)).equals(again)) { // the order of keys may change
      throw new AssertionError("printed " + Json.write(again));
    }
    Json.writePretty(value);
  }

  private static void open(Optional<String> filename, Options options) throws UsageException {
    Disk disk = new Disk(SampleImage.ALL.getFirst().content());
    try (BlockGraph graph =
        new BlockGraph(
            List.of(
                new RawType(),
                new Qcow2Type(),
                new MemoryType(),
                new NullType(),
                new CopyOnReadType(),
                new CompressType(),
                new QuorumType(),
                new DiskType(Map.of("image", disk))),
            new OneThread(),
            message -> {})) {
      BlockBackend image = graph.open(filename, options, OpenFlags.TOOL);
      image.length();
      image.root().filename();
    } catch (BlockIoException e) {
      // Its length cannot be found out.
    }
  }

  static List<byte[]> seeds() {
    String nested =
        "{'driver':'qcow2','file':{'driver':'disk','name':'image'},'lazy-refcounts':true,"
            + "'l2-cache-size':65536,'cache':{'direct':false},'discard':'unmap','read-only':null}";
    return List.of(
        seed(0, "{\"a\": [1, -2.5e3, true, null, \"\\u00e9\\n\"], 'b': {}}"),
        seed(1, "driver=raw,file.driver=memory,file.size=1M,offset=512,size=1024,read-only=on"),
        seed(1, "driver=qcow2,file.driver=disk,file.name=image,overlap-check=all,node-name=a"),
        seed(1, "driver=copy-on-read,file.driver=null-co,file.size=64k,id=x,nocache.direct"),
        seed(1, "driver=compress,file.driver=qcow2,file.file.driver=disk,file.file.name=image"),
        seed(2, "memory:64M"),
        seed(2, "null-co://"),
        seed(3, nested));
  }

  private static byte[] seed(int how, String text) {
    byte[] bytes = (" " + text).getBytes(StandardCharsets.UTF_8);
    bytes[0] = (byte) how;
    return bytes;
  }
}

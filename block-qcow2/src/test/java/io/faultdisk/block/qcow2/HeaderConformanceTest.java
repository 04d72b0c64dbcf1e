package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Headers that the real qemu-img wrote are read and written back without a change; what it refuses
 * to open we refuse with the same words.
 */
class HeaderConformanceTest {
  private static final int CLUSTER = 65536;

  @TempDir private Path folder;
  private QemuImg qemuImg;
  private Path image;

  @BeforeEach
  void prepare() throws IOException {
    qemuImg = QemuImg.in(folder);
    image = folder.resolve("t.qcow2");
  }

  /** Makes the image; the last argument is its size. */
  private void create(String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of("create", "-q", "-f", "qcow2"));
    command.addAll(List.of(options));
    command.add(command.size() - 1, image.toString());
    assertThat(qemuImg.run(command.toArray(new String[0]))).isEqualTo("exit 0\n");
  }

  /** Opens the image read-only, or says why not. */
  private Optional<String> refusal(boolean readOnly) {
    BlockGraph graph =
        new BlockGraph(
            List.of(new FileType(), new RawType(), new Qcow2Type()), Turns.free(), text -> {});
    Options options = Options.of(Map.of("driver", "qcow2"));
    OpenFlags flags = OpenFlags.TOOL.withReadOnly(readOnly).with(OpenFlags.Mode.NO_BACKING);
    flags = readOnly ? flags.with(OpenFlags.Mode.NO_IO) : flags;
    try (BlockBackend opened = graph.open(Optional.of(image.toString()), options, flags)) {
      assertThat(opened.root().type().name()).isEqualTo("qcow2");
      return Optional.empty();
    } catch (UsageException e) {
      return Optional.of(e.getMessage());
    }
  }

  private Optional<String> qemuRefusal(boolean readOnly) throws IOException {
    String output =
        readOnly
            ? qemuImg.run("info", "-f", "qcow2", image.toString())
            : qemuImg.run("resize", "-q", "-f", "qcow2", image.toString(), "+0");
    String prefix = "qemu-img: Could not open '" + image + "': ";
    for (String line : output.split("\n", -1)) {
      if (line.startsWith(prefix)) {
        return Optional.of(line.substring(prefix.length()));
      }
    }
    return Optional.empty();
  }

  @Test
  void headersComeBackAsTheyWere() throws Exception {
    Files.createFile(folder.resolve("base"));
    roundTrip("1M");
    roundTrip("-o", "compat=0.10", "1M");
    roundTrip("-o", "cluster_size=512", "1M");
    roundTrip("-o", "cluster_size=4k,lazy_refcounts=on", "1M");
    roundTrip("-o", "cluster_size=2M,refcount_bits=64,extended_l2=on", "1G");
    roundTrip("-o", "compression_type=zstd", "1M");
    roundTrip("-b", "base", "-F", "raw", "1M");
    roundTrip("-u", "-b", "a/b/c", "-F", "qcow2", "-o", "cluster_size=512", "1M");
    roundTrip("-o", "data_file=" + folder.resolve("d") + ",data_file_raw=on", "1M");
  }

  private void roundTrip(String... options) throws Exception {
    Files.deleteIfExists(image);
    create(options);
    byte[] before = Files.readAllBytes(image);
    Header header = read(before);
    ByteBuffer cluster = HeaderWriter.cluster(header);
    assertThat(cluster.array())
        .as(String.join(" ", options))
        .isEqualTo(Arrays.copyOf(before, 1 << header.clusterBits()));
  }

  private static Header read(byte[] bytes) throws UsageException {
    LoggedFile file = LoggedFile.empty();
    file.setBytes(bytes);
    HeaderReader.Fixed fixed = new HeaderReader(file.node(), true, false).read();
    ExtensionReader extensions = new ExtensionReader(file.node(), fixed);
    extensions.read((text, hint) -> {});
    return fixed
        .header()
        .change()
        .unknownExtensions(extensions.unknown())
        .dataFileName(extensions.dataFileName())
        .backing(HeaderReader.backing(file.node(), fixed, extensions.backingFormat()))
        .bitmaps(extensions.bitmaps())
        .build();
  }

  @Test
  void whatIsNotKnownIsKept() throws Exception {
    create("1M");
    byte[] bytes = Files.readAllBytes(image);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putInt(100, 120).putLong(112, 0x1122334455667788L);
    header
        .putInt(120, 0xdeadbeef)
        .putInt(124, 5)
        .put(128, "hello".getBytes(StandardCharsets.UTF_8));
    header.putLong(136, 0);
    Header read = read(bytes);
    assertThat(read.unknownFields()).hasSize(8);
    assertThat(read.unknownExtensions()).hasSize(1);
    ByteBuffer written = HeaderWriter.cluster(read);
    assertThat(written.getLong(112)).isEqualTo(0x1122334455667788L);
    assertThat(new String(written.array(), StandardCharsets.ISO_8859_1)).contains("hello");
  }

  @Test
  void aHeaderThatDoesNotFitIsRefused() throws Exception {
    create("-u", "-b", "x".repeat(300), "-F", "raw", "-o", "cluster_size=512", "1M");
    Header header = read(Files.readAllBytes(image));
    Header longer =
        header.change().unknownExtensions(List.of(new Header.Extension(1, new byte[100]))).build();
    assertThat(catchThrowable(() -> HeaderWriter.cluster(longer)))
        .isInstanceOf(BlockIoException.class)
        .hasMessageContaining("ENOSPC");
  }

  /** Field, width in bytes, value. */
  private record Damage(int offset, int width, long value) {}

  private static final List<Damage> DAMAGES =
      List.of(
          new Damage(0, 4, 0x514649fc),
          new Damage(4, 4, 1),
          new Damage(4, 4, -1),
          new Damage(20, 4, 8),
          new Damage(20, 4, 22),
          new Damage(20, 4, 9),
          new Damage(24, 8, -1),
          new Damage(24, 8, 1L << 62),
          new Damage(24, 8, 1L << 40),
          new Damage(36, 4, 0),
          new Damage(36, 4, 0x400001),
          new Damage(36, 4, -1),
          new Damage(40, 8, 0x30001),
          new Damage(40, 8, Long.MIN_VALUE),
          new Damage(40, 8, 0x7fffffffffff0000L),
          new Damage(48, 8, 0x10200),
          new Damage(48, 8, Long.MIN_VALUE),
          new Damage(56, 4, 0),
          new Damage(56, 4, 129),
          new Damage(60, 4, 65537),
          new Damage(64, 8, 512),
          new Damage(72, 8, 2),
          new Damage(72, 8, 4),
          new Damage(72, 8, 8),
          new Damage(72, 8, 32),
          new Damage(72, 8, Long.MIN_VALUE | 3),
          new Damage(88, 8, 2),
          new Damage(96, 4, 7),
          new Damage(96, 4, -1),
          new Damage(100, 4, 103),
          new Damage(100, 4, 65537),
          new Damage(104, 1, 1),
          new Damage(104, 1, 2),
          new Damage(8, 8, 65537),
          new Damage(8, 8, 65530),
          new Damage(8, 8, 200),
          new Damage(112, 4, 0xe2792aca),
          new Damage(116, 4, 70000),
          new Damage(112, 4, 0x0537be77),
          new Damage(112, 4, 0x23852875));

  @Test
  void damagedHeadersAreRefusedWithTheSameWords() throws Exception {
    create("64M");
    byte[] good = Files.readAllBytes(image);
    for (Damage damage : DAMAGES) {
      byte[] bad = good.clone();
      ByteBuffer field =
          ByteBuffer.allocate(8).putLong(0, damage.value() << 64 - 8 * damage.width());
      field.get(0, bad, damage.offset(), damage.width());
      if (damage.offset() == 8) {
        bad[16 + 3] = 20; // a backing file name
      }
      Files.write(image, bad);
      for (boolean readOnly : new boolean[] {true, false}) {
        assertThat(refusal(readOnly))
            .as("%s %s", damage, readOnly)
            .isEqualTo(qemuRefusal(readOnly));
      }
    }
  }

  @Test
  void shortFilesAreRefusedWithTheSameWords() throws Exception {
    create("64M");
    byte[] good = Files.readAllBytes(image);
    for (int length : new int[] {0, 4, 71, 72, 100, 104, 105, 112, 120, 512, CLUSTER + 1}) {
      Files.write(image, Arrays.copyOf(good, length));
      assertThat(refusal(true)).as("%d bytes", length).isEqualTo(qemuRefusal(true));
    }
  }

  @Test
  void optionsAreRefusedWithTheSameWords() throws Exception {
    create("64M");
    for (String option :
        List.of(
            "l2-cache-size=3M,cache-size=2M",
            "refcount-cache-size=3M,cache-size=2M",
            "l2-cache-size=1M,refcount-cache-size=1M,cache-size=2M",
            "l2-cache-entry-size=1000",
            "l2-cache-entry-size=128k",
            "overlap-check=foo",
            "overlap-check=none,overlap-check.template=all",
            "overlap-check.main-header=foo",
            "lazy-refcounts=maybe",
            "cache-clean-interval=4294967296",
            "encrypt.format=luks",
            "data-file.filename=" + image,
            "lazy-refcounts=on,overlap-check=all,pass-discard-other=on,cache-size=1M")) {
      String all = "driver=qcow2,file.filename=" + image + "," + option;
      String output = qemuImg.run("info", "--image-opts", all);
      BlockGraph graph =
          new BlockGraph(List.of(new FileType(), new Qcow2Type()), Turns.free(), text -> {});
      String ours = "";
      Options options = Options.parse(all, warning -> {});
      try (BlockBackend opened =
          graph.open(
              Optional.empty(),
              options,
              OpenFlags.TOOL.withReadOnly(true).with(OpenFlags.Mode.NO_IO))) {
        assertThat(opened.root().readOnly()).isTrue();
      } catch (UsageException e) {
        ours = "qemu-img: Could not open '" + all + "': " + e.getMessage() + "\nexit 1\n";
      }
      if (ours.isEmpty()) {
        assertThat(output).as(option).endsWith("exit 0\n");
      } else {
        assertThat(output).as(option).isEqualTo(ours);
      }
    }
  }

  @Test
  void noHeaderMakesUsFail() throws Exception {
    create("1M");
    byte[] good = Files.readAllBytes(image);
    RandomCases.run(
        "a damaged header is opened or refused",
        300,
        random -> {
          byte[] bad = good.clone();
          for (int i = 0; i < 1 + random.nextInt(4); i++) {
            bad[random.nextInt(400)] = (byte) random.nextInt(256);
          }
          Files.write(image, bad);
          assertThat(refusal(true)).isNotNull();
        });
  }
}

package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Turns;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.raw.RawType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same new image made by the real qemu-img and by us, in the same place: the same words, and
 * files that are the same to the last byte.
 */
class CreationConformanceTest {
  @TempDir private Path folder;
  private QemuImg qemuImg;
  private final List<String> differences = new ArrayList<>();

  /** What to make: {@code -o}, {@code -b}, {@code -F}, and the size if it is not empty. */
  private record Case(
      String options, Optional<String> backing, Optional<String> format, String size) {}

  @BeforeEach
  void prepare() throws IOException {
    qemuImg = QemuImg.in(folder);
    Files.write(folder.resolve("base.raw"), new byte[1 << 20]);
  }

  @Test
  void clusterSizesAndRefcountWidths() throws IOException {
    for (int cluster : new int[] {512, 1024, 65536, 2 << 20}) {
      for (int bits : new int[] {1, 2, 8, 16, 64}) {
        for (String size : List.of("0", "1000", "1M", "40M")) {
          check("cluster_size=" + cluster + ",refcount_bits=" + bits, size);
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void preallocation() throws IOException {
    for (String cluster : List.of("512", "4k", "64k", "2M")) {
      for (String mode : List.of("metadata", "falloc", "full")) {
        for (String size : List.of("0", "1000", "3M", "5000192")) {
          check("cluster_size=" + cluster + ",preallocation=" + mode, size);
          check("cluster_size=" + cluster + ",refcount_bits=64,preallocation=" + mode, size);
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void extendedL2() throws IOException {
    for (String cluster : List.of("8k", "16k", "64k", "2M")) {
      for (String mode : List.of("off", "metadata", "falloc", "full")) {
        String options = "extended_l2=on,cluster_size=" + cluster + ",preallocation=" + mode;
        check(options, "3M");
        check(new Case(options, Optional.of("base.raw"), Optional.of("raw"), "3M"));
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void externalDataFiles() throws IOException {
    for (String raw : List.of("on", "off")) {
      for (String mode : List.of("off", "metadata", "falloc", "full")) {
        for (String size : List.of("0", "1000", "3M")) {
          check("data_file={dir}/x.data,data_file_raw=" + raw + ",preallocation=" + mode, size);
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void versionsAndFeatures() throws IOException {
    for (String compat : List.of("0.10", "1.1", "v2", "v3", "v4")) {
      for (String lazy : List.of("on", "off", "maybe")) {
        for (String type : List.of("zlib", "zstd", "lzo")) {
          check("compat=" + compat + ",lazy_refcounts=" + lazy + ",compression_type=" + type, "9M");
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void mistakes() throws IOException {
    for (String options :
        List.of(
            "refcount_bits=18446744073709551615",
            "refcount_bits=-1",
            "refcount_bits=0x10",
            "refcount_bits=0",
            "refcount_bits=7",
            "compat=v2,refcount_bits=8",
            "cluster_size=0",
            "cluster_size=100",
            "cluster_size=4M",
            "cluster_size=64k,extended_l2=on,compat=v2",
            "encryption=off",
            "encrypt.format=luks,encryption=on",
            "encrypt.key-secret=a",
            "encrypt.format=foo",
            "data_file_raw=on",
            "data_file={dir}/no/x",
            "data_file={dir}/x.data,compat=v2",
            "preallocation=foo",
            "backing_fmt=raw",
            "size=1M",
            "foo=1")) {
      check(options, "1M");
    }
    check("size=1001", "");
    check("cluster_size=512", "2P");
    check("cluster_size=64k", "");
    assertThat(differences).isEmpty();
  }

  @Test
  void backingFiles() throws IOException {
    for (String name : List.of("base.raw", "none", "", "x", "a".repeat(1023), "a".repeat(1024))) {
      for (Optional<String> format : List.of(Optional.of("raw"), Optional.of("foo"))) {
        check(new Case("cluster_size=64k", Optional.of(name), format, ""));
        check(new Case("preallocation=metadata", Optional.of(name), format, "2M"));
      }
    }
    check(new Case("lazy_refcounts=off", Optional.of("base.raw"), Optional.empty(), ""));
    check(new Case("lazy_refcounts=off", Optional.empty(), Optional.of("raw"), "1M"));
    assertThat(differences).isEmpty();
  }

  private void check(String options, String size) throws IOException {
    check(new Case(options, Optional.empty(), Optional.empty(), size));
  }

  private void check(Case wanted) throws IOException {
    Path image = folder.resolve("x");
    String options = wanted.options().replace("{dir}", folder.toString());
    String ours = ours(wanted, options, image.toString());
    boolean made = Files.exists(image);
    for (String name : List.of("x", "x.data")) {
      if (Files.exists(folder.resolve(name))) {
        Files.move(
            folder.resolve(name),
            folder.resolve(name + ".ours"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    String real = real(wanted, options, image.toString());
    if (!ours.equals(real) || made != Files.exists(image)) {
      differences.add(wanted + "\nreal:\n" + real + "ours:\n" + ours);
    }
    for (String name : List.of("x", "x.data")) {
      compare(wanted, folder.resolve(name), folder.resolve(name + ".ours"));
    }
  }

  private void compare(Case wanted, Path real, Path ours) throws IOException {
    if (Files.exists(real) && Files.exists(ours)) {
      long at = Files.mismatch(real, ours);
      if (at >= 0) {
        differences.add(wanted + ": " + real.getFileName() + " differs at " + at);
      }
    }
    Files.deleteIfExists(real);
    Files.deleteIfExists(ours);
  }

  private String real(Case wanted, String options, String image) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("create", "-f", "qcow2", "-o", options));
    wanted.backing().ifPresent(name -> arguments.addAll(List.of("-b", name)));
    wanted.format().ifPresent(name -> arguments.addAll(List.of("-F", name)));
    arguments.add(image);
    if (!wanted.size().isEmpty()) {
      arguments.add(wanted.size());
    }
    return qemuImg.run(arguments.toArray(String[]::new)).replace("qemu-img: " + image + ": ", "");
  }

  private static String ours(Case wanted, String options, String image) {
    StringBuilder said = new StringBuilder();
    OptionalLong size =
        wanted.size().isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(Units.parseSize(wanted.size()).bytes());
    try (BlockGraph graph =
        new BlockGraph(
            List.of(new FileType(), new RawType(), new Qcow2Type()),
            Turns.free(),
            text -> said.append(text).append('\n'))) {
      new ImageCreation(graph)
          .create(
              new CreateRequest(
                  image,
                  "qcow2",
                  Optional.of(options),
                  size,
                  wanted.backing(),
                  wanted.format(),
                  true),
              line -> said.append(line).append('\n'));
      return said + "exit 0\n";
    } catch (UsageException e) {
      said.append(e.getMessage()).append('\n');
      e.hints().forEach(hint -> said.append(hint).append('\n'));
      return said + "exit 1\n";
    }
  }
}

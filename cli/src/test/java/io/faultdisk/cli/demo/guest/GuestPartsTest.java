package io.faultdisk.cli.demo.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What guests are made of, without a guest. */
class GuestPartsTest {
  @TempDir Path directory;

  private GuestKernel kernel(String release, String modules) throws IOException {
    Path boot = Files.createDirectories(directory.resolve("boot"));
    return new GuestKernel(
        release,
        Files.writeString(boot.resolve("vmlinuz-" + release), ""),
        Files.createDirectories(directory.resolve(modules).resolve(release)));
  }

  private static void module(GuestKernel kernel, String file, String needs) throws IOException {
    Path path = kernel.modules().resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "\0license=GPL\0depends=" + needs + "\0retpoline=Y\0");
  }

  private static List<String> names(List<Path> files) {
    return files.stream().map(file -> file.getFileName().toString()).toList();
  }

  @Test
  void theSmallestKernelIsTakenAndThenTheNewest() throws IOException {
    assertThat(GuestKernel.find(List.of(directory))).isEmpty();
    kernel("6.1.0-50-amd64", "lib/modules");
    GuestKernel newer = kernel("6.1.0-51-amd64", "lib/modules");
    assertThat(GuestKernel.find(List.of(directory))).contains(newer);
    GuestKernel cloud = kernel("6.1.0-49-cloud-amd64", "usr/lib/modules");
    assertThat(GuestKernel.find(List.of(directory.resolve("none"), directory))).contains(cloud);
  }

  @Test
  void aKernelWithoutModulesIsNone() throws IOException {
    GuestKernel kernel = kernel("6.1.0-50-amd64", "lib/modules");
    Files.delete(kernel.modules());
    assertThat(GuestKernel.find(List.of(directory))).isEmpty();
  }

  @Test
  void modulesComeAfterThoseThatTheyNeed() throws Exception {
    GuestKernel kernel = kernel("6.1.0-50-amd64", "lib/modules");
    module(kernel, "kernel/a.ko", "b_c,d");
    module(kernel, "kernel/sub/b-c.ko", "d,part_of_it");
    module(kernel, "kernel/d.ko", "");
    module(kernel, "kernel/e.ko", "a");
    Files.writeString(kernel.modules().resolve("modules.builtin"), "kernel/part-of-it.ko\n");
    KernelModules modules = new KernelModules(kernel);
    assertThat(names(modules.inOrder(List.of("part_of_it", "a", "d"))))
        .containsExactly("d.ko", "b-c.ko", "a.ko");
    assertThat(modules.has("e")).isTrue();
    assertThat(modules.has("part_of_it")).isFalse();
  }

  @Test
  void aModuleThatIsMissingIsNamed() throws Exception {
    GuestKernel kernel = kernel("6.1.0-50-amd64", "lib/modules");
    module(kernel, "a.ko", "b");
    KernelModules modules = new KernelModules(kernel);
    assertThatThrownBy(() -> modules.inOrder(List.of("a")))
        .isInstanceOf(UsageException.class)
        .hasMessage("the modules of Linux 6.1.0-50-amd64 have no b");
    Files.writeString(kernel.modules().resolve("b.ko.xz"), "");
    assertThatThrownBy(() -> new KernelModules(kernel).inOrder(List.of("a")))
        .isInstanceOfSatisfying(
            UsageException.class, e -> assertThat(e.hints().getFirst()).contains("unxz"));
  }

  @Test
  void whereThereIsNoKernelIsSaid() {
    assertThatThrownBy(() -> GuestParts.find(Optional.of(directory)))
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> {
              assertThat(e).hasMessageContaining("a Linux kernel and its modules");
              assertThat(e.hints().getLast()).contains("linux-image-cloud-amd64", "" + directory);
            });
  }

  @Test
  void aStaticProgramNamesNoInterpreter() throws IOException {
    // A file header; one program header of 56 bytes follows it.
    String file =
        "7f454c46020101"
            + "00".repeat(25)
            + "4000000000000000"
            + "00".repeat(14)
            + "38000100"
            + "00".repeat(6);
    for (int type = 1; type <= 3; type++) {
      String program = file + "0" + type + "000000" + "00".repeat(52);
      Path path = Files.write(directory.resolve("p"), HexFormat.of().parseHex(program));
      assertThat(StaticProgram.is(path)).isEqualTo(type != 3);
    }
    assertThat(StaticProgram.is(Files.write(directory.resolve("p"), new byte[100]))).isFalse();
    assertThat(StaticProgram.is(Files.write(directory.resolve("p"), new byte[0]))).isFalse();
  }

  @Test
  void anArchiveIsAsTheFormatSays() throws IOException {
    Path file = directory.resolve("archive");
    try (CpioArchive archive = new CpioArchive(file)) {
      archive.directory("bin");
      archive.file("bin/x", "hello".getBytes(StandardCharsets.UTF_8));
    }
    String zeros = "00000000";
    // Checked with: cpio -itv < archive
    assertThat(Files.readString(file))
        .isEqualTo(
            "07070100000001000041ed"
                + zeros
                + zeros
                + "00000001"
                + zeros
                + zeros
                + zeros.repeat(4)
                + "00000004"
                + zeros
                + "bin\0\0\0"
                + "07070100000002000081ed"
                + zeros
                + zeros
                + "00000001"
                + zeros
                + "00000005"
                + zeros.repeat(4)
                + "00000006"
                + zeros
                + "bin/x\0"
                + "hello\0\0\0"
                + "0707010000000300000000"
                + zeros
                + zeros
                + "00000001"
                + zeros
                + zeros
                + zeros.repeat(4)
                + "0000000b"
                + zeros
                + "TRAILER!!!\0\0\0\0");
  }
}

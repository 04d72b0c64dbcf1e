package io.faultdisk.cli.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sections of our own as options of a disk, dotted and as JSON: they work, and its name has them.
 */
final class BlkdebugOptionsTest {
  private static final String DOTTED =
      "driver=blkdebug,image.driver=file,image.filename={dir}/disk,tear-write.0.event=write_aio,"
          + "tear-write.0.sectors=1,tear-write.1.event=none,drop-write.0.event=flush_to_disk";
  private static final String JSON =
      "json:{\"driver\": \"blkdebug\", \"image\": {\"driver\": \"file\", \"filename\": "
          + "\"{dir}/disk\"}, \"tear-write\": [{\"event\": \"write_aio\", \"sectors\": 1}, "
          + "{\"event\": \"none\"}], \"drop-write\": [{\"event\": \"flush_to_disk\"}]}";

  @TempDir Path temp;

  private Path disk;

  @BeforeEach
  void make() throws IOException {
    disk = Files.write(temp.resolve("disk"), new byte[1 << 20]);
  }

  private String run(String... args) {
    List<String> given =
        List.of(args).stream().map(arg -> arg.replace("{dir}", temp.toString())).toList();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(given, new Stdio(InputStream.nullInputStream(), out, err, false));
    return (out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8) + code)
        .replace(temp.toString(), "{dir}");
  }

  private void tearsItsFirstWrite() throws IOException {
    byte[] expected = new byte[1 << 20];
    Arrays.fill(expected, 0, 512, (byte) 7);
    assertThat(disk).hasBinaryContent(expected);
  }

  @Test
  void dottedOptionsOpenIt() throws IOException {
    assertThat(run("io", "-c", "write -q -P 7 0 1k", "--image-opts", DOTTED))
        .isEqualTo("write failed: Input/output error\n1");
    tearsItsFirstWrite();
  }

  @Test
  void jsonOpensIt() throws IOException {
    assertThat(run("io", "-c", "write -q -P 7 0 1k", JSON))
        .isEqualTo("write failed: Input/output error\n1");
    tearsItsFirstWrite();
  }

  @Test
  void itsNameOpensItAgain() throws IOException {
    String info = run("img", "info", "--image-opts", DOTTED);
    assertThat(info)
        .isEqualTo(
            """
            image: json:{"image": {"driver": "file", "filename": "{dir}/disk"}, "driver": "blkdebug", "drop-write.0.event": "flush_to_disk", "tear-write.1.event": "none", "tear-write.0.sectors": "1", "tear-write.0.event": "write_aio"}
            file format: blkdebug
            virtual size: 1 MiB (1048576 bytes)
            disk size: unavailable
            0\
            """);
    String name = info.lines().findFirst().orElseThrow().substring("image: ".length());
    assertThat(run("io", "-c", "write -q -P 7 0 1k", name))
        .isEqualTo("write failed: Input/output error\n1");
    tearsItsFirstWrite();
    assertThat(run("img", "info", JSON)).isEqualTo(info.replace("\"1\"", "1"));
  }
}

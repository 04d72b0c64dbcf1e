package io.faultdisk.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the installed qemu-io makes of size arguments, and how it writes sizes.
 *
 * <p>{@link #main} writes the golden resource: {@code java ... SizeOracle DIRECTORY}.
 */
public final class SizeOracle {
  /**
   * The size of the image asked. Numbers from here on are cut, so we only learn that they are
   * numbers.
   */
  static final long IMAGE_BYTES = 1L << 62;

  static final List<String> ARGUMENTS =
      List.of(
          "0",
          "1",
          "512",
          "1k",
          "1K",
          "1b",
          "1B",
          "4k",
          "1M",
          "0x10",
          "0X10",
          "+1",
          "010",
          "00",
          "1.5k",
          "1.25k",
          "1.",
          "1.k",
          "1.0",
          "1.0b",
          "1.5",
          "1.5b",
          "1kk",
          "1kb",
          "1z",
          "x",
          "",
          "1e2",
          "1e",
          "1.5e",
          "1.5e2k",
          "0b1",
          ".5k",
          ".",
          "0x1k",
          "0x1b",
          "0x1E",
          "0x",
          "0x.",
          "0x1.5",
          "00x10",
          "-1",
          "-0",
          "--1",
          "+-1",
          "9E",
          "8E",
          "7E",
          "7.9E",
          "16E",
          "20E",
          "7P",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "99999999999999999999",
          "99999999999999999999x",
          "99999999999999999999k",
          "0xffffffffffffffff",
          "0x10000000000000000",
          "0.0000000001k",
          "0.00048828125k",
          "0.00048828124k",
          "1.99999999999999999999k",
          "0.9999k",
          "1k1",
          "1K.",
          "k",
          "1,5k",
          "1_0",
          "1\u00e9");

  /** Multiples of 512, or the image is rounded up. 1114112 lies between 1.062 and 1.063 MiB. */
  static final List<Long> SIZES =
      List.of(
          0L,
          512L,
          1024L,
          1536L,
          2560L,
          65536L,
          66048L,
          1048064L,
          1048576L,
          1049088L,
          1114112L,
          67108864L,
          1073741312L,
          1073741824L,
          1099511627776L,
          5497558138880L,
          8796093018112L,
          1125899906842624L,
          1152921504606846976L,
          IMAGE_BYTES);

  private final Path directory;

  SizeOracle(Path directory) {
    this.directory = directory;
  }

  boolean isThere() throws InterruptedException {
    try {
      return run(List.of("qemu-io", "-V")).startsWith("qemu-io version 7.2");
    } catch (IOException e) {
      return false;
    }
  }

  /** Per argument: the number, "OK" if it is larger than the image, or what is wrong. */
  List<String> parse(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-io", "--image-opts"));
    for (String argument : arguments) {
      command.add("-c");
      command.add("alloc 0 " + argument);
    }
    command.add("driver=raw,file.driver=null-co,file.size=" + IMAGE_BYTES);
    List<String> verdicts = new ArrayList<>();
    for (String line : run(command).split("\n")) {
      int slash = line.indexOf('/');
      if (line.contains(" bytes allocated at offset ")) {
        verdicts.add(number(Long.parseLong(line.substring(slash + 1, line.indexOf(' ')))));
      } else if (line.startsWith("Parsing error: non-numeric")) {
        verdicts.add(SizeText.Kind.NOT_A_NUMBER.name());
      } else if (line.startsWith("Parsing error: argument too large")) {
        verdicts.add(SizeText.Kind.TOO_LARGE.name());
      }
    }
    return verdicts;
  }

  /** How we would say it. */
  static String ours(String argument) {
    SizeText size = Units.parseSize(argument);
    return size.isOk() ? number(size.bytes()) : size.kind().name();
  }

  private static String number(long bytes) {
    return bytes >= IMAGE_BYTES ? SizeText.Kind.OK.name() : Long.toString(bytes);
  }

  /** The size of an image as the command "length" prints it. */
  String length(long size) throws IOException, InterruptedException {
    return run(List.of(
            "qemu-io",
            "--image-opts",
            "-c",
            "length",
            "driver=raw,file.driver=null-co,file.size=" + size))
        .strip();
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("no end: " + command);
    }
    return output;
  }

  /** Arguments that a command line can carry: not empty, no blanks. */
  static List<String> arguments() {
    return ARGUMENTS.stream().filter(argument -> !argument.isEmpty()).toList();
  }

  /** Writes the resource; the argument is its directory. */
  public static void main(String[] args) throws Exception {
    SizeOracle oracle = new SizeOracle(Path.of("."));
    List<String> lines = new ArrayList<>();
    lines.add("# " + oracle.run(List.of("qemu-io", "-V")).lines().findFirst().orElse(""));
    lines.add(
        "# parse: qemu-io --image-opts -c 'alloc 0 ARGUMENT'"
            + " driver=raw,file.driver=null-co,file.size=4E");
    lines.add(
        "# length: qemu-io --image-opts -c length driver=raw,file.driver=null-co,file.size=N");
    List<String> verdicts = oracle.parse(arguments());
    for (int i = 0; i < verdicts.size(); i++) {
      lines.add("parse " + arguments().get(i) + " " + verdicts.get(i));
    }
    for (long size : SIZES) {
      lines.add("length " + size + " " + oracle.length(size));
    }
    Files.write(Path.of(args[0], "sizes.golden"), lines);
  }
}

package io.faultdisk.cli.random;

import io.faultdisk.cli.IoCase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A random call of {@code qemu-io}, in parts that can be left out one by one.
 *
 * @param image what is in the file at first
 * @param sections of the rule file
 * @param options before the image: cache mode and the like
 * @param opening how the image is named; uses {@code {dir}/disk.raw} and {@code {dir}/rules.conf}
 * @param groups of commands
 * @param contentDefined whether the image's bytes can be foretold: they cannot where the read of a
 *     read-modify-write may be made to fail, since the write then goes on with whatever was in the
 *     buffer
 */
record RandomCase(
    IoCase.Content image,
    List<String> sections,
    List<String> options,
    List<String> opening,
    List<List<String>> groups,
    boolean contentDefined) {

  private static final String IMAGE = "{dir}/disk.raw";
  private static final String RULES = "{dir}/rules.conf";

  static RandomCase draw(RandomGenerator random) {
    Dice dice = new Dice(random);
    long bytes =
        dice.of(1L << 20, 1L << 20, 1L << 20, 1L << 20, 1000L, 4608L, 0L, 65536L, 1048000L);
    String text = dice.percent(40) ? "some data, then zeroes ".repeat(dice.between(1, 400)) : "";
    IoCase.Content image = new IoCase.Content(text, Math.max(bytes, 0));
    List<String> sections = new RuleFiles(dice).sections();
    List<String> options = new ArrayList<>();
    if (dice.percent(45)) {
      options.addAll(
          List.of(
              "-t",
              dice.of("writeback", "writeback", "writethrough", "unsafe", "none", "directsync")));
    }
    if (dice.percent(8)) {
      options.addAll(List.of("-d", dice.of("ignore", "unmap", "off", "on")));
    }
    if (dice.percent(4)) {
      options.add("-r");
    }
    List<String> opening = opening(dice);
    if (opening.get(0).equals("--image-opts") || opening.get(0).startsWith("json:")) {
      // The format is in the options.
    } else if (dice.percent(92)) {
      options.addAll(
          List.of("-f", dice.percent(95) ? "raw" : dice.of("blkdebug", "file", "nosuch")));
    }
    boolean aligned =
        String.join("", opening).contains("align")
            || options.contains("none")
            || options.contains("directsync")
            || !formatGiven(options, opening);
    boolean defined = !aligned || sections.isEmpty();
    long size = Math.max(bytes, text.length());
    return new RandomCase(
        image,
        sections,
        options,
        opening,
        new CommandLists(dice, size, defined, aligned).groups(),
        defined);
  }

  private static boolean formatGiven(List<String> options, List<String> opening) {
    return options.contains("-f") || !opening.get(0).startsWith("blkdebug:");
  }

  private static List<String> opening(Dice dice) {
    return switch (dice.below(20)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 -> List.of("blkdebug:" + RULES + ":" + IMAGE);
      case 10 -> List.of("blkdebug:" + RULES + ":blkdebug:" + RULES + ":" + IMAGE);
      case 11 -> List.of(dice.of(IMAGE, "file:" + IMAGE, "blkdebug::" + IMAGE));
      case 12 ->
          List.of(
              dice.of(
                  "blkdebug:" + IMAGE,
                  "blkdebug:{dir}/nosuch:" + IMAGE,
                  "blkdebug:" + RULES + ":{dir}/nosuch",
                  "blkdebug:{dir}:" + IMAGE,
                  "nosuch:" + IMAGE,
                  "json:{}",
                  "json:{\"driver\":\"raw\"",
                  "{dir}"));
      case 13 ->
          List.of(
              "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"blkdebug\",\"config\":\""
                  + RULES
                  + "\",\"image\":{\"driver\":\"file\",\"filename\":\""
                  + IMAGE
                  + "\"}"
                  + jsonLimits(dice)
                  + "}}");
      default ->
          List.of(
              "--image-opts",
              "driver=raw"
                  + window(dice)
                  + ",file.driver=blkdebug,file.config="
                  + RULES
                  + ",file.image.driver=file,file.image.filename="
                  + IMAGE
                  + limits(dice));
    };
  }

  private static String window(Dice dice) {
    if (!dice.percent(12)) {
      return "";
    }
    return dice.of(
        ",offset=4k", ",size=64k", ",offset=512,size=32k", ",size=1000", ",offset=4M", ",offset=1");
  }

  /**
   * Limits that the real tool survives: it divides by zero if {@code align} comes without {@code
   * opt-discard}.
   */
  private static String limits(Dice dice) {
    StringBuilder text = new StringBuilder();
    int align = dice.of(0, 0, 512, 4096, 4096, 65536, 8192);
    if (align > 0) {
      text.append(",file.align=").append(align).append(",file.opt-discard=").append(align);
    } else if (dice.percent(25)) {
      text.append(",file.opt-discard=").append(dice.of("512", "4k", "1536", "64k"));
    }
    int unit = Math.max(1, align);
    if (dice.percent(35)) {
      text.append(",file.max-transfer=").append(Math.max(unit, 512) * dice.between(1, 9));
    }
    if (dice.percent(35)) {
      int zero = Math.max(unit, 512) * dice.of(1, 2, 3, 8);
      text.append(",file.opt-write-zero=").append(zero);
      if (dice.percent(50)) {
        text.append(",file.max-write-zero=").append(zero * dice.between(1, 4));
      }
    }
    if (dice.percent(6)) {
      text.append(
          dice.of(
              ",file.align=3",
              ",file.align=abc",
              ",file.align=2G",
              ",file.max-transfer=-1",
              ",file.bogus=1",
              ",file.take-child-perms.0=write",
              ",file.take-child-perms.0=bogus",
              ",file.unshare-child-perms.1=write",
              ",file.unshare-child-perms.0=resize",
              ",file.inject-error.event=read_aio",
              ",file.inject-error.0.event=read_aio,file.inject-error.0.errno=28",
              ",file.inject-error.1.event=read_aio",
              ",file.inject-error.foo=1",
              ",file.set-state.0.event=none,file.set-state.0.new_state=2",
              ",read-only=on",
              ",file.image.locking=off",
              ",file.image.locking=foo",
              ",detect-zeroes=on",
              ",file.detect-zeroes=on",
              ",cache.direct=maybe",
              ",discard=foo"));
    }
    return text.toString();
  }

  private static String jsonLimits(Dice dice) {
    return dice.of(
        "",
        ",\"align\":4096,\"opt-discard\":4096",
        ",\"align\":\"4k\",\"opt-discard\":\"4k\"",
        ",\"max-transfer\":65536",
        ",\"inject-error\":[{\"event\":\"read_aio\",\"errno\":28,\"once\":true}]",
        ",\"inject-error\":{\"event\":\"write_aio\"}",
        ",\"inject-error\":[{\"event\":\"read_aio\",\"bogus\":28}]",
        ",\"set-state\":[{\"event\":\"none\",\"new_state\":2}]",
        ",\"bogus\":null",
        ",\"align\":true");
  }

  IoCase toIoCase() {
    Map<String, IoCase.Content> files = new LinkedHashMap<>();
    files.put("disk.raw", image);
    files.put("rules.conf", IoCase.Content.text(String.join("", sections)));
    List<String> args = new ArrayList<>(options);
    for (List<String> group : groups) {
      for (String command : group) {
        args.add("-c");
        args.add(command);
      }
    }
    args.addAll(opening);
    return new IoCase("random", files, args, "");
  }

  RandomCase withSections(List<String> fewer) {
    return new RandomCase(image, fewer, options, opening, groups, contentDefined);
  }

  RandomCase withGroups(List<List<String>> fewer) {
    return new RandomCase(image, sections, options, opening, fewer, contentDefined);
  }

  RandomCase withOptions(List<String> fewer) {
    return new RandomCase(image, sections, fewer, opening, groups, contentDefined);
  }

  RandomCase withEmptyImage() {
    return new RandomCase(
        new IoCase.Content("", image.size()), sections, options, opening, groups, contentDefined);
  }

  /** For a person to read and to repeat by hand. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("image: ")
        .append(image.size())
        .append(" bytes, ")
        .append(image.text().length())
        .append(" of them text\nrules.conf:\n");
    sections.forEach(text::append);
    text.append("qemu-io ").append(String.join(" ", options));
    for (List<String> group : groups) {
      for (String command : group) {
        text.append(" -c '").append(command).append('\'');
      }
    }
    for (String word : opening) {
      text.append(" '").append(word).append('\'');
    }
    return text.toString();
  }
}

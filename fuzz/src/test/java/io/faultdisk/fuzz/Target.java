package io.faultdisk.fuzz;

import io.faultdisk.console.HttpRequestBytes;
import io.faultdisk.nbd.server.NbdClientBytes;
import io.faultdisk.qmp.QmpClientBytes;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What can be fuzzed. */
enum Target {
  /** A qcow2 image, byte by byte. */
  IMAGE(RawImage::fuzz, RawImage::seeds),
  /** A sound qcow2 image with changed metadata. */
  METADATA(MetadataPatch::fuzz, MetadataPatch::seeds),
  /** Rule files and dotted rules. */
  RULES(RuleText::fuzz, RuleText::seeds),
  /** Option strings, file names, JSON. */
  OPTIONS(OptionText::fuzz, OptionText::seeds),
  /** What an NBD client sends. */
  NBD(NbdClientBytes::fuzz, NbdClientBytes::seeds),
  /** Requests to the console. */
  HTTP(HttpRequestBytes::fuzz, HttpRequestBytes::seeds),
  /** What a client of a monitor sends. */
  QMP(QmpClientBytes::fuzz, QmpClientBytes::seeds);

  /** Does something with an input. */
  private interface Body {
    void run(byte[] input);
  }

  @SuppressWarnings("ImmutableEnumChecker") // has no state
  private final Body body;

  @SuppressWarnings("ImmutableEnumChecker") // has no state
  private final Supplier<List<byte[]>> seeds;

  Target(Body body, Supplier<List<byte[]>> seeds) {
    this.body = body;
    this.seeds = seeds;
  }

  static Target named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** As {@code fuzz/run} takes it. */
  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Runs an input; whatever it throws is a bug. */
  void run(byte[] input) {
    body.run(input);
  }

  /** Inputs to start from. */
  List<byte[]> seeds() {
    return seeds.get();
  }
}

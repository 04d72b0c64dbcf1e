package io.faultdisk.cli.io;

import io.faultdisk.block.Permission;
import java.util.Optional;

/**
 * The outside of a command.
 *
 * @param name what users type
 * @param alias a shorter word for the same; empty if none
 * @param arguments how the arguments look in the usage line; empty if it shows none
 * @param summary the rest of the usage line
 * @param least fewest words behind the name
 * @param most most words behind the name, {@link #ANY} for no limit. Options count, as in qemu-io
 * @param needsImage whether an image has to be open
 * @param permissions what it needs to do to the image, bits of {@link Permission}
 */
record Spec(
    String name,
    String alias,
    Optional<String> arguments,
    String summary,
    int least,
    int most,
    boolean needsImage,
    int permissions) {

  /** No upper limit. */
  static final int ANY = -1;

  /** A command without alias and without arguments that works on the open image. */
  static Spec of(String name, String summary) {
    return new Spec(name, "", Optional.empty(), summary, 0, 0, true, 0);
  }

  Spec alias(String word) {
    return new Spec(name, word, arguments, summary, least, most, needsImage, permissions);
  }

  Spec takes(int fewest, int largest, String text) {
    return new Spec(
        name, alias, Optional.of(text), summary, fewest, largest, needsImage, permissions);
  }

  /** Takes words that the usage line does not mention. */
  Spec takes(int fewest, int largest) {
    return new Spec(name, alias, arguments, summary, fewest, largest, needsImage, permissions);
  }

  Spec withoutImage() {
    return new Spec(name, alias, arguments, summary, least, most, false, permissions);
  }

  Spec needing(int permission) {
    return new Spec(name, alias, arguments, summary, least, most, needsImage, permission);
  }

  /** {@code discard [-Cq] off len -- discards ...}, under the name that the user knows it by. */
  String usageLine(String word) {
    return word + " " + arguments.map(text -> text + " ").orElse("") + "-- " + summary;
  }
}

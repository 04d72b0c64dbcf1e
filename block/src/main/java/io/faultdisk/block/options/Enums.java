package io.faultdisk.block.options;

import io.faultdisk.base.UsageException;
import java.util.Map;

/** Options with a closed set of words: {@code locking=auto}, {@code aio=threads}. Stateless. */
public final class Enums {
  private Enums() {}

  /**
   * The meaning of a word.
   *
   * @throws UsageException {@code invalid parameter value: WORD}
   */
  public static <E> E parse(String word, Map<String, E> meanings) throws UsageException {
    E meaning = meanings.get(word);
    if (meaning == null) {
      throw new UsageException("invalid parameter value: " + word);
    }
    return meaning;
  }
}

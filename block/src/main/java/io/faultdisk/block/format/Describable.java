package io.faultdisk.block.format;

import io.faultdisk.base.json.JsonObject;
import io.faultdisk.block.BlockIoException;
import java.util.Optional;

/** A driver that has more to say in {@code info}. */
public interface Describable {
  /**
   * The {@code data} of {@code format-specific}, keys in the order in which the text output shows
   * them ({@code compat}, {@code compression-type}, ...).
   */
  Optional<JsonObject> formatSpecific() throws BlockIoException;
}

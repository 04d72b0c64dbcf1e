package io.faultdisk.block;

import io.faultdisk.base.Seed;
import io.faultdisk.rules.Survivors;

/**
 * The power of a disk with a volatile cache, and that cache as those see it who want to spoil it.
 *
 * <p>Found with {@link BlockBackend#power()} or {@link Node#power()}. Any thread; what touches the
 * medium waits for the flush that is under way.
 */
public interface PowerSwitch {
  /** Whether the power is on. Otherwise every request fails with EIO. */
  boolean isOn();

  /**
   * Cuts the power, and leaves what the options of the disk say.
   *
   * @return what is left, as with {@link #cut(Survivors, Seed)}
   */
  Survivors cut() throws BlockIoException;

  /**
   * Cuts the power: of the writes that are not durable, only the survivors reach the medium. Does
   * nothing if it is off already.
   *
   * @param survivors which
   * @param seed what they are chosen by if they are {@link Survivors#random()}
   * @return which they were: none, or a list of what reached the medium
   * @throws BlockIoException if the survivors could not be stored; the power is off all the same
   */
  Survivors cut(Survivors survivors, Seed seed) throws BlockIoException;

  /** Switches it on again: what is read from now on is what is on the medium. */
  void restore();

  /** Forgets all that is not durable, with the power on: reads show the medium from now on. */
  void loseUnsynced() throws BlockIoException;

  /** Makes everything durable, as a flush does that no rule can spoil. */
  void checkpoint() throws BlockIoException;

  /**
   * What a flush does that drops what it should have made durable: reads still see it, but no later
   * flush makes it durable, and no power cut leaves it.
   */
  void dropUnsynced();

  /** What a power cut may take at this moment. */
  Unsynced unsynced();
}

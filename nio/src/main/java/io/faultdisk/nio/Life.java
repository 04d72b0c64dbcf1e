package io.faultdisk.nio;

import io.faultdisk.faults.Faults;
import io.faultdisk.rules.Observer;
import java.nio.file.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * A file system from power on to power off: what ends when the power goes. Safe from any thread.
 *
 * @param powerLoss null if it is not modelled
 * @param cuts our registration with the faults
 */
record Life(
    Gate gate,
    Effects effects,
    @Nullable PowerLoss powerLoss,
    Space space,
    Observer.Registration cuts) {
  static Life begin(FileSystem delegate, FaultFileSystem.Settings settings, Faults faults) {
    Durability durability = settings.durability();
    PowerLoss loss =
        durability == null
            ? null
            : new PowerLoss(delegate, durability, settings.powerLossBytesMax());
    Effects effects = loss == null ? Effects.NONE : loss;
    Gate gate = new Gate(faults, effects);
    return new Life(
        gate, effects, loss, settings.space().get(), faults.whenPowerIsCut(gate::cutPower));
  }

  PowerLoss modelled() {
    if (powerLoss == null) {
      throw new IllegalStateException(
          "this FaultFileSystem does not know what is durable: make it with"
              + " .powerLoss(Durability.POSIX) or .powerLoss(Durability.JOURNALED)");
    }
    return powerLoss;
  }
}

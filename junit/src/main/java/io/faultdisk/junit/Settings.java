package io.faultdisk.junit;

import io.faultdisk.nio.Durability;
import io.faultdisk.nio.explore.DirectoryFactory;
import io.faultdisk.nio.explore.DiskSettings;
import java.lang.reflect.Constructor;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The disk that a test's annotations ask for. */
final class Settings {
  private Settings() {}

  static DiskSettings of(ExtensionContext context) {
    DiskSettings settings = DiskSettings.DEFAULT;
    Optional<WithFaults> given = Annotations.nearest(context, WithFaults.class);
    if (given.isPresent()) {
      settings = of(given.get(), context);
    }
    Optional<Durability> durability = durability(context);
    return durability.isPresent() ? settings.withPowerLoss(durability.get()) : settings;
  }

  private static DiskSettings of(WithFaults annotation, ExtensionContext context) {
    if (annotation.quota() < 0 || annotation.outOfSpaceAfter() < 0) {
      throw new Mistake("@WithFaults: quota and outOfSpaceAfter are bytes, at least 0", context);
    }
    DiskSettings settings =
        DiskSettings.DEFAULT
            .withDirectories(factory(annotation.directories(), context))
            .withMappedMemory(annotation.mappedMemory())
            .withQuota(annotation.quota())
            .withOutOfSpaceAfter(annotation.outOfSpaceAfter());
    Durability[] powerLoss = annotation.powerLoss();
    if (powerLoss.length > 1) {
      throw new Mistake("@WithFaults: a disk has one powerLoss, or none", context);
    }
    return powerLoss.length == 0 ? settings : settings.withPowerLoss(powerLoss[0]);
  }

  private static DirectoryFactory factory(
      Class<? extends DirectoryFactory> type, ExtensionContext context) {
    try {
      Constructor<? extends DirectoryFactory> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new Mistake(
          "@WithFaults: "
              + type.getName()
              + " cannot be made: it has to be a class, static if nested, with a constructor"
              + " without parameters that does not fail",
          context);
    }
  }

  private static Optional<Durability> durability(ExtensionContext context) {
    Optional<EveryPowerCut> cut = Annotations.onMethod(context, EveryPowerCut.class);
    if (cut.isPresent()) {
      return cut.map(EveryPowerCut::durability);
    }
    Optional<ExploreFaults> explored = Annotations.onMethod(context, ExploreFaults.class);
    if (explored.isPresent()) {
      return explored.map(ExploreFaults::durability);
    }
    return Annotations.onMethod(context, EveryFaultPoint.class)
        .filter(EveryFaultPoint::thenPowerCut)
        .map(EveryFaultPoint::durability);
  }
}

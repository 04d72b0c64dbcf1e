package io.faultdisk.cli.damage;

/**
 * A damaged image.
 *
 * @param name what is damaged and how
 * @param content of the image file
 */
record Damage(SampleImage sample, String name, byte[] content) {
  @Override
  public String toString() {
    return sample.name() + ": " + name;
  }
}

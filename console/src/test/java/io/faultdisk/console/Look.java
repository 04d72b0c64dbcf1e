package io.faultdisk.console;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;

/**
 * What the window looked like at one moment.
 *
 * @param png the picture as a file
 * @param boxes left, top, width and height of elements, by their selectors
 */
record Look(byte[] png, BufferedImage picture, Map<String, List<Integer>> boxes) {
  static Look of(byte[] png, List<String> css, List<List<Integer>> boxes) {
    Map<String, List<Integer>> named = new HashMap<>();
    for (int i = 0; i < css.size(); i++) {
      named.put(css.get(i), boxes.get(i));
    }
    try {
      return new Look(png, ImageIO.read(new ByteArrayInputStream(png)), named);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The colour at a place in the window. */
  int at(int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  /** The colour at a place in an element, by its width and height. */
  int at(String css, double x, double y) {
    List<Integer> box = boxes.get(css);
    return at(
        Math.min(box.get(0) + (int) (box.get(2) * x) + 1, picture.getWidth() - 1),
        box.get(1) + (int) (box.get(3) * y));
  }

  /** All colours in an element, as far as it is in the window. */
  Set<Integer> colours(String css) {
    List<Integer> box = boxes.get(css);
    Set<Integer> colours = new HashSet<>();
    for (int y = box.get(1); y < Math.min(picture.getHeight(), box.get(1) + box.get(3)); y++) {
      for (int x = box.get(0); x < Math.min(picture.getWidth(), box.get(0) + box.get(2)); x++) {
        colours.add(at(x, y));
      }
    }
    return colours;
  }
}

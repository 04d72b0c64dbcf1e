package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import java.util.List;
import java.util.Optional;

/**
 * A small format with backing files for tests: {@code driver=layer}. What a real image would read
 * from its header is given by the options {@code stored}, {@code stored-format} and {@code size}.
 */
final class LayerType implements DriverType {
  @Override
  public String name() {
    return "layer";
  }

  @Override
  public Kind kind() {
    return Kind.FORMAT;
  }

  @Override
  public boolean supportsBacking() {
    return true;
  }

  @Override
  public List<String> namingOptions() {
    return List.of("size");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    OptionValues values =
        opening
            .options()
            .absorb(
                OptionSpec.string("stored"),
                OptionSpec.string("stored-format"),
                OptionSpec.string("self"),
                OptionSpec.size("size"));
    Child file = opening.openChild("file", ChildRole.IMAGE, values.string("self"));
    Optional<BackingReference> stored =
        values
            .string("stored")
            .or(() -> values.string("self").map(LayerType::itself))
            .map(name -> new BackingReference(name, values.string("stored-format")));
    return new LayerDriver(file.node(), values.size("size", file.node().length()), stored);
  }

  /** {@code self} is the file of an image that is its own backing file. */
  private static String itself(String file) {
    return "json:{\"driver\":\"layer\",\"self\":\"" + file + "\"}";
  }
}

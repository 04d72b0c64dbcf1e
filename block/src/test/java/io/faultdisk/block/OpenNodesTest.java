package io.faultdisk.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which nodes are open, who keeps them open, and who hears of it. */
final class OpenNodesTest {
  @TempDir Path directory;
  private Layers layers;
  private final List<String> heard = new ArrayList<>();

  @BeforeEach
  void open() {
    layers = new Layers(directory);
    layers.graph.listen(
        new BlockGraph.NodeListener() {
          @Override
          public void opened(Node node) {
            heard.add("+" + node.name());
            assertThat(layers.graph.nodes()).contains(node);
          }

          @Override
          public void closed(Node node) {
            heard.add("-" + node.name());
          }
        });
  }

  @AfterEach
  void close() {
    layers.close();
  }

  private Node keep(String... keysAndValues) throws UsageException {
    Options options = new Options();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return layers.graph.keep(options, OpenFlags.TOOL);
  }

  private List<String> names() {
    return layers.graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void aKeptNodeStaysWithoutUsersUntilItIsDropped() throws Exception {
    Node below = keep("driver", "memory", "size", "64k", "node-name", "below");
    Node top = keep("driver", "raw", "file", "below", "node-name", "top");
    layers.graph.use(top, Permission.Wish.NONE, false).close();
    assertThat(names()).containsExactly("below", "top");
    assertThat(layers.graph.kept()).containsExactly(below, top);
    layers.graph.drop(below);
    assertThat(names()).containsExactly("below", "top");
    layers.graph.drop(top);
    assertThat(names()).isEmpty();
    assertThat(heard).containsExactly("+below", "+top", "-top", "-below");
    assertThatThrownBy(() -> layers.graph.drop(top)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nodesAreListedInTheOrderInWhichTheyGotTheirNames() throws Exception {
    keep("driver", "raw", "node-name", "format", "file.driver", "memory", "file.size", "64k");
    keep("driver", "memory", "size", "64k", "node-name", "last");
    assertThat(names()).containsExactly("#block001", "format", "last");
  }

  @Test
  void theGraphClosesWhatIsKept() throws Exception {
    keep("driver", "memory", "size", "64k", "node-name", "a");
    keep("driver", "raw", "file", "a", "node-name", "b");
    layers.graph.close();
    assertThat(names()).isEmpty();
    assertThat(heard).containsExactly("+a", "+b", "-b", "-a");
  }

  @Test
  void nobodyHearsOfANodeThatCouldNotBeOpened() {
    assertThatThrownBy(
            () -> keep("driver", "memory", "size", "64k", "node-name", "a", "foo", "bar"))
        .isInstanceOf(UsageException.class);
    assertThat(heard).isEmpty();
    assertThat(names()).isEmpty();
  }
}

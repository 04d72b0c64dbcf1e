package io.faultdisk.daemon;

import static io.faultdisk.daemon.TestDaemon.MIB;
import static io.faultdisk.daemon.TestDaemon.options;
import static io.faultdisk.daemon.TestDaemon.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.options.Options;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that come, go and change. Texts observed with qemu-storage-daemon 7.2. */
class NodesTest {
  @TempDir Path directory;
  private TestDaemon test;
  private StorageDaemon daemon;

  @BeforeEach
  void start() {
    test = new TestDaemon(directory);
    daemon = test.daemon;
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private void reopen(String... all) throws Exception {
    List<Options> changes = new ArrayList<>();
    for (String each : all) {
      changes.add(options(each));
    }
    daemon.reopenNodes(changes);
  }

  private NodeReport report(String node) throws Exception {
    return daemon.namedNodes(false).stream()
        .filter(each -> each.nodeName().equals(node))
        .findFirst()
        .orElseThrow();
  }

  private long size(String node) throws Exception {
    return report(node).images().getFirst().virtualSize();
  }

  @Test
  void aNodeNeedsANameThatIsFreeAndWellFormed() throws Exception {
    test.addFile("f0");
    assertThat(refusal(() -> test.add("{'driver':'null-co'}")))
        .isEqualTo("'node-name' must be specified for the root node");
    assertThat(refusal(() -> test.add("{'driver':'null-co','node-name':'f0'}")))
        .isEqualTo("Duplicate nodes with node-name='f0'");
    assertThat(refusal(() -> test.add("{'driver':'null-co','node-name':'1bad'}")))
        .isEqualTo("Invalid node-name: '1bad'");
    assertThat(refusal(() -> test.add("{'driver':'raw','node-name':'r','file':'nono'}")))
        .isEqualTo("Cannot find device='nono' nor node-name='nono'");
    assertThat(test.nodes()).containsExactly("f0");
  }

  @Test
  void onlyANodeThatWasAddedAndIsNotInUseCanBeDeleted() throws Exception {
    String backing = test.qcow2("b.qcow2");
    test.addFile("f0");
    test.add("{'driver':'raw','file':'f0','node-name':'r0'}");
    test.add(
        "{'driver':'qcow2','node-name':'b','file':{'driver':'file','filename':'%s','node-name':'in'}}"
            .formatted(backing));
    test.add(
        "{'driver':'qcow2','node-name':'o','backing':'b','file':{'driver':'file','filename':'%s'}}"
            .formatted(test.qcow2("o.qcow2")));
    assertThat(refusal(() -> daemon.deleteNode("nope")))
        .isEqualTo("Failed to find node with node-name='nope'");
    assertThat(refusal(() -> daemon.deleteNode("f0"))).isEqualTo("Block device f0 is in use");
    assertThat(refusal(() -> daemon.deleteNode("in")))
        .isEqualTo("Node in is not owned by the monitor");
    assertThat(refusal(() -> daemon.deleteNode("b")))
        .isEqualTo("Node 'b' is busy: node is used as backing hd of 'o'");
    for (String name : List.of("o", "b", "r0", "f0")) {
      daemon.deleteNode(name);
    }
    assertThat(test.nodes()).isEmpty();
  }

  @Test
  void listsTheNewestFirstWithTheImagesBelow() throws Exception {
    String backing = test.qcow2("b.qcow2");
    test.addFile("f0");
    test.add(
        "{'driver':'qcow2','node-name':'b','read-only':true,'file':{'driver':'file','filename':'%s'}}"
            .formatted(backing));
    test.add(
        "{'driver':'qcow2','node-name':'o','backing':'b','file':{'driver':'file','filename':'%s'}}"
            .formatted(test.qcow2("o.qcow2")));
    assertThat(daemon.namedNodes(true).stream().map(NodeReport::nodeName)).last().isEqualTo("f0");
    NodeReport overlay = report("o");
    assertThat(overlay.backingDepth()).isEqualTo(1);
    assertThat(overlay.backingFile()).contains(backing);
    JsonObject json = overlay.toJson();
    assertThat(Json.write(json)).contains("\"backing-image\"").contains("\"cluster-size\": 65536");
    assertThat(json.members().keySet())
        .containsExactlyInAnyOrder(
            "iops",
            "iops_rd",
            "iops_wr",
            "bps",
            "bps_rd",
            "bps_wr",
            "node-name",
            "drv",
            "file",
            "backing_file",
            "backing_file_depth",
            "ro",
            "encrypted",
            "detect_zeroes",
            "write_threshold",
            "cache",
            "image");
    assertThat(daemon.namedNodes(true).getFirst().images()).hasSize(1);
    assertThat(report("b").readOnly()).isTrue();
  }

  @Test
  void theGraphHasNodesAndEdges() throws Exception {
    test.addFile("f0");
    test.add("{'driver':'blkdebug','image':'f0','node-name':'d0'}");
    NodeGraph graph = daemon.nodeGraph();
    assertThat(graph.nodes().stream().map(NodeGraph.GraphNode::name)).containsExactly("f0", "d0");
    assertThat(graph.edges())
        .containsExactly(new NodeGraph.Edge("d0", "f0", "image", ChildRole.FILTERED));
    assertThat(daemon.disks().all().stream().map(disk -> disk.name())).containsExactly("d0");
  }

  @Test
  void resizing() throws Exception {
    test.addFile("f0");
    test.add("{'driver':'raw','file':'f0','node-name':'r0'}");
    test.add("{'driver':'null-co','node-name':'n0'}");
    test.add("{'driver':'null-co','node-name':'n1','read-only':true}");
    Optional<String> none = Optional.empty();
    assertThat(refusal(() -> daemon.resize(none, Optional.of("zz"), 1)))
        .isEqualTo("Cannot find device='' nor node-name='zz'");
    assertThat(refusal(() -> daemon.resize(Optional.of("r0"), none, 1)))
        .isEqualTo("Cannot find device='r0' nor node-name=''");
    assertThat(refusal(() -> daemon.resize(none, none, 1)))
        .isEqualTo("Cannot find device='' nor node-name=''");
    assertThat(refusal(() -> daemon.resize(none, Optional.of("r0"), -1)))
        .isEqualTo("Parameter 'size' expects a >0 size");
    assertThat(refusal(() -> daemon.resize(none, Optional.of("n0"), 512)))
        .isEqualTo("Image format driver does not support resize");
    assertThat(refusal(() -> daemon.resize(none, Optional.of("n1"), 512)))
        .isEqualTo("Image is read-only");
    daemon.resize(none, Optional.of("r0"), 2 * MIB);
    assertThat(size("r0")).isEqualTo(2 * MIB);
  }

  @Test
  void whatAReopenDoesNotNameGetsItsDefault() throws Exception {
    test.addFile("f0");
    test.add(
        "{'driver':'raw','file':'f0','node-name':'r0','offset':512,'read-only':true,'detect-zeroes':'on'}");
    assertThat(size("r0")).isEqualTo(MIB - 512);
    reopen("{'driver':'raw','file':'f0','node-name':'r0'}");
    assertThat(size("r0")).isEqualTo(MIB);
    assertThat(report("r0").readOnly()).isFalse();
    assertThat(report("r0").detectZeroes()).isEqualTo("off");
  }

  @Test
  void reopenRefusals() throws Exception {
    test.addFile("f0");
    test.add("{'driver':'raw','file':'f0','node-name':'r0','offset':512}");
    test.add("{'driver':'blkdebug','image':'r0','node-name':'d0'}");
    String file = directory.resolve("f0").toString();
    assertThat(refusal(() -> reopen("{'driver':'raw','file':'f0'}")))
        .isEqualTo("node-name not specified");
    assertThat(refusal(() -> reopen("{'driver':'raw','file':'f0','node-name':'zz'}")))
        .isEqualTo("Failed to find node with node-name='zz'");
    assertThat(refusal(() -> reopen("{'driver':'qcow2','file':'f0','node-name':'r0'}")))
        .isEqualTo("Cannot change the option 'driver'");
    assertThat(
            refusal(
                () ->
                    reopen(
                        "{'driver':'raw','node-name':'r0','file':{'driver':'file','filename':'%s'}}"
                            .formatted(file))))
        .isEqualTo("Cannot change the option 'file.driver'");
    assertThat(refusal(() -> reopen("{'driver':'file','node-name':'f0','filename':'other'}")))
        .isEqualTo("Cannot change the option 'filename'");
    assertThat(
            refusal(
                () ->
                    reopen(
                        "{'driver':'file','node-name':'f0','filename':'%s','locking':'off'}"
                            .formatted(file))))
        .isEqualTo("Cannot change the option 'locking'");
    assertThat(refusal(() -> reopen("{'driver':'raw','file':'r0','node-name':'r0'}")))
        .isEqualTo("Making 'r0' a file child of 'r0' would create a cycle");
    assertThat(refusal(() -> reopen("{'driver':'blkdebug','image':'f0','node-name':'d0'}")))
        .isEqualTo("Cannot change the option 'image'");
    assertThat(
            refusal(
                () -> reopen("{'driver':'blkdebug','image':'r0','node-name':'d0','align':4096}")))
        .isEqualTo("Cannot change the option 'align'");
    assertThat(size("r0")).isEqualTo(MIB - 512);
  }

  @Test
  void ifOneNodeCannotBeReopenedNoneIs() throws Exception {
    test.addFile("f0");
    test.addFile("f1");
    test.add("{'driver':'raw','file':'f0','node-name':'r0','offset':512}");
    test.add("{'driver':'raw','file':'f1','node-name':'r1'}");
    assertThat(
            refusal(
                () ->
                    reopen(
                        "{'driver':'raw','file':'f1','node-name':'r0'}",
                        "{'driver':'raw','file':'zz','node-name':'r1'}")))
        .isEqualTo("Cannot find device='' nor node-name='zz'");
    assertThat(size("r0")).isEqualTo(MIB - 512);
    assertThat(daemon.nodeGraph().edges().stream().map(edge -> edge.parent() + edge.child()))
        .containsExactly("r0f0", "r1f1");
    reopen(
        "{'driver':'raw','file':'f1','node-name':'r0'}",
        "{'driver':'raw','file':'f0','node-name':'r1','size':512}");
    assertThat(daemon.nodeGraph().edges().stream().map(edge -> edge.parent() + edge.child()))
        .containsExactly("r0f1", "r1f0");
    assertThat(size("r1")).isEqualTo(512);
  }

  @Test
  void aFileThatWasOpenedForItsParentGoesWhenAnotherTakesItsPlace() throws Exception {
    test.addFile("f0");
    String file = test.file("inline", MIB);
    test.add(
        "{'driver':'raw','node-name':'r0','file':{'driver':'file','filename':'%s','node-name':'in'}}"
            .formatted(file));
    String described = "'file':{'driver':'file','filename':'%s'}".formatted(file);
    reopen("{'driver':'raw','node-name':'r0','read-only':true,%s}".formatted(described));
    assertThat(report("in").readOnly()).isTrue();
    reopen("{'driver':'raw','node-name':'r0','file':'in'}");
    assertThat(report("in").readOnly()).isTrue(); // named: it keeps what it has
    reopen("{'driver':'raw','node-name':'r0',%s}".formatted(described));
    assertThat(report("in").readOnly()).isFalse();
    assertThat(refusal(() -> reopen("{'driver':'raw','node-name':'r0','file':{'driver':'raw'}}")))
        .isEqualTo("Option 'filename' cannot be reset to its default value");
    reopen("{'driver':'raw','node-name':'r0','file':'f0'}");
    assertThat(test.nodes()).containsExactly("f0", "r0");
  }

  @Test
  void aReopenHasToNameTheBackingFile() throws Exception {
    String backing = test.qcow2("b.qcow2");
    String file = "'file':{'driver':'file','filename':'%s'}".formatted(test.qcow2("o.qcow2"));
    test.add(
        "{'driver':'qcow2','node-name':'b','read-only':true,'file':{'driver':'file','filename':'%s'}}"
            .formatted(backing));
    test.add("{'driver':'qcow2','node-name':'o','backing':'b',%s}".formatted(file));
    assertThat(refusal(() -> reopen("{'driver':'qcow2','node-name':'o',%s}".formatted(file))))
        .isEqualTo("backing is missing for 'o'");
    assertThat(
            refusal(
                () ->
                    reopen("{'driver':'qcow2','node-name':'o','backing':'o',%s}".formatted(file))))
        .isEqualTo("Making 'o' a backing child of 'o' would create a cycle");
    reopen("{'driver':'qcow2','node-name':'o','backing':null,%s}".formatted(file));
    assertThat(report("o").backingFile()).isEmpty();
    reopen(
        "{'driver':'qcow2','node-name':'o','backing':'b','lazy-refcounts':true,%s}"
            .formatted(file));
    assertThat(report("o").backingFile()).contains(backing);
  }

  @Test
  void copyOnReadHoldsItsNodeWritableWithoutUsers() throws Exception {
    test.add("{'driver':'null-co','node-name':'n0'}");
    test.add("{'driver':'null-co','node-name':'ro','read-only':true}");
    String over = "{'driver':'copy-on-read','node-name':'c','file':'%s','read-only':true}";
    assertThat(refusal(() -> test.add(over.formatted("ro")))).isEqualTo("Block node is read-only");
    test.add(over.formatted("n0"));
    assertThat(refusal(() -> reopen("{'driver':'null-co','node-name':'n0','read-only':true}")))
        .isEqualTo("Read-only block node 'n0' cannot support read-write users");
    assertThat(refusal(() -> reopen(over.formatted("n0"))))
        .isEqualTo("Block format 'copy-on-read' used by node 'c' does not support reopening files");
    assertThat(report("c").images().getFirst().actualSize()).hasValue(0);
  }

  @Test
  void ofSeveralConflictsThatOfTheNewestParentIsReported() throws Exception {
    test.addFile("f0");
    for (String name : List.of("r1", "r2")) {
      test.add("{'driver':'raw','file':'f0','size':512,'node-name':'%s'}".formatted(name));
    }
    assertThat(refusal(() -> daemon.resize(Optional.empty(), Optional.of("f0"), 512)))
        .contains("unshared by node 'r2' (uses node 'f0' as 'file' child)");
  }

  @Test
  void aNodeCannotBeBelowItself() throws Exception {
    assertThat(refusal(() -> test.add("{'driver':'blkdebug','image':'b','node-name':'b'}")))
        .isEqualTo("Making 'b' a image child of 'b' would create a cycle");
    assertThat(refusal(() -> test.add("{'driver':'raw','file':'b','node-name':'b'}")))
        .isEqualTo("Cannot find device='b' nor node-name='b'");
    test.add("{'driver':'null-co','node-name':'n'}");
    test.add("{'driver':'blkdebug','image':'n','node-name':'b'}");
    assertThat(
            refusal(
                () -> reopen("{'driver':'blkdebug','image':'n','node-name':'b','backing':'b'}")))
        .isEqualTo("Making 'b' a backing child of 'b' would create a cycle");
  }

  @Test
  void aBackingFileIsNotResized() throws Exception {
    String backing = test.qcow2("b.qcow2");
    test.add(
        "{'driver':'qcow2','node-name':'b','file':{'driver':'file','filename':'%s'}}"
            .formatted(backing));
    test.add(
        "{'driver':'qcow2','node-name':'o','backing':'b','file':{'driver':'file','filename':'%s'}}"
            .formatted(test.qcow2("o.qcow2")));
    assertThat(refusal(() -> daemon.resize(Optional.empty(), Optional.of("b"), 512)))
        .isEqualTo("Device '(null)' is in use");
    assertThat(refusal(() -> daemon.resize(Optional.of("b"), Optional.of("b"), 512)))
        .isEqualTo("Device 'b' is in use");
  }

  @Test
  void theNameOfAQuorumHasItsChildrenInAnArray() throws Exception {
    test.add("{'driver':'null-co','node-name':'n','size':512}");
    test.add(
        "{'driver':'quorum','node-name':'q','children':['n','n'],'vote-threshold':1,'read-only':true}");
    assertThat(report("q").file())
        .contains("\"children\": [{\"driver\": \"null-co\", \"size\": 512}, {");
    assertThat(report("q").images().getFirst().actualSize()).hasValue(0);
  }

  @Test
  void bitmapsAreListedInTheOrderOfTheNode() throws Exception {
    test.add("{'driver':'null-co','node-name':'n0'}");
    var bitmaps = daemon.graph().node("n0").orElseThrow().bitmaps();
    for (String name : List.of("a", "b")) {
      bitmaps.add(new DirtyBitmap(name, MIB, 65536));
    }
    assertThat(report("n0").bitmaps().stream().map(NodeReport.BitmapReport::name))
        .containsExactlyElementsOf(bitmaps.all().stream().map(DirtyBitmap::name).toList());
  }

  @Test
  void aCommandOfIoRunsOnANode() throws Exception {
    test.add("{'driver':'null-co','node-name':'n0'}");
    assertThat(daemon.runIoCommand("n0", "read 0 1")).isEqualTo("n0: read 0 1");
    assertThat(refusal(() -> daemon.runIoCommand("zz", "read 0 1")))
        .isEqualTo("Cannot find device='' nor node-name='zz'");
    daemon.deleteNode("n0");
  }
}

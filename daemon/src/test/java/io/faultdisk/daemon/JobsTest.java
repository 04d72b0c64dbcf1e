package io.faultdisk.daemon;

import static io.faultdisk.daemon.TestDaemon.MIB;
import static io.faultdisk.daemon.TestDaemon.options;
import static io.faultdisk.daemon.TestDaemon.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images made in the background. Texts and events observed with qemu-storage-daemon 7.2. */
class JobsTest {
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

  private String error(String json) throws Exception {
    JobInfo job = test.create("j", json);
    daemon.dismissJob("j");
    assertThat(job.currentProgress()).isEqualTo(job.totalProgress());
    return job.error().orElse("");
  }

  @Test
  void aJobGoesThroughItsStates() throws Exception {
    Path file = directory.resolve("new.img");
    JobInfo job =
        test.create("j1", "{'driver':'file','filename':'%s','size':1048576}".formatted(file));
    assertThat(job)
        .isEqualTo(new JobInfo("j1", "create", JobStatus.CONCLUDED, 1, 1, Optional.empty()));
    assertThat(Files.size(file)).isEqualTo(MIB);
    assertThat(
            refusal(
                () ->
                    daemon.createImage("j1", options("{'driver':'file','filename':'x','size':1}"))))
        .isEqualTo("Job ID 'j1' already in use");
    daemon.dismissJob("j1");
    assertThat(daemon.jobs()).isEmpty();
    test.awaitEvents(
        "j1 created", "j1 running", "j1 waiting", "j1 pending", "j1 concluded", "j1 null");
  }

  @Test
  void aJobThatFailsAborts() throws Exception {
    JobInfo job = test.create("j2", "{'driver':'file','filename':'/nope/x','size':1}");
    assertThat(job.error()).contains("Could not create '/nope/x': No such file or directory");
    test.awaitEvents("j2 created", "j2 running", "j2 aborting", "j2 concluded");
    for (String verb : List.of("cancel", "finalize", "pause", "complete")) {
      assertThat(refusal(() -> daemon.refuseJobVerb("j2", verb)))
          .isEqualTo("Job 'j2' in state 'concluded' cannot accept command verb '" + verb + "'");
    }
    assertThat(refusal(() -> daemon.refuseJobVerb("j2", "resume")))
        .isEqualTo("Can't resume a job that was not paused");
  }

  @Test
  void refusalsBeforeThereIsAJob() {
    assertThat(refusal(() -> daemon.dismissJob("nope"))).isEqualTo("Job not found");
    assertThat(refusal(() -> daemon.refuseJobVerb("nope", "cancel"))).isEqualTo("Job not found");
    assertThat(
            refusal(
                () ->
                    daemon.createImage("1j", options("{'driver':'file','filename':'x','size':1}"))))
        .isEqualTo("Invalid job ID '1j'");
    assertThat(refusal(() -> daemon.createImage("j", options("{'driver':'null-co'}"))))
        .isEqualTo("Driver does not support blockdev-create");
    assertThat(daemon.jobs()).isEmpty();
    assertThat(test.events).isEmpty();
  }

  @Test
  void whatIsWrongWithFiles() throws Exception {
    String file = "'driver':'file','filename':'%s'".formatted(directory.resolve("f"));
    assertThat(error("{%s,'size':1048576,'preallocation':'metadata'}".formatted(file)))
        .isEqualTo("Unsupported preallocation mode: metadata");
    assertThat(error("{%s,'size':1000}".formatted(file))).isEmpty();
    assertThat(Files.size(directory.resolve("f"))).isEqualTo(1000);
  }

  @Test
  void aQcow2ImageOnANodeAndWhatIsWrongWithIt() throws Exception {
    test.add("{'driver':'file','node-name':'n','filename':'%s'}".formatted(test.file("n", 0)));
    String on = "'driver':'qcow2','file':'n'";
    assertThat(error("{%s,'size':1000}".formatted(on)))
        .isEqualTo("Image size must be a multiple of 512 bytes");
    assertThat(error("{%s,'size':1048576,'cluster-size':1000}".formatted(on)))
        .isEqualTo("Cluster size must be a power of two between 512 and 2048k");
    assertThat(error("{%s,'size':1048576,'version':'v2','lazy-refcounts':true}".formatted(on)))
        .isEqualTo(
            "Lazy refcounts only supported with compatibility level 1.1 and above (use version=v3"
                + " or greater)");
    assertThat(error("{%s,'size':1048576,'data-file-raw':true}".formatted(on)))
        .isEqualTo("data-file-raw requires data-file");
    assertThat(error("{'driver':'qcow2','file':'nope','size':1048576}"))
        .isEqualTo("Cannot find device='nope' nor node-name='nope'");
    assertThat(error("{%s,'size':2097152,'backing-file':'x','backing-fmt':'raw'}".formatted(on)))
        .isEmpty();
    test.add("{'driver':'qcow2','node-name':'q','file':'n','backing':null}");
    assertThat(daemon.namedNodes(true).getFirst().images().getFirst().virtualSize())
        .isEqualTo(2 * MIB);
    assertThat(error("{%s,'size':1048576}".formatted(on)))
        .isEqualTo(
            "Permission conflict on node 'n': permissions 'write, resize' are both required by an"
                + " unnamed block device (uses node 'n' as 'root' child) and unshared by node 'q'"
                + " (uses node 'n' as 'file' child).");
    assertThat(test.nodes()).containsExactly("n", "q");
  }

  @Test
  void jobsAreListedTheNewestFirstAndGoWithTheDaemon() throws Exception {
    for (String id : List.of("a", "b")) {
      test.create(
          id, "{'driver':'file','filename':'%s','size':0}".formatted(directory.resolve(id)));
    }
    assertThat(daemon.jobs().stream().map(JobInfo::id)).containsExactly("b", "a");
    test.events.clear();
    daemon.close();
    test.awaitEvents("b null", "a null");
  }
}

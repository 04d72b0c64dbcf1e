package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Optional;

/**
 * Explorations that can be started and watched: a script is run again and again, each time with
 * another of its requests failing. Any thread.
 */
public interface Explorations {
  /**
   * Starts one.
   *
   * @throws UsageException if it makes no sense
   */
  Exploration start(Plan plan) throws UsageException;

  /** All of them, the oldest first. */
  List<Exploration> all();

  /** The one with that number. */
  default Optional<Exploration> find(int id) {
    return all().stream().filter(one -> one.id() == id).findFirst();
  }

  /** Ends it early; returns when it has ended. Without effect if there is none, or it is over. */
  void stop(int id);

  /** The report as an HTML page, if there is one. */
  Optional<byte[]> report(int id);

  /** A process in which there are none. */
  static Explorations none() {
    return new Explorations() {
      @Override
      public Exploration start(Plan plan) throws UsageException {
        throw new UsageException("this server runs no explorations");
      }

      @Override
      public List<Exploration> all() {
        return List.of();
      }

      @Override
      public void stop(int id) {}

      @Override
      public Optional<byte[]> report(int id) {
        return Optional.empty();
      }
    };
  }

  /**
   * What is to be explored.
   *
   * @param name for people
   * @param script commands of {@code faultdisk io}
   * @param format of the image that it runs on
   * @param size of that
   */
  record Plan(String name, String script, Optional<String> format, Optional<String> size) {}

  /** How far one is. */
  enum Status {
    RUNNING("running"),
    DONE("done"),
    FAILED("failed"),
    STOPPED("stopped");

    private final String wireName;

    Status(String wireName) {
      this.wireName = wireName;
    }

    /** {@code running}. */
    public String wireName() {
      return wireName;
    }
  }

  /**
   * One exploration, at one moment.
   *
   * @param id from 1
   * @param name for people
   * @param status how far it is
   * @param cases how many there are, as far as is known
   * @param done how many have been run
   * @param failed how many of them found something wrong
   * @param rate how many are run in a second
   * @param report whether there is a report
   * @param message what there is to say, such as why it has failed; may be empty
   */
  record Exploration(
      int id,
      String name,
      Status status,
      long cases,
      long done,
      long failed,
      double rate,
      boolean report,
      String message) {}
}

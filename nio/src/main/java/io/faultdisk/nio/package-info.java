/**
 * A file system for {@code java.nio.file} that does what another one does, and fails as it is told.
 *
 * <p>Begin with {@link io.faultdisk.nio.FaultFileSystem#over}, or start Java with {@link
 * io.faultdisk.nio.FaultFileSystemProvider} as its default provider.
 *
 * <p>A tour of what is inside:
 *
 * <pre>
 *   FaultPath, FaultFileSystem(Provider)      every method of the JDK's types, nothing but delegation
 *        |                                    and the question whether it may be done
 *        v
 *   Opens, Changes                            opening files; changing which names there are
 *        |
 *        v
 *   FaultFileChannel, FaultByteChannel,       what a program has of an open file
 *   FaultAsynchronousFileChannel, streams
 *        |
 *        v
 *   OpenFile                                  before: asks the Gate; after: tells the Effects;
 *        |                                    keeps within the Space
 *        v
 *   Gate                                      Faults.perform, the exception for an errno, the power
 * </pre>
 *
 * <p>Nothing here knows what is durable; who wants to know listens to {@code Effects}.
 */
@NullMarked
package io.faultdisk.nio;

import org.jspecify.annotations.NullMarked;

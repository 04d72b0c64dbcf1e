/**
 * The qcow2 format.
 *
 * <pre>
 *   Qcow2Driver      requests of the node                Qcow2Type     opening, probing, creating
 *     DataPath         reads and writes of guest data
 *       ClusterMap       guest offset to host offset     ClusterWriter   allocation, COW, linking
 *     ClusterDrop      discards and zero writes          L1Table         guest's top-level table
 *   Metadata         what all of these share: header, tables, caches, the metadata lock
 *     Refcounts        counting, allocating, freeing     RefcountTable
 *     TableCache       L2 tables and refcount blocks     OverlapCheck, Corruption
 *   SnapshotTable, PersistentBitmaps, Check, Resize, Amendment, MakeEmpty, Creation, Measurement
 *   codec            compression of one cluster; knows nothing of images
 * </pre>
 *
 * <p>Source: the qcow2 specification (docs/interop/qcow2.txt of QEMU) and the behaviour of QEMU
 * 7.2: order of events and requests, texts, what stays behind after a failure.
 */
@NullMarked
package io.faultdisk.block.qcow2;

import org.jspecify.annotations.NullMarked;

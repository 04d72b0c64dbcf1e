package io.faultdisk.cli.img;

import io.faultdisk.block.BlockBackend;

/**
 * Where {@code convert} writes to.
 *
 * @param image opened for writing
 * @param hasBacking what is left out shows a backing file, which holds what the source's backing
 *     file holds
 * @param backingSectors length of that backing file; negative if unknown
 * @param clusterSectors what compressed writes are made of; 0 if the format has no clusters
 * @param bufferSectors longest part that is read at a time
 * @param alignment where writes should end, in sectors, a power of two
 */
record ConvertTarget(
    BlockBackend image,
    boolean hasBacking,
    long backingSectors,
    int clusterSectors,
    int bufferSectors,
    int alignment) {}

package io.faultdisk.cli.img;

/**
 * How {@code convert} copies.
 *
 * @param compressed write whole clusters, compressed
 * @param copyRange leave the copying of data to the system, without looking for zeroes in it
 * @param salvage go on after failing reads, with zeroes in their place
 * @param quiet don't warn about what was salvaged
 * @param minSparse shortest run of zeroes that is not written as data, in sectors; 0 if even known
 *     zeroes are to be written
 * @param inOrder write in the order of the image
 * @param workers how many parts are copied at a time
 * @param zeroTarget what is not written reads as zeroes
 * @param rateLimit bytes written in a second; 0 for no limit
 */
record ConvertSettings(
    boolean compressed,
    boolean copyRange,
    boolean salvage,
    boolean quiet,
    int minSparse,
    boolean inOrder,
    int workers,
    boolean zeroTarget,
    long rateLimit) {}

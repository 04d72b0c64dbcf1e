package io.faultdisk.explore;

/**
 * What one directory of results holds.
 *
 * @param name of the directory, for messages
 * @param shard which cases it is for
 * @param results what was found of them so far
 */
public record ResultPart(String name, Shard shard, Results results) {}

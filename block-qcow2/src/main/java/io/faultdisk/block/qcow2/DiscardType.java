package io.faultdisk.block.qcow2;

/** Why a cluster is freed: decides whether the discard is passed on to the file below. */
enum DiscardType {
  /** Never passed on. */
  NEVER,
  /** Always passed on. */
  ALWAYS,
  /** The guest asked ({@code pass-discard-request}). */
  REQUEST,
  /** A snapshot was deleted or applied ({@code pass-discard-snapshot}). */
  SNAPSHOT,
  /** Anything else ({@code pass-discard-other}). */
  OTHER
}

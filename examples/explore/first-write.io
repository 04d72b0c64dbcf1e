# The first write of a new image: a cluster, an L2 table, the L1 table.
write 0 64k
flush

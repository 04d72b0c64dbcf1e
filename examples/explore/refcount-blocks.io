# New refcount blocks: small clusters, many of them.
write -P 1 0 2M
flush
write -P 2 4M 2M
flush
write -P 3 1M 64k
flush

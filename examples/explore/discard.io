# Clusters are given back and used again.
write -P 1 0 256k
flush
discard 64k 64k
flush
write -P 2 1M 64k
discard 0 256k
write -P 3 0 64k
flush

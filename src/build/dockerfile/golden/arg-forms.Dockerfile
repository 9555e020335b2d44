ARG GLOBAL
FROM busybox
# A first
# B second
ARG A B=2 C="x y" D= E='$A'
ARG GLOBAL
ARG --ignored=1 F

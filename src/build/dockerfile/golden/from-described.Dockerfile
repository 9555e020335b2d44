# syntax=docker/dockerfile:1

# not directly above
#
# base what all are built on
# with more lines
FROM busybox AS base

# VERSION of the program
ARG VERSION=1

# Final the name's case does not count, the comment's does
# final what is shipped
FROM base AS Final

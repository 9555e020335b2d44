# syntax=docker/dockerfile
FROM busybox

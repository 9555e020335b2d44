#!/usr/bin/env docker-run
# syntax=docker/dockerfile-upstream:master-labs@sha256:0000000000000000000000000000000000000000000000000000000000000000
FROM busybox

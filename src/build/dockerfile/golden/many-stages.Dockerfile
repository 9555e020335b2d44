ARG A
FROM --platform=linux/arm64 a AS s0
RUN 0
FROM s0 AS s1
COPY --from=s0 /a /b
FROM scratch
COPY --from=1 / /
RUN --mount=type=bind,from=s1 x
FROM s0 AS s0

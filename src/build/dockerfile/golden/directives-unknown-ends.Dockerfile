# key=value
# syntax=nobody/knows
FROM busybox

# syntax = docker.io/docker/dockerfile:1.7-labs
#escape=`
# check = skip=StageNameCasing,JSONArgsRecommended;error=true
FROM busybox
RUN dir `
  c:\
CMD c:\run

# escape=`
FROM windows
RUN a `
  b
ENV P=C:\x Q="a`"b" R=a` b
COPY a C:\b\
ADD a `
  b

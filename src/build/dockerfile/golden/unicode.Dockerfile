FROM busybox
LABEL name="日本語" emoji=🚀
RUN echo "é ü"
COPY ü.txt /ü/
ENV Ä=ß

FROM debian:bookworm-slim
# install what is needed
RUN set -eux; \
	apt-get update; \
	apt-get install -y --no-install-recommends \
		ca-certificates \
# explain this one
		curl \
	; \
	rm -rf /var/lib/apt/lists/*
ENV PATH /usr/local/bin:$PATH
ENV LANG C.UTF-8
VOLUME /var/lib/data
EXPOSE 5432
STOPSIGNAL SIGINT
CMD ["run"]

# syntax=docker/dockerfile:1
ARG NODE_VERSION=22
FROM node:${NODE_VERSION}-slim AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

FROM deps AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build \
 && npm prune

FROM gcr.io/distroless/nodejs${NODE_VERSION}
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=build --chown=nonroot:nonroot /app/dist ./dist
COPY --from=deps /app/node_modules ./node_modules
USER nonroot
EXPOSE ${PORT}
HEALTHCHECK --interval=30s CMD ["/nodejs/bin/node", "dist/health.js"]
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["dist/server.js"]

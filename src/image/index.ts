/**
 * image: images and their names; pull, push, load, save, import, commit, tag, remove, prune.
 *
 * Nouns: Image (a config and the layers it names), reference, tag, LayerSource (a layer's compressed form in a registry),
 * progress. An image is listed once it is whole; layers live in the snapshotter, manifests in the content store.
 *
 *     const images = await openImages({ database, contentRoot: paths.content, snapshotter, registry, usersOf, log });
 *     for await (const message of images.pull({ name: 'busybox' })) print(message);
 *     const { layers, config } = images.get('busybox');
 *
 * Called by container, build, engine.
 */
export * from './images.ts';

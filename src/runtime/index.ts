/**
 * runtime: container formats, ways to run a container, behind one interface (`format.ts`).
 *
 * Nouns: a **format** makes tasks; a **task** is a container's init with its streams, namespaces, group and network; an
 * **exec** is one more process in it; a **shim** is the small program (native/) that keeps one task and outlives us.
 *
 *     const task = await nativeFormat({ log }).create({ id, directory, spec, rootfs: mounted.fd, … });
 *     const stream = await task.attach({ stdin: false, stdout: true, stderr: true });
 *     await task.start();
 *     const { exitCode } = await task.wait();
 *     await task.remove();
 *
 * `native` compiles a runtime spec to a tape, which the shim plays. Called by container and build.
 */
export * from './format.ts';
export { type NativeFormatOptions, nativeFormat } from './native/native-format.ts';
export { LOG } from './protocol.ts';

/**
 * Something that can be waited for. Disk, network and stdio offer their objects in this shape and
 * `wasi/io` turns them into pollables; the shape is structural, so that no layer has to import
 * another for it.
 */
export interface Readiness {
  /** Whether waiting would end at once. Cheap, without side effects. */
  ready(): boolean;

  /**
   * Asks to be told when {@link Readiness.ready} may have become true.
   *
   * @param callback - called at most once, never from within `watch` itself; `ready()` may be
   *   false again by then, so the watcher looks and watches once more.
   * @returns cancels the request; harmless after the callback was called.
   */
  watch(callback: () => void): () => void;
}

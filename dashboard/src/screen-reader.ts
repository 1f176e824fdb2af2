const KEY = 'backtab-demo/screen-reader';

/**
 * Applies the page's "screen reader" choice now and at each change, and remembers it. It is a choice
 * because the terminal cannot take text from emoji pickers and the like in that mode.
 */
export function followScreenReader(apply: (on: boolean) => void): void {
  const box = document.querySelector<HTMLInputElement>('input#screen-reader');
  if (box === null) throw new Error('the page has no #screen-reader');
  box.checked = localStorage.getItem(KEY) === 'on';
  apply(box.checked);
  box.addEventListener('change', () => {
    localStorage.setItem(KEY, box.checked ? 'on' : 'off');
    apply(box.checked);
  });
}

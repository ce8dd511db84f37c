// The little of CommonMark that the contract's texts use: paragraphs, lists, code and strong.

import { el } from './dom.js';

export const markdown = text => text.trim().split(/\n{2,}/).map(block => block.startsWith('- ')
  ? el('ul', {}, block.split(/\n(?=- )/).map(item => el('li', {}, spans(item.slice(2)))))
  : el('p', {}, spans(block)));

/** Within a line. */
export const spans = text => text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).filter(Boolean).map(part =>
  part.startsWith('`') ? el('code', {}, part.slice(1, -1))
  : part.startsWith('**') ? el('strong', {}, spans(part.slice(2, -2)))
  : part.replaceAll(/\s+/g, ' '));

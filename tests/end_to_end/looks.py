"""What a page has to keep to, so that everybody can read and use it; measured in a real browser.

Sources: WCAG 2.2, 1.1.1, 1.3.1, 1.4.3 (contrast), 1.4.4 (text of twice the size), 1.4.10 (no scrolling sideways),
2.1.1 (keyboard), 2.4.7 (focus), 2.5.8 (targets) and 4.1.2 (names).
"""

from __future__ import annotations

from itertools import pairwise

from playwright.sync_api import Page

CONTRAST = 4.5
TARGET_PX = 24

_COMMON = """
const seen = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true})
  && one.getClientRects().length > 0;
const what = (one) => `${one.tagName.toLowerCase()}${one.id ? '#' + one.id : ''}`
  + `${typeof one.className === 'string' && one.className ? '.' + one.className.trim().replaceAll(' ', '.') : ''}`
  + ` '${(one.textContent || '').trim().slice(0, 30)}'`;
const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
"""

_STRUCTURE = """() => {
  const found = [], all = (some) => [...document.querySelectorAll(some)];
  if (all('h1').filter(seen).length !== 1) found.push(`${all('h1').length} h1`);
  for (const one of ['main', 'header', 'nav']) if (!document.querySelector(one)) found.push(`no ${one}`);
  if (!document.documentElement.lang) found.push('no language');
  if (!document.title) found.push('no title');
  const levels = all('h1, h2, h3, h4').filter(seen).map((one) => +one.tagName[1]);
  levels.forEach((one, at) => { if (at && one - levels[at - 1] > 1) found.push(`h${levels[at - 1]} before h${one}`); });
  const ids = all('[id]').map((one) => one.id);
  for (const one of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`id '${one}' twice`);
  const name = (one) => [one.getAttribute('aria-label'), ...(one.getAttribute('aria-labelledby') || '').split(' ')
    .filter(Boolean).map((id) => document.getElementById(id)?.textContent), ...[...(one.labels || [])].map((it) =>
    [...it.childNodes].filter((part) => !part.contains?.(one)).map((part) => part.textContent).join('')),
    ['INPUT', 'SELECT', 'TEXTAREA'].includes(one.tagName) ? '' : one.textContent,
    ...[...one.querySelectorAll('img[alt], [aria-label]')].map((it) => it.alt || it.getAttribute('aria-label'))]
    .some((text) => (text || '').trim());
  for (const one of all(CONTROLS).filter(seen)) if (!name(one)) found.push(`no name: ${what(one)}`);
  for (const one of all('[role], meter, section, form[role]').filter(seen))
    if (['region', 'group', 'img', 'meter'].includes(one.getAttribute('role') || one.tagName.toLowerCase())
      && !name(one)) found.push(`no name: ${what(one)}`);
  for (const one of all('img:not([alt])')) found.push(`no alt: ${one.src}`);
  for (const one of all('svg:not([aria-label]):not([aria-hidden=true])')) found.push(`no name: ${what(one)}`);
  for (const one of all('table')) if (!one.querySelector('th[scope]')) found.push(`table without headers ${what(one)}`);
  return found;
}"""

_CONTRAST = """(wanted) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const read = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = '#000'; canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3])).concat(1);
  const ground = (one) => {
    const layers = [];
    for (let it = one; it; it = it.parentElement) {
      const colour = read(getComputedStyle(it).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), read('Canvas'));
  };
  const light = (colour) => {
    const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = colour.slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const worst = new Map();
  const check = (one, text, colour, label) => {
    const under = ground(one);
    const [low, high] = [light(over(read(colour), under)), light(under)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < wanted) worst.set(`${label} ${ratio.toFixed(2)}: ${what(one)}`, 1);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !seen(one) || one.closest('option, [disabled], noscript, title')) continue;
    const style = getComputedStyle(one);
    check(one, walker.currentNode.data, one.closest('svg') ? style.fill : style.color, 'text');
  }
  for (const one of document.querySelectorAll('input, select, textarea')) {
    if (!seen(one) || one.type === 'hidden') continue;
    check(one, one.value, getComputedStyle(one).color, 'value');
    if (one.placeholder) check(one, one.placeholder, getComputedStyle(one, '::placeholder').color, 'placeholder');
  }
  return [...worst.keys()];
}"""

_TARGETS = """(least) => {
  const found = [];
  for (const one of document.querySelectorAll(CONTROLS)) {
    if (!seen(one) || one.matches('.skip, [tabindex="0"]:not(a, button, input, select, summary)')) continue;
    const around = one.parentElement, style = getComputedStyle(one);
    const beside = [...around.childNodes].some((part) => part !== one && part.textContent.trim());
    if (style.display === 'inline' && one.tagName === 'A' && beside) continue; // within a sentence
    const target = ['checkbox', 'radio'].includes(one.type) && one.labels[0] || one;
    const {width, height} = target.getBoundingClientRect();
    if (width < least || height < least) found.push(`${width.toFixed(0)}x${height.toFixed(0)} px: ${what(one)}`);
  }
  return found;
}"""

_MOTION = """() => [...document.querySelectorAll('*')].filter((one) => {
  const style = getComputedStyle(one);
  return style.animationName !== 'none' || style.transitionDuration.split(',').some((it) => parseFloat(it) > 0);
}).map(what)"""

_WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
    && !one.closest('.wide, .gallery'))
    .slice(0, 3).map((one) => `wider than the screen: ${what(one)}`).concat('sideways')"""

_REACHABLE = """() => [...document.querySelectorAll(CONTROLS)]
  .filter((one) => seen(one) && !one.disabled && one.tabIndex >= 0)
  .map((one, place) => { one.dataset.place = place; return what(one); })"""

_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {place: one.dataset.place, what: what(one), ring, inside};
}"""


def _asked(page: Page, script: str, *values: object) -> list[str]:
    found: list[str] = page.evaluate(_within(script), *values)
    return found


def _within(script: str) -> str:
    return f"(value) => {{ {_COMMON} return ({script})(value); }}"


def complaints(page: Page) -> list[str]:
    """What is wrong with a page as it is shown now; nothing, if all is well."""
    return [
        *_asked(page, _STRUCTURE),
        *_asked(page, _CONTRAST, CONTRAST),
        *_asked(page, _TARGETS, TARGET_PX),
        *_asked(page, _WIDE),
    ]


def complaints_of_large_text(page: Page) -> list[str]:
    """What no longer fits where somebody wants letters of twice the size."""
    before = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
    found = _asked(page, _WIDE)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found if after >= 1.9 * before else [*found, f"letters grow from {before} to {after} px only"]


def complaints_of_motion(page: Page) -> list[str]:
    """What moves, although somebody asked for less of it."""
    page.emulate_media(reduced_motion="reduce")
    return _asked(page, _MOTION)


def complaints_of_keyboard(page: Page) -> list[str]:
    """What the tab key does not reach, and where the focus is not seen or out of order."""
    reachable = _asked(page, _REACHABLE)
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
    reached, found, named = list[int](), list[str](), set[str]()
    for _ in range(len(reachable) + 10):
        page.keyboard.press("Tab")
        focused = page.evaluate(_within(_FOCUSED))
        if focused is None:
            continue  # once around
        named.add(focused["what"])
        found += [f"no ring: {focused['what']}"] if not focused["ring"] else []
        found += [f"out of sight: {focused['what']}"] if not focused["inside"] else []
        if focused["place"] is not None and int(focused["place"]) not in reached:
            reached.append(int(focused["place"]))
    # by what it is, too: a part of the page may have been replaced meanwhile
    missed = [what for place, what in enumerate(reachable) if place not in reached and what not in named]
    found += [f"not reached: {what}" for what in missed]
    turns = sum(after < before for before, after in pairwise(reached))
    return found if turns <= 1 else [*found, "out of order"]

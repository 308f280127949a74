// A flame graph as SVG: callers carry what they call, and the width of a frame is its share. ECharts draws into a string,
// without a browser.
import { init } from 'echarts';
import type { Call } from '../profiles/call-tree.js';
import { heaviest } from '../profiles/heaviest.js';
import type { Origin } from '../profiles/places.js';

const width = 1_200;
const frameHeight = 17;
const margin = 10;
const headHeight = 66;
/** Frames of a smaller share are left out. */
const leastShare = 0.003;
/** Narrower frames have no name, in px. */
const leastNamed = 24;
/** In px, on average and with some to spare: letters may be wider where the picture is seen than ECharts takes them to be. */
const letterWidth = 6.3;
const narrow = 0.85;
const font = '11px sans-serif';

/** Light enough for black letters; the picture brings its own background, so that a dark page does not matter. */
const palette: Readonly<Record<Origin, { readonly colour: string; readonly title: string }>> = {
  packages: { colour: '#5eead4', title: 'Throughline' },
  library: { colour: '#93c5fd', title: 'libraries (ws, jose)' },
  bench: { colour: '#e2e8f0', title: 'the bench' },
  node: { colour: '#bef264', title: "Node's JavaScript" },
  native: { colour: '#fdba74', title: 'native code, kernel, GC' },
};

interface Frame {
  readonly call: Call;
  /** Shares of all, 0 to 1. */
  readonly from: number;
  readonly share: number;
  readonly depth: number;
}

/** Callees by name: they are where they were in the picture before. */
function framesOf(root: Call): readonly Frame[] {
  const frames: Frame[] = [];
  const add = (call: Call, from: number, depth: number) => {
    const share = call.all / root.all;
    if (share < leastShare) return;
    frames.push({ call, from, share, depth });
    const callees = [...call.callees].sort(([a], [b]) => (a < b ? -1 : 1));
    let next = from;
    for (const [, callee] of callees) {
      add(callee, next, depth + 1);
      next += callee.all / root.all;
    }
  };
  if (root.all > 0) add(root, 0, 0);
  return frames;
}

/** As much as there is room for: the name, the share, the file. */
function labelOf({ call: { place }, share }: Frame, room: number): string {
  const file = place.file.split('/').at(-1) ?? '';
  const where = place.name === '(anonymous)' ? `${file}:${place.line}` : file;
  const percent = `${(share * 100).toFixed(1)} %`;
  const labels = [[place.name, where, percent], [place.name, percent], [place.name]].map((parts) =>
    parts.filter(Boolean).join(' '),
  );
  return labels.find((label) => label.length * letterWidth <= room) ?? place.name;
}

/** What each origin does itself, for the legend. */
function legendOf(root: Call): string {
  const shares = new Map<Origin, number>();
  for (const { place, own } of heaviest(root)) shares.set(place.origin, (shares.get(place.origin) ?? 0) + own);
  return Object.entries(palette)
    .map(([origin, { title }]) => ({ origin, title, share: shares.get(origin as Origin) ?? 0 }))
    .filter(({ share }) => share >= leastShare)
    .map(({ origin, title, share }) => `{${origin}|${title} ${(share * 100).toFixed(1)} %}`)
    .join('  ');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The same call tree gives the same text. */
export function flameGraph(title: string, root: Call): string {
  const frames = framesOf(root);
  const rows = Math.max(0, ...frames.map(({ depth }) => depth + 1));
  const height = headHeight + rows * frameHeight + margin;
  const wide = width - 2 * margin;
  const elements = frames.map((frame) => {
    const frameWidth = Math.max(0.5, Math.round(frame.share * wide * 10) / 10 - 0.5);
    const style = { fill: palette[frame.call.place.origin].colour };
    const shape = { width: frameWidth, height: frameHeight - 1 };
    const x = margin + Math.round(frame.from * wide * 10) / 10;
    const y = height - margin - (frame.depth + 1) * frameHeight;
    if (frameWidth < leastNamed) return { type: 'rect' as const, x, y, shape, style };
    const room = frameWidth - 4;
    const text = {
      text: labelOf(frame, room),
      font,
      fill: '#0f172a',
      width: room * narrow,
      overflow: 'truncate' as const,
    };
    const textContent = { type: 'text' as const, style: { ...text, ellipsis: '…' } };
    return {
      type: 'rect' as const,
      x,
      y,
      shape,
      style,
      textContent,
      textConfig: { position: 'insideLeft', distance: 2 },
    };
  });
  const rich = Object.fromEntries(
    Object.entries(palette).map(([origin, { colour }]) => [
      origin,
      { backgroundColor: colour, color: '#0f172a', padding: [3, 20, 3, 6] },
    ]),
  );
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: title,
      subtext: legendOf(root),
      left: margin,
      textStyle: { fontSize: 14, color: '#0f172a' },
      subtextStyle: { fontSize: 11, rich },
    },
    graphic: { elements: elements.map((element) => ({ ...element, silent: true })) },
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The style is about a pointer, and its class has another number in each picture of a process. The title is for those who hear
  // a page, and for the linter.
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>\n?/, '')
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replace(/^<svg [^>]*>/, (tag) => `${tag}\n<title>${escaped(title)}</title>`);
}

import { Hono } from 'hono';

/** How an image should come out. Sizes are in pixels. */
export interface ResizeOptions {
  width?: number;
  height?: number;
  quality?: number;
  fit?: 'contain' | 'cover' | 'crop' | 'scale-down' | 'pad';
}

const LONGEST_SIDE = 4096;
const DEFAULT_QUALITY = 85;

/** Fetches an image and lets Cloudflare resize it on the way. */
export async function resizeImage(source: string, options: ResizeOptions = {}): Promise<Response> {
  const image = { quality: DEFAULT_QUALITY, fit: 'scale-down' as const, ...options };
  return fetch(source, { cf: { image, cacheEverything: true } } as RequestInit);
}

/** A size from the query: a whole number of pixels, or nothing. */
function pixels(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? Math.min(number, LONGEST_SIDE) : undefined;
}

export const imageResizerRoute = new Hono().get('/', async (c) => {
  const source = c.req.query('url');
  if (!source || !URL.canParse(source)) {
    return c.json({ error: 'Give the image address as `url`' }, 400);
  }
  return resizeImage(source, { width: pixels(c.req.query('w')), height: pixels(c.req.query('h')) });
});

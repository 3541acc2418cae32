import { toSVG } from 'bwip-js/node';

/**
 * A QR code as a picture, black on white whatever the page's colours, with the four light modules around it that readers
 * need. The page says the same in words, for who cannot point a phone at it.
 */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const svg = toSVG({ bcid: 'qrcode', text, scale: 2, padding: 8, backgroundcolor: 'FFFFFF' });
  const src = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  return <img class="c-qr" src={src} alt={label} width={192} height={192} />;
}

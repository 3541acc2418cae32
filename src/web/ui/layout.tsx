import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';
import { assetUrl } from './assets.ts';
import { Icon } from './parts.tsx';

/** What the frame of a page needs to know about the body whose page it is. */
export interface LayoutBrand {
  readonly name: string;
  readonly tagline: string;
  readonly href: string;
  /** Address of the small stylesheet with the body's colour; null = the default blue. */
  readonly accentUrl: string | null;
}

export interface LayoutProps {
  readonly title: string;
  readonly brand: LayoutBrand;
  readonly slim: { readonly label: string; readonly href: string };
  readonly labels: { readonly skipToContent: string; readonly skipToContacts: string; readonly actions: string };
  /** Links and buttons at the right of the slim header. */
  readonly actions: ComponentChildren;
  readonly footer: ComponentChildren;
  /** Beside the column on wide screens, below it on phones: the office's contacts. */
  readonly aside: ComponentChildren;
  readonly indexable?: boolean;
  readonly children: ComponentChildren;
}

function Head({ title, brand, indexable }: LayoutProps) {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} - ${brand.name}`}</title>
      {indexable === true ? null : <meta name="robots" content="noindex, nofollow" />}
      <meta name="format-detection" content="telephone=no" />
      <link rel="preload" href={assetUrl('titillium-400.woff2')} as="font" type="font/woff2" crossOrigin="anonymous" />
      <link rel="preload" href={assetUrl('titillium-700.woff2')} as="font" type="font/woff2" crossOrigin="anonymous" />
      <link rel="stylesheet" href={assetUrl('portal.css')} />
      {brand.accentUrl === null ? null : <link rel="stylesheet" href={brand.accentUrl} />}
      <link rel="icon" href={assetUrl('favicon.svg')} type="image/svg+xml" />
    </head>
  );
}

function Header({ brand, slim, labels, actions }: LayoutProps) {
  return (
    <header class="it-header-wrapper">
      <div class="it-header-slim-wrapper">
        <div class="container">
          <div class="it-header-slim-wrapper-content">
            <a class="navbar-brand" href={slim.href}>
              {slim.label}
            </a>
            <nav class="b-slim-actions" aria-label={labels.actions}>
              {actions}
            </nav>
          </div>
        </div>
      </div>
      <div class="it-header-center-wrapper">
        <div class="container">
          <div class="it-header-center-content-wrapper">
            <div class="it-brand-wrapper">
              <a href={brand.href}>
                <Icon name="it-pa" size="md" />
                <span class="it-brand-text">
                  <span class="it-brand-title">{brand.name}</span>
                  <span class="it-brand-tagline">{brand.tagline}</span>
                </span>
              </a>
            </div>
          </div>
        </div>
      </div>
    </header>
  );
}

function Layout(props: LayoutProps) {
  return (
    <html lang="it">
      <Head {...props} />
      <body>
        <div class="skiplinks">
          <a class="visually-hidden-focusable" href="#contenuto">
            {props.labels.skipToContent}
          </a>
          <a class="visually-hidden-focusable" href="#contatti">
            {props.labels.skipToContacts}
          </a>
        </div>
        <Header {...props} />
        <main class="container b-main" id="contenuto" tabIndex={-1}>
          <div class="row">
            <div class="col-12 col-lg-8">{props.children}</div>
            {props.aside === null ? null : <div class="col-12 col-lg-4">{props.aside}</div>}
          </div>
        </main>
        <footer class="b-footer" id={props.aside === null ? 'contatti' : undefined} tabIndex={-1}>
          <div class="container">{props.footer}</div>
        </footer>
      </body>
    </html>
  );
}

/** The whole document. */
export function renderDocument(props: LayoutProps): string {
  return `<!doctype html>${render(<Layout {...props} />)}`;
}

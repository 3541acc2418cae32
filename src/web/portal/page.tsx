import type { ComponentChildren } from 'preact';
import { type LayoutBrand, renderDocument } from '../ui/layout.tsx';
import type { EntePublic } from './dialogue.ts';
import { texts } from './texts.it.ts';

export interface PageProps {
  readonly title: string;
  /** Whose page it is; null on pages of no body in particular. */
  readonly ente: EntePublic | null;
  /** True only after identification: shows "Esci". */
  readonly signedIn?: boolean;
  readonly indexable?: boolean;
  readonly children: ComponentChildren;
}

/** A whole portal page as HTML. Nothing in the frame depends on the person, only on the body. */
export function portalPage({ title, ente, signedIn = false, indexable = false, children }: PageProps): string {
  return renderDocument({
    title,
    brand: brandOf(ente),
    slim: { label: texts.service, href: '/' },
    labels: {
      skipToContent: texts.skipToContent,
      skipToContacts: texts.skipToContacts,
      actions: texts.actionsLabel,
    },
    actions: <Actions signedIn={signedIn} />,
    footer: <Footer ente={ente} />,
    aside: ente === null ? null : <OfficeCard office={ente.office} />,
    indexable,
    children,
  });
}

function brandOf(ente: EntePublic | null): LayoutBrand {
  if (ente === null) return { name: texts.service, tagline: texts.homeTagline, href: '/', accentUrl: null };
  return {
    name: ente.name,
    tagline: texts.tagline,
    href: `/e/${ente.slug}`,
    accentUrl: ente.accent === null ? null : `/e/${ente.slug}/colore.css`,
  };
}

function Actions({ signedIn }: { signedIn: boolean }) {
  return (
    <>
      <a class="b-slim-action" href="/aiuto">
        {texts.help}
      </a>
      {signedIn ? (
        <form method="post" action="/esci">
          <button class="b-slim-action" type="submit">
            {texts.exit}
          </button>
        </form>
      ) : null}
    </>
  );
}

function Footer({ ente }: { ente: EntePublic | null }) {
  if (ente === null) {
    return (
      <ul>
        <li>
          <a href="/">{texts.allBodies}</a>
        </li>
        <li>
          <a href="/aiuto">{texts.help}</a>
        </li>
      </ul>
    );
  }
  return (
    <>
      <p class="b-footer-name">{ente.name}</p>
      <ul>
        <li>
          <a href={`/e/${ente.slug}`}>{texts.isItTrue}</a>
        </li>
        <li>
          <a href="/aiuto">{texts.help}</a>
        </li>
        <li>
          <a href={ente.website}>{texts.website}</a>
        </li>
      </ul>
      <p>
        {texts.taxCode} {ente.codiceFiscale}
      </p>
    </>
  );
}

/** The office's contacts, on every page of a body. Facts the body has not given are left out. */
function OfficeCard({ office }: { office: EntePublic['office'] }) {
  return (
    <aside class="b-aside" id="contatti" tabIndex={-1} aria-labelledby="contatti-titolo">
      <div class="b-office">
        <h2 id="contatti-titolo">{texts.office.title}</h2>
        <p class="b-footer-name">{office.name}</p>
        <dl class="b-facts">
          <Fact label={texts.office.phone}>
            {office.phone && <a href={`tel:${office.phone.replace(/[^+\d]/g, '')}`}>{office.phone}</a>}
          </Fact>
          <Fact label={texts.office.email}>
            {office.email && <a href={`mailto:${office.email}`}>{office.email}</a>}
          </Fact>
          <Fact label={texts.office.hours}>{office.hours}</Fact>
          <Fact label={texts.office.address}>{office.address}</Fact>
        </dl>
      </div>
    </aside>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  if (!children) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

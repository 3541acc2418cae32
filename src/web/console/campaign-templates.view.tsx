import type { TemplateOffer } from '../../modules/campaigns/index.ts';
import { BackLink, Callout, Details, PrimaryLink, Row, Rows, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { consolePage } from './shell.tsx';

const NEW = '/console/campagne-nuova';

/** O3: where a campaign starts from, with what the body still has to decide before it may be proposed. */
export function templatesPage(
  signed: Signed,
  offers: readonly TemplateOffer[],
  missingTexts: readonly string[],
): string {
  const fit = offers.filter((offer) => offer.types.length > 0);
  const unfit = offers.filter((offer) => offer.types.length === 0);
  return consolePage({
    ...signed,
    title: 'Nuova campagna',
    active: 'campagne',
    body: (
      <>
        <BackLink href="/console/campagne">Campagne</BackLink>
        <Title>Nuova campagna</Title>
        {missingTexts.length === 0 ? null : (
          <Callout look="info" title="Prima servono i testi">
            <p>
              I modelli usano testi che l’ente non ha ancora: {missingTexts.join(', ')}.{' '}
              <a href="/console/testi">Li salvi dalla pagina dei testi</a>, poi torni qui.
            </p>
          </Callout>
        )}
        <h2 class="c-h2">Da un modello</h2>
        {fit.length === 0 ? <p>Nessun modello è adatto ai crediti di questo ente.</p> : null}
        {fit.map((offer) => (
          <Offer key={offer.template.code} offer={offer} />
        ))}
        {unfit.length === 0 ? null : (
          <Details summary="Modelli per crediti che l’ente non ha">
            <ul>
              {unfit.map(({ template }) => (
                <li key={template.code}>
                  {template.title}. {template.forWhom}
                </li>
              ))}
            </ul>
          </Details>
        )}
        <h2 class="c-h2">Da zero</h2>
        <Rows>
          <Row href={`${NEW}?modello=zero`} title="Una campagna vuota" note="Tutte le scelte sono Sue" />
        </Rows>
      </>
    ),
  });
}

function Offer({ offer }: { offer: TemplateOffer }) {
  const { template, types, needs, missing } = offer;
  return (
    <section class="b-card c-offer" aria-labelledby={`modello-${template.code}`}>
      <h3 id={`modello-${template.code}`}>{template.title}</h3>
      <p>{template.forWhom}</p>
      <p>Crediti dell’ente: {types.map((type) => type.name).join(', ')}.</p>
      {missing.length === 0 ? null : (
        <>
          <p>Prima di proporla l’ente deve ancora stabilire:</p>
          <ul>
            {missing.map((one) => (
              <li key={one.key}>
                {one.label}
                {one.rule === null ? '' : ` (${one.rule})`}
              </li>
            ))}
          </ul>
        </>
      )}
      <Details summary="Le scelte del modello, e perché">
        <dl>
          {template.choices.map((one) => (
            <div key={one.choice}>
              <dt>{one.choice}</dt>
              <dd>
                {one.why} ({one.basis})
              </dd>
            </div>
          ))}
        </dl>
        {needs.length === 0 ? null : (
          <p>
            Regole che servono:{' '}
            {needs.map((one) => (one.rule === null ? one.label : `${one.label} (${one.rule})`)).join('; ')}.
          </p>
        )}
      </Details>
      <PrimaryLink href={`${NEW}?modello=${template.code}`}>Usa questo modello</PrimaryLink>
    </section>
  );
}

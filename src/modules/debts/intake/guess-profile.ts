import { type FieldSource, INTAKE_FIELDS, type IntakeField, type IntakeProfile, REQUIRED_FIELDS } from './profile.ts';

/**
 * Usual header names, without case, accents, blanks and signs. Within a field the order is a preference: what is still
 * to be paid (residuo) goes before the amount of the whole debt, and a due date before any other date.
 */
const SYNONYMS: Readonly<Record<IntakeField, readonly string[]>> = {
  externalId: words(
    'idposizione externalid codiceposizione idpartita codicepartita partita iddebito idrecord id posizione',
  ),
  codiceFiscale: words(
    'codicefiscale cf codfisc codfis codfiscale codicefiscaledebitore cfdebitore cfpiva taxcode fiscalcode',
  ),
  surname: words('cognome surname lastname familyname'),
  name: words('nome firstname givenname name'),
  companyName: words(
    'denominazione ragionesociale nominativo intestatario contribuente debitore utente companyname fullname debtor',
  ),
  email: words('email mail postaelettronica indirizzoemail emailaddress'),
  phone: words('cellulare telefono tel mobile cell telefonocellulare phone phonenumber numerotelefono'),
  contactSource: words('originerecapito fonterecapito provenienzarecapito contactsource originecontatto'),
  address: words('indirizzo via residenza address streetaddress'),
  postalCode: words('cap postalcode zip zipcode'),
  city: words('comune citta localita city town'),
  description: words('descrizione causale oggetto description'),
  taxYear: words('anno annualita annoimposta annoriferimento annotributo taxyear year'),
  installmentNo: words('rata numerorata nrata numrata installment installmentno instalment'),
  dueDate: words('scadenza datascadenza datascad scadenzapagamento duedate'),
  amount: words(
    'residuo importoresiduo dapagare importodapagare dovuto importodovuto importo totale amountdue amount importoeuro',
  ),
  documentNumber: words(
    'numerodocumento ndocumento numdocumento nrdocumento numerofattura numerobolletta numverbale numeroverbale documentnumber',
  ),
  customerCode: words(
    'codiceutente codutente codicecontribuente codicecliente utenza codiceutenza matricola customercode',
  ),
  noticeNumber: words(
    'numeroavviso codiceavviso navviso numavviso nav numeroavvisopagopa codiceavvisopagopa noticenumber',
  ),
  deceased: words('deceduto defunto decesso datadecesso datamorte deceased'),
  serviceDate: words('prestazionedata dataprestazione dataservizio servicedate'),
  violationDate: words('dataviolazione datainfrazione violationdate'),
  notifiedOn: words('datanotifica datanotificaverbale notificatoil notifiedon'),
  violationKind: words('tipoviolazione violationkind'),
  component: words('voce tipovoce componente component'),
  userClass: words('classeutente tipoutente tipologiautenza categoriautenza userclass'),
  consumptionFrom: words('consumidal consumodal inizioconsumi consumptionfrom'),
  consumptionTo: words('consumial consumoal fineconsumi consumptionto'),
  issueTerm: words('termineemissione termineemissionebolletta issueterm'),
  creditorCodiceFiscale: words('codicefiscaleente cfente codfiscente codicefiscalecreditore creditorfiscalcode'),
};
const STREET_NUMBER = words('civico numerocivico ncivico');

export interface ProfileGuess {
  readonly profile: IntakeProfile;
  /** Header names no field takes, as written; a person should look at them. */
  readonly unmapped: readonly string[];
  readonly missing: readonly IntakeField[];
}

/** A first profile for an unknown header, from names alone; to be shown to a person before it is used. */
export function guessProfile(header: readonly string[]): ProfileGuess {
  const normal = header.map(normalName);
  const taken = new Set<number>();
  const fields: Partial<Record<IntakeField, FieldSource>> = {};
  for (const name of INTAKE_FIELDS) {
    const index = firstIndex(normal, SYNONYMS[name], taken);
    if (index === null) continue;
    taken.add(index);
    const columns = [header[index] ?? ''];
    const number = name === 'address' ? firstIndex(normal, STREET_NUMBER, taken) : null;
    if (number !== null) {
      taken.add(number);
      columns.push(header[number] ?? '');
    }
    fields[name] = { columns };
  }
  return {
    profile: { version: 1, fields },
    unmapped: header.filter((column, index) => column !== '' && !taken.has(index)),
    missing: REQUIRED_FIELDS.filter((name) => fields[name] === undefined),
  };
}

function words(list: string): readonly string[] {
  return list.split(' ');
}

function normalName(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

function firstIndex(normal: readonly string[], names: readonly string[], taken: ReadonlySet<number>): number | null {
  for (const name of names) {
    const index = normal.indexOf(name);
    if (index >= 0 && !taken.has(index)) return index;
  }
  return null;
}

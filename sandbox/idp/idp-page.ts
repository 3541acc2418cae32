export interface IdpPerson {
  readonly codiceFiscale: string;
  readonly name: string;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Who are you? A list to choose from and a field, no password: nothing real can be seen with it. */
export function choosePage(action: string, people: readonly IdpPerson[], wrong: boolean): string {
  const options = people
    .map((person) => `<option value="${escapeHtml(person.codiceFiscale)}">${escapeHtml(person.name)}</option>`)
    .join('');
  return page(
    `<h1>Chi è Lei?</h1><p>Questa pagina imita SPID e CIE. Scelga una persona del paese inventato.</p>
${wrong ? '<p role="alert" class="wrong" id="errore">Il codice fiscale non è valido. Lo controlli e riprovi.</p>' : ''}
<form method="post" action="${escapeHtml(action)}">
<label for="codiceFiscale">Codice fiscale</label>
<input id="codiceFiscale" name="codiceFiscale" list="persone" autocomplete="off" required maxlength="16"${wrong ? ' aria-invalid="true" aria-describedby="errore"' : ''}>
<datalist id="persone">${options}</datalist>
<label for="livello">Livello</label>
<select id="livello" name="livello"><option value="1">1</option><option value="2" selected>2</option><option value="3">3</option></select>
<button class="first" name="azione" value="entra">Entra</button>
<button class="second" name="azione" value="annulla" formnovalidate>Annulla</button></form>`,
  );
}

export function lostPage(): string {
  return page('<h1>Questo accesso non è più disponibile</h1><p>Torni alla pagina dell’ente e riprovi.</p>');
}

function page(body: string): string {
  return `<!doctype html><html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Accesso di prova</title><style>${STYLE}</style></head><body><header>Accesso di prova</header><main>${body}</main></body></html>`;
}

const STYLE = `*{box-sizing:border-box}body{margin:0;font:17px/1.5 system-ui,sans-serif;color:#17324d;background:#f2f5f8}
header{background:#17324d;color:#fff;padding:1rem 1.25rem;font-weight:600}
main{max-width:34rem;margin:1.5rem auto;padding:1.25rem;background:#fff;border:1px solid #c8d2dc;border-radius:8px}
h1{font-size:1.5rem;margin:0 0 .5rem}label{display:block;font-weight:600;margin:.7rem 0 .2rem}
input,select{font:inherit;width:100%;min-height:48px;padding:.4rem .6rem;border:2px solid #4a6077;border-radius:4px;margin-bottom:.7rem}
.wrong{border-left:4px solid #b3122a;padding-left:.7rem}
button{font:inherit;min-height:48px;padding:.5rem 1.5rem;border-radius:4px;border:2px solid #0059b3;margin:.5rem .5rem 0 0;cursor:pointer}
button.first{background:#0059b3;color:#fff}button.second{background:#fff;color:#0059b3}
:focus-visible{outline:3px solid #ff9900;outline-offset:2px}`;

/** Comma or line end between words. */
function list(words: string): readonly string[] {
  return words
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Word lists of the invented town. Combined by the seed, so that nobody is meant; one file, easy to extend. */
export const FEMALE_NAMES = list(`
  Adele, Agnese, Alba, Amelia, Anna, Benedetta, Bianca, Caterina, Cecilia, Clara, Dora, Elena, Elvira,
  Emma, Fiorenza, Giada, Giuditta, Ilaria, Irene, Lara, Lidia, Loredana, Lucia, Maddalena, Marta, Mirella,
  Nives, Noemi, Olga, Ottavia, Rosa, Sabina, Serena, Silvia, Teresa, Vera, Viola, Zoe
`);

export const MALE_NAMES = list(`
  Achille, Adriano, Alvise, Amedeo, Andrea, Arturo, Bruno, Carlo, Cesare, Dario, Davide, Edoardo, Elia,
  Ettore, Fabio, Furio, Giacomo, Gino, Ivo, Lapo, Leone, Luca, Marco, Mattia, Nicolò, Oreste, Paolo, Piero,
  Rocco, Sandro, Saverio, Silvio, Tommaso, Ugo, Valerio, Vito, Walter, Zeno
`);

export const SURNAMES = list(`
  Albarelli, Altobello, Baldinotti, Bastianelli, Bellaspiga, Boscolungo, Brentacci, Calzavara,
  Campofiorito, Cantalupo, Casagrandi, Cerasuolo, Codebue, D’Alberico, De Marinis, Del Ponte, Di Colle,
  Fabbriani, Fontanabella, Frescobene, Galavotti, Ghirlandi, Grandinetti, Lanzaro, Lo Monte, Malavolti,
  Manzonelli, Marinucci, Meloncelli, Montebruno, Nardelli, Nodari, Olivastri, Orsolino, Pandolci,
  Passalacqua, Pettirosso, Piantavigna, Quadrelli, Quattrocchi, Rigoni, Rossetto, Sabbadini, Salvalaglio,
  Santacroce, Scarpelli, Serafinò, Spigarolo, Tagliavento, Tamburlani, Terranova, Torresani, Ubaldelli,
  Vallescura, Verdarossi, Vignaroli, Zambelletti, Zanotelli
`);

export const STREETS = list(`
  Via Roma, Via dei Tigli, Via Garibaldi, Viale della Stazione, Piazza del Mercato, Via del Mulino,
  Via San Rocco, Via dell’Argine, Vicolo Stretto, Via della Repubblica, Via Monte Alto, Via del Lavoro,
  Via delle Fornaci, Largo Fontana, Via Nuova
`);

export const OTHER_PLACES = list(`
  Borgofiume, Castelprato, Montelieto, Pieve a Valle, San Giusto al Colle
`);

/** Names under `.example` are reserved (RFC 2606): no real mailbox can be meant. */
export const MAIL_DOMAINS = list(`
  posta-lieta.example, cassetta.example, lettere-veloci.example, scrivimi.example
`);

/** No Italian municipality or foreign state has a place code that begins with X: no real tax code can come out. */
export const BIRTHPLACE_CODES = list(`
  X014, X102, X237, X388, X451, X590, X633, X709, X815, X926
`);

import './prelude.ts';

/** The entry of the small host: the language is completed first, then the command line runs as on any other. */
void import('../main.ts');

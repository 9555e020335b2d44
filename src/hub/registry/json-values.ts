const [quote, backslash, comma, bracket, brace] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Whether JSON has more than `most` values (array entries, object members and containers, counted by what separates and opens
 * them). Parsing takes as long as there are values, many times what their bytes alone would: this is what a parse may be spared.
 */
export function hasMoreValues(json: Uint8Array, most: number): boolean {
  if (json.length <= most) return false;
  let values = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) inString = !inString;
    else if (inString) at += byte === backslash ? 1 : 0;
    else if (byte === comma || byte === bracket || byte === brace) {
      values += 1;
      if (values > most) return true;
    }
  }
  return false;
}

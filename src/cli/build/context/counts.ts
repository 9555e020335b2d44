/** A count for people: `12,345`. */
export const humanCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

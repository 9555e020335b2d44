import { randomInt } from 'node:crypto';
import { invalid } from '#base/errors.ts';

/** @see Docker's RestrictedNamePattern */
const namePattern = /^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** The name without its slash. @throws {EngineError} `invalid` in Docker's words */
export function checkedName(name: string): string {
  if (!namePattern.test(name))
    throw invalid(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  return name.replace(/^\//, '');
}

/**
 * A name that nobody has: an adjective and the surname of somebody who moved or measured things, `brisk_noether`.
 *
 * @param random a whole number from 0 up to below its argument
 */
export function generateName(
  isTaken: (name: string) => boolean,
  random: (below: number) => number = randomInt,
): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${pick(adjectives, random)}_${pick(surnames, random)}`;
    const candidate = attempt < 6 ? name : `${name}${random(10 ** Math.min(attempt - 4, 9))}`;
    if (!isTaken(candidate)) return candidate;
  }
}

const pick = (words: readonly string[], random: (below: number) => number): string =>
  words[random(words.length)]!;

const adjectives =
  `able airy ample apt astute avid balmy blithe bold brave breezy bright brisk calm candid chipper civil clear clever
  cosy crisp curious dapper daring deft dogged eager early earnest easy even exact fair fleet fluent fond frank fresh
  gentle glad golden graceful hale handy hardy hearty honest humble jolly jovial keen kind lively loyal lucid mellow
  merry mild modest neat nimble noble patient placid plucky polite prompt proud quick quiet ready robust rosy sage
  serene sharp shrewd silent sincere snug sober spry stately steady sturdy subtle sunny sure swift tender tidy tranquil
  trim trusty upbeat vivid warm wary wise witty zesty`.split(/\s+/);

const surnames =
  `abel agnesi alhazen ampere apgar archimedes babbage banneker bassi bell bernoulli bessel bohr boole borlaug bose
  boyle brahe burnell cannon cantor cardano carson cauchy celsius chatelet church clarke coulomb curie dalton darwin
  davy dijkstra dirac easley edison einstein elion euclid euler fermat fermi fibonacci franklin fourier galileo galois
  gauss germain gibbs godel goodall hamilton heisenberg helmholtz hero herschel hertz hilbert hodgkin hooke hopper
  huygens hypatia jacobi joule kelvin kepler khayyam kovalevskaya lagrange lamarr laplace leavitt leibniz linnaeus
  lovelace mach maxwell mayer mendel mendeleev meitner mirzakhani mitchell moser napier newton nobel noether ohm
  otis pascal pasteur pauli payne planck poincare ramanujan riemann ritchie rubin sagan shannon somerville stevin
  tereshkova tesla thales turing volta watt wiles wu yalow`.split(/\s+/);

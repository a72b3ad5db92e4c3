// Why something was refused: the layer that caught it, a sentence, and the index of the entry where there is one.
export class Rejection extends Error {
  constructor(layer, detail, index = null) {
    super(detail);
    this.layer = layer;
    this.index = index;
  }
}

export function reject(layer, detail, index = null) {
  throw new Rejection(layer, detail, index);
}

export function demand(condition, layer, detail, index = null) {
  if (!condition) reject(layer, detail, index);
}

// Runs a check of one entry: a rejection from within carries the entry's index.
export function at(index, check) {
  try {
    return check();
  } catch (error) {
    if (error instanceof Rejection && error.index === null) error.index = index;
    throw error;
  }
}

import { describe, expect, it } from 'vitest';
import { componentImages, otherProductImages, privilegedImages } from '../../src/facts/images.ts';
import { parseImage } from '../../src/readers/docker/image.ts';

describe('image names', () => {
  it.each([...componentImages.keys(), ...otherProductImages, ...privilegedImages.map(({ name }) => name)])(
    '%s is a familiar name without tag',
    (name) => expect(parseImage(name)).toEqual({ text: name, name }),
  );

  it('have a successor that is a current image', () => {
    for (const { successor } of componentImages.values())
      if (successor !== undefined)
        expect(componentImages.get(successor), successor).toMatchObject({ source: expect.any(String) });
    for (const { successor } of componentImages.values())
      if (successor !== undefined) expect(componentImages.get(successor)?.status, successor).toBeUndefined();
  });
});

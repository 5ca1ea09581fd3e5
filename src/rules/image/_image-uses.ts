import { isPlugin } from '../../drone/deployment.ts';
import type { Image } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import { alsoAt, type Hit, type Located, say } from '../../model/rule.ts';

/** One image of a pipeline with all steps and services that use it, in order. */
export interface ImageUse {
  readonly image: Image;
  readonly at: Located<Image>['at'];
  readonly step: Step;
  /** What `supersedes` compares. */
  readonly subject: string;
  /** Whether all its uses are plugins: steps without commands. */
  readonly isPlugin: boolean;
  /** Its other uses, as related places. */
  readonly related: NonNullable<Hit['related']>;
}

/** The images of a pipeline, each text once. */
export function imagesOf(pipeline: Pipeline): readonly ImageUse[] {
  const byText = new Map<string, { readonly step: Step; readonly image: Located<Image> }[]>();
  const steps = new Set(pipeline.steps);
  for (const step of allSteps(pipeline)) {
    const { image } = step;
    if (!image) continue;
    addTo(byText, image.value.text, { step, image });
  }
  return [...byText].flatMap(([text, [first, ...others]]) =>
    first
      ? [
          {
            image: first.image.value,
            at: first.image.at,
            step: first.step,
            subject: `image ${text}`,
            isPlugin: [first, ...others].every(({ step }) => steps.has(step) && isPlugin(step)),
            related: others.map(({ step, image }) =>
              alsoAt(image.at, say`also used by "${step.name}"`, { reach: step.reach }),
            ),
          },
        ]
      : [],
  );
}

/** The familiar name of an image on Docker Hub; undefined for one in another registry, which is a different image. */
export function hubName({ registry, name }: Image): string | undefined {
  return registry === undefined ? name : undefined;
}

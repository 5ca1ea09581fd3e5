import type { AnyRule } from '../../model/rule.ts';
import unpinnedImage from './unpinned-image.ts';

export default [unpinnedImage] satisfies readonly AnyRule[];

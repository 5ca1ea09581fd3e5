import type { AnyRule } from '../../model/rule.ts';
import dockerSocketMount from './docker-socket-mount.ts';
import privilegedContainer from './privileged-container.ts';
import unpinnedContainerImage from './unpinned-container-image.ts';

export default [dockerSocketMount, privilegedContainer, unpinnedContainerImage] satisfies readonly AnyRule[];

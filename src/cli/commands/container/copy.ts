import { atLeast, command as define } from '../../command.ts';

export const command = define({ usage: 'cp', about: '', flags: {}, args: atLeast(2), run: async () => 1 });

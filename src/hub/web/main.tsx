import './styles/index.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { followLinks } from './router/navigation.ts';
import { SessionProvider } from './session.tsx';

followLinks();
render(
  <SessionProvider>
    <App />
  </SessionProvider>,
  document.getElementById('page')!,
);

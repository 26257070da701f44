import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { currentPath } from './app/location.ts';
import { preload } from './app/pages.tsx';
import { whoIsIt } from './app/session.tsx';

const place = document.getElementById('app');
if (!place) throw new Error('index.html has no #app');
// the page and who looks at it are asked for at once, while the first thing is drawn
preload(currentPath());
const asked = whoIsIt();
createRoot(place).render(
  <StrictMode>
    <App asked={asked} />
  </StrictMode>,
);

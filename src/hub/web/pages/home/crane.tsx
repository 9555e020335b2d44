/** A container on its way up onto a stack of layers. */
export const Crane = () => (
  <svg class="crane" viewBox="0 0 320 260" aria-hidden="true">
    <g class="crane-frame">
      <path d="M40 250V36M64 250V36M40 60l24 26-24 26 24 26-24 26 24 26-24 26 24 22" />
      <path d="M20 36h280M52 14L20 36M52 14l150 22M52 36V14" />
      <path d="M64 50h150" />
    </g>
    <rect class="crane-weight" x="18" y="38" width="22" height="24" rx="2" />
    <g class="crane-load">
      <path class="crane-rope" d="M220 36v44M220 80l-44 34M220 80l44 34" />
      <circle class="crane-hook" cx="220" cy="80" r="5" />
      <rect class="crane-box" x="164" y="114" width="112" height="42" rx="4" />
      <path class="crane-rib" d="M180 122v26M196 122v26M212 122v26M228 122v26M244 122v26M260 122v26" />
    </g>
    <g class="crane-stack">
      <rect class="stack-1" x="164" y="182" width="112" height="18" rx="3" />
      <rect class="stack-2" x="164" y="204" width="112" height="18" rx="3" />
      <rect class="stack-3" x="164" y="226" width="112" height="22" rx="3" />
    </g>
    <path class="crane-ground" d="M8 252h304" />
  </svg>
);

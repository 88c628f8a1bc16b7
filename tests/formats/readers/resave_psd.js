// Opens a PSD with ag-psd and saves it again: node resave_psd.js FROM TO
'use strict';

const fs = require('fs');
const { initializeCanvas, readPsd, writePsdBuffer } = require('ag-psd');

initializeCanvas(
  () => { throw new Error('no canvas is needed'); },
  (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }),
);

const [from, to] = process.argv.slice(2);
const psd = readPsd(fs.readFileSync(from), { useImageData: true, useRawThumbnail: true });
fs.writeFileSync(to, writePsdBuffer(psd));

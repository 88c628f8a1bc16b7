// Prints what ag-psd reads in a PSD as JSON: tree, boxes, flags, and pixels in base64.
'use strict';

const fs = require('fs');
const { initializeCanvas, readPsd } = require('ag-psd');

// Pixels are wanted as plain arrays, so no canvas library is needed.
const imageData = (width, height) => ({
  width, height, data: new Uint8ClampedArray(width * height * 4),
});
initializeCanvas(() => { throw new Error('no canvas is needed'); }, imageData);

function pixels(image) {
  if (!image) return null;
  return {
    width: image.width,
    height: image.height,
    rgba: Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength)
      .toString('base64'),
  };
}

function describe(layer) {
  return {
    name: layer.name,
    id: layer.id ?? null,
    box: [layer.left, layer.top, layer.right, layer.bottom],
    opacity: layer.opacity,
    blendMode: layer.blendMode,
    hidden: Boolean(layer.hidden),
    locked: Boolean(layer.protected && layer.protected.composite && layer.protected.position),
    clipping: Boolean(layer.clipping),
    opened: layer.opened ?? null,
    hasMask: Boolean(layer.mask),
    image: pixels(layer.imageData),
    children: layer.children ? layer.children.map(describe) : null,
  };
}

const psd = readPsd(fs.readFileSync(process.argv[2]), { useImageData: true, useRawThumbnail: true, strict: true });
const resources = psd.imageResources || {};
process.stdout.write(JSON.stringify({
  width: psd.width,
  height: psd.height,
  merged: pixels(psd.imageData),
  resolution: resources.resolutionInfo ? resources.resolutionInfo.horizontalResolution : null,
  xmp: resources.xmpMetadata || null,
  hasThumbnail: Boolean(resources.thumbnailRaw || resources.thumbnail),
  idsSeedNumber: resources.idsSeedNumber ?? null,
  layers: (psd.children || []).map(describe),
}));

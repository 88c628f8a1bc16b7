"""From a request to layers: the models, samplers and codecs put together."""

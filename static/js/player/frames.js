// Frames and seconds. A frame is sought in its middle, so that no rounding of a time falls into its neighbour.
export const makeRate = (numerator, denominator, frames) => {
  const perSecond = numerator / denominator;
  const clamp = (frame) => Math.max(0, Math.min(frames - 1, frame));
  return {
    perSecond,
    frames,
    clamp,
    middle: (frame) => (clamp(frame) + 0.5) / perSecond,
    at: (seconds) => clamp(Math.floor(seconds * perSecond + 0.01)),
    timecode(frame) {
      const base = Math.round(perSecond);
      const two = (number) => String(number).padStart(2, "0");
      const seconds = Math.floor(frame / base);
      return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}:${two(frame % base)}`;
    },
  };
};

// What is plugged into the editor. A feature may give extensions of CodeMirror, and may start once the view stands.
import * as grammar from "./grammar/index.js";
import * as revisionMarks from "./revision_marks.js";

const FEATURES = [grammar, revisionMarks];

export const featureExtensions = (config) => FEATURES.flatMap((feature) => feature.extensions?.(config) ?? []);

export const startFeatures = (editor) => FEATURES.forEach((feature) => feature.start?.(editor));

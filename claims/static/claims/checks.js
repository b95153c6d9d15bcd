// Looks at a file before it is sent, and says what the server would say after minutes of sending.
// The server looks again, and decides.

import { counted, textOf } from "./texts.js";

const EXTENSIONS = {
  png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", jfif: "image/jpeg",
  webp: "image/webp", heic: "image/heic", heif: "image/heif",
  mp4: "video/mp4", m4v: "video/x-m4v", mov: "video/quicktime", "3gp": "video/3gpp",
  "3g2": "video/3gpp2", webm: "video/webm", mkv: "video/x-matroska",
}; // prettier-ignore
const TYPES = new Set(Object.values(EXTENSIONS));
const PATIENCE = 5_000; // ms for a device to read the head of a video

/** The media type; some devices tell none for HEIC or Matroska, or their own, so the name's end may
 * say it. */
export function typeOf(file) {
  const told = file.type.split(";")[0];
  if (TYPES.has(told)) return told;
  return EXTENSIONS[file.name.toLowerCase().split(".").at(-1)] ?? told;
}

export function isVideo(file) {
  return typeOf(file).startsWith("video/");
}

export function megabytes(bytes) {
  if (bytes < 1024 * 1024) {
    return textOf("kilobytes", { count: Math.max(1, Math.round(bytes / 1024)) });
  }
  return textOf("megabytes", { count: (bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "") });
}

/** What is wrong with it; empty when nothing is. `limits` is the data of the file field. */
export async function problemOf(file, limits) {
  const known = limits.accept.split(",");
  if (file.size === 0) return textOf("file-empty");
  if (!known.includes(typeOf(file))) return textOf("file-unknown");
  const most = Number(isVideo(file) ? limits.videoBytes : limits.pictureBytes);
  if (file.size > most) {
    const name = isVideo(file) ? "video-too-large" : "picture-too-large";
    return textOf(name, { size: megabytes(file.size), most: megabytes(most) });
  }
  return isVideo(file) ? wrongDuration(await durationOf(file), limits) : "";
}

function wrongDuration(seconds, limits) {
  const [least, most, slack] = [limits.leastSeconds, limits.mostSeconds, limits.slack].map(Number);
  if (seconds > most + slack) {
    const values = { length: counted(Math.ceil(seconds), "second"), most: counted(most, "second") };
    return textOf("video-too-long", values);
  }
  if (seconds < least - slack) {
    return textOf("video-too-short", { least: counted(least, "second") });
  }
  return "";
}

/** Seconds; NaN when this device can't read the file, which doesn't mean that nobody can. */
export async function durationOf(file) {
  const video = document.createElement("video");
  const address = URL.createObjectURL(file);
  Object.assign(video, { preload: "metadata", muted: true, src: address });
  try {
    await happens(video, "loadedmetadata", () => video.readyState > 0);
    // What a browser recorded tells its duration only after its end was looked for.
    if (video.duration === Infinity) {
      video.currentTime = Number.MAX_SAFE_INTEGER;
      await happens(video, "durationchange", () => video.duration !== Infinity);
    }
    return video.duration === Infinity ? NaN : video.duration;
  } finally {
    video.removeAttribute("src");
    URL.revokeObjectURL(address);
  }
}

function happens(video, name, isSo) {
  return new Promise((resolve) => {
    video.addEventListener(name, () => isSo() && resolve());
    video.addEventListener("error", resolve);
    setTimeout(resolve, PATIENCE);
  });
}

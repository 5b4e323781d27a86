// What can be told about a file before a byte of it is sent. The server looks into it properly.
export const MAX_BYTES = 2 * 1024 ** 3;
export const EXTENSIONS = ["wav", "mp3", "mp4", "m4a", "flac", "ogg", "oga", "opus", "webm", "amr"];

/** @param {{name: string, size: number}} file @returns {null|{message: string, remedy: string}} */
export function problem({ name, size }) {
  if (size === 0) {
    return {
      message: "The file is empty.",
      remedy: "Copy it from the recorder again and look whether the copy has a size.",
    };
  }
  if (size > MAX_BYTES) {
    return {
      message: "The file is larger than 2 GB.",
      remedy: "Export it as MP3 or FLAC, or cut it into parts, and add those.",
    };
  }
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
  if (extension && !EXTENSIONS.includes(extension)) {
    return {
      message: `A .${extension} file is not a recording that can be transcribed.`,
      remedy: "Use WAV, MP3, M4A/MP4, FLAC, OGG, WebM or AMR.",
    };
  }
  return null;
}

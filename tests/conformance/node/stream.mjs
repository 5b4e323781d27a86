// One live stream by Amazon's own client, as the JSON argument says; prints what came as JSON lines.
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  StartMedicalStreamTranscriptionCommand,
  TranscribeStreamingClient,
} from "@aws-sdk/client-transcribe-streaming";
import { WebSocketFetchHandler } from "@aws-sdk/middleware-websocket";
import ws from "ws";

const asked = {
  file: "", // raw samples, or a file in the encoding of the input
  chunk: 3200, // bytes
  pace: 20, // milliseconds between two chunks
  end: "iterator", // or "event": an empty one; "hold": none at all; "exit": the process dies
  websocket: false,
  bare: false, // events without envelopes, as browsers send them
  garbage: null, // bodies in base64, each sent in place of a stream's; over HTTP/2
  input: {},
  ...JSON.parse(process.argv[2]),
};

const tell = (told) => console.log(JSON.stringify(told));

const client = new TranscribeStreamingClient({
  endpoint: asked.endpoint,
  region: "us-east-1",
  credentials: asked.credentials,
  ...(asked.websocket && { requestHandler: new WebSocketFetchHandler() }),
  ...(asked.bare && {
    eventStreamPayloadHandlerProvider: () => ({ handle: (next, args) => next(args) }),
  }),
});
if (asked.websocket) {
  globalThis.WebSocket = ws;
  client.middlewareStack.addRelativeTo(
    (next) => (args) => {
      const { protocol, hostname, port, host } = new URL(asked.endpoint);
      const own = { protocol: protocol.replace("http", "ws"), hostname, port: Number(port) };
      Object.assign(args.request, own);
      args.request.headers.host = host;
      return next(args);
    },
    { relation: "after", toMiddleware: "websocketEndpointMiddleware", name: "ownAddress" },
  );
}

let garbage;
if (asked.garbage) {
  const send = (next, args) => {
    args.request.body = Readable.from([garbage]);
    return next(args);
  };
  client.config.eventStreamPayloadHandler = { handle: send };
}

let over;
const ended = new Promise((resolve) => (over = resolve));

async function* audio() {
  const all = await readFile(asked.file);
  for (let at = 0; at < all.length; at += asked.chunk) {
    yield { AudioEvent: { AudioChunk: all.subarray(at, at + asked.chunk) } };
    await sleep(asked.pace);
  }
  if (asked.end === "exit") process.exit(9);
  if (asked.end === "event") yield { AudioEvent: { AudioChunk: new Uint8Array(0) } };
  if (asked.end !== "iterator") await ended;
}

async function stream() {
  const answer = await client.send(
    new StartMedicalStreamTranscriptionCommand({
      LanguageCode: "en-US",
      MediaEncoding: "pcm",
      MediaSampleRateHertz: 16000,
      Specialty: "PRIMARYCARE",
      Type: "DICTATION",
      ...asked.input,
      AudioStream: audio(),
    }),
  );
  const { TranscriptResultStream, ...opened } = answer;
  tell({ opened });
  for await (const event of TranscriptResultStream) {
    for (const result of event.TranscriptEvent?.Transcript?.Results ?? []) tell({ result });
  }
  tell({ closed: true });
}

const waiting = [...(asked.garbage ?? [null])];
while (waiting.length) {
  garbage = waiting[0] && Buffer.from(waiting[0], "base64");
  try {
    await stream();
    waiting.shift();
  } catch (error) {
    // Between two bodies the place of the one before may still be taken.
    if (garbage && error.name === "LimitExceededException") await sleep(100);
    else {
      waiting.shift();
      tell({ error: error.name, message: error.message });
    }
  }
}
over();
client.destroy();

// Parts every page uses: reconnecting, single-key shortcuts, the colour scheme.
import assert from "node:assert/strict";
import test from "node:test";
import { backoff } from "../../static/js/site/backoff.js";
import { isTyping, shortcutsOn } from "../../static/js/site/shortcuts.js";
import { chosenTheme } from "../../static/js/site/theme.js";

const storage = (value) => ({ getItem: () => value });
const forbidden = {
  getItem() {
    throw new Error("denied");
  },
};

test("waits grow, stay within 15 s, and are never the same for all", () => {
  assert.equal(backoff(0, () => 1), 500);
  assert.equal(backoff(1, () => 1), 1000);
  assert.equal(backoff(50, () => 1), 15_000);
  assert.equal(backoff(50, () => 0), 7_500);
});

test("shortcuts are on until turned off, and without storage", () => {
  assert.equal(shortcutsOn(storage(null)), true);
  assert.equal(shortcutsOn(storage("off")), false);
  assert.equal(shortcutsOn(forbidden), true);
});

test("typing and chords are no shortcuts", () => {
  assert.equal(isTyping({ target: { tagName: "INPUT", type: "search" } }), true);
  assert.equal(isTyping({ target: { tagName: "INPUT", type: "checkbox" } }), false);
  assert.equal(isTyping({ target: { tagName: "TEXTAREA" } }), true);
  assert.equal(isTyping({ target: { tagName: "P", isContentEditable: true } }), true);
  assert.equal(isTyping({ target: { tagName: "A" }, ctrlKey: true }), true);
  assert.equal(isTyping({ target: { tagName: "A" } }), false);
});

test("a theme nobody knows is the system's", () => {
  assert.equal(chosenTheme(storage("dark")), "dark");
  assert.equal(chosenTheme(storage("pink")), "system");
  assert.equal(chosenTheme(forbidden), "system");
});

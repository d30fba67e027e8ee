/**
 * The switch "Sound" in the header, and the tones.
 *
 *   const sound = new AlertSound(document.querySelector("#sound"));
 *   sound.ring("critical");      three tones; "warning" has two, "info" one. Nothing while it is off, or soon after another one as severe
 *
 * The choice is kept by the browser, for all its windows. Browsers let a page sound only once it was clicked or a key was pressed there, so after a
 * reload the switch says that a click is needed. Of several windows one sounds: the one that has the lock, which it gives up when it is hidden or
 * closed. Web Locks require HTTPS or localhost: without them, each visible window sounds.
 */

import { SEVERITIES } from "../components/alert-views.js";
import { setText } from "../components/update.js";

const KEY = "sound";
const LOCK = "alert-sound";
/** Hertz and number of tones. */
const TONES = { critical: [880, 3], warning: [660, 2], info: [520, 1] };
/** Seconds. */
const LENGTH = 0.16;
const DISTANCE = 0.24;
const FADE = 0.02;
const LOUDNESS = 0.3;
/** Milliseconds in which alerts that follow one another sound once. */
const PAUSE = 3000;

export class AlertSound {
  #control;
  #words;
  #context;
  #release;
  #waiting;
  #last = { severity: undefined, until: 0 };

  constructor(control) {
    this.#control = control;
    this.#words = control.parentElement.querySelector("span");
    control.checked = isWanted();
    control.addEventListener("change", () => {
      keep(control.checked);
      this.#follow();
      if (control.checked) {
        this.#play("info");
      }
    });
    addEventListener("storage", ({ key }) => {
      if (key === KEY) {
        control.checked = isWanted();
        this.#follow();
      }
    });
    document.addEventListener("visibilitychange", () => this.#follow());
    ["click", "keydown"].forEach((gesture) => document.addEventListener(gesture, () => this.#isOn && this.#context?.resume()));
    this.#follow();
  }

  get #isOn() {
    return this.#control.checked;
  }

  get #isAllowed() {
    return this.#context?.state === "running";
  }

  ring(severity) {
    const now = performance.now();
    const isMore = SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(this.#last.severity);
    if (this.#isOn && this.#isAllowed && (this.#release || !navigator.locks) && document.visibilityState === "visible" && (now > this.#last.until || isMore)) {
      this.#last = { severity, until: now + PAUSE };
      this.#play(severity);
    }
  }

  #follow() {
    if (this.#isOn && !this.#context) {
      this.#context = new AudioContext();
      this.#context.addEventListener("statechange", () => this.#follow());
    }
    if (this.#isOn && this.#isAllowed && document.visibilityState === "visible") {
      this.#claim();
    } else {
      this.#giveUp();
    }
    setText(this.#words, this.#isOn && !this.#isAllowed ? "Sound: click the page to start it" : "Sound");
  }

  #claim() {
    if (!this.#waiting) {
      this.#waiting = new AbortController();
      // It rejects when the wait is given up.
      navigator.locks?.request(LOCK, { signal: this.#waiting.signal }, () => new Promise((resolve) => { this.#release = resolve; })).catch(() => {});
    }
  }

  #giveUp() {
    this.#waiting?.abort();
    this.#release?.();
    this.#waiting = undefined;
    this.#release = undefined;
  }

  #play(severity) {
    const [pitch, count] = TONES[severity];
    for (let i = 0; i < count; i += 1) {
      const start = this.#context.currentTime + i * DISTANCE;
      const tone = this.#context.createOscillator();
      const volume = this.#context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + FADE);
      volume.gain.setValueAtTime(LOUDNESS, start + LENGTH - FADE);
      volume.gain.linearRampToValueAtTime(0, start + LENGTH);
      tone.connect(volume).connect(this.#context.destination);
      tone.start(start);
      tone.stop(start + LENGTH);
    }
  }
}

function isWanted() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function keep(isOn) {
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // Without storage, the choice lasts as long as the page.
  }
}

// Plays a take to the frame: J K L, frame by frame, loop, speed, sound, and a strip of pictures to scrub along.
import { makeRate } from "./frames.js";

const FASTEST = 4;

// A pause that overtakes the start of playing is no fault: the promise of play() is only then broken.
function unlessPaused(error) {
  if (error.name !== "AbortError") throw error;
}

class Player {
  constructor(place) {
    this.place = place;
    this.video = place.querySelector("video");
    const { rateNumerator, rateDenominator, frames } = place.dataset;
    this.rate = makeRate(Number(rateNumerator), Number(rateDenominator), Number(frames));
    this.frame = 0;
    this.shuttle = 0; // below nothing: backwards, by that many frames a frame's time
    this.timer = 0;
    this.listen();
    this.follow();
    const asked = Number(new URLSearchParams(location.search).get("frame"));
    if (asked > 0) this.seek(asked);
    else this.show(0);
  }

  part(name) {
    return this.place.querySelector(`[data-player-${name}]`);
  }

  listen() {
    const { video, place } = this;
    place.addEventListener("click", (event) => this.press(event));
    place.addEventListener("change", (event) => {
      if (event.target.matches("[data-player-speed]")) video.playbackRate = Number(event.target.value);
    });
    video.addEventListener("click", () => this.toggle());
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => this.showPlaying());
    video.addEventListener("seeked", () => video.paused && !this.timer && this.show(this.rate.at(video.currentTime)));
    const scrub = this.part("scrub");
    scrub.addEventListener("pointerdown", (event) => {
      scrub.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    scrub.addEventListener("pointermove", (event) => scrub.hasPointerCapture(event.pointerId) && this.drag(event));
    scrub.addEventListener("keydown", (event) => this.scrubKey(event));
  }

  press(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-player-do]") : null;
    if (button) this[button.dataset.playerDo](Number(button.dataset.by ?? 0), button);
  }

  // every frame that is presented tells its own time
  follow() {
    const { video } = this;
    if ("requestVideoFrameCallback" in video) {
      const told = (_now, facts) => {
        if (!video.paused) this.show(this.rate.at(facts.mediaTime));
        video.requestVideoFrameCallback(told);
      };
      video.requestVideoFrameCallback(told);
    } else {
      video.addEventListener("timeupdate", () => this.show(this.rate.at(video.currentTime)));
    }
  }

  toggle() {
    if (this.timer || !this.video.paused) return this.halt();
    return this.forward();
  }

  forward() {
    const { video } = this;
    if (this.timer) this.stopBackwards();
    if (this.frame >= this.rate.frames - 1) video.currentTime = 0;
    if (!video.paused) video.playbackRate = Math.min(FASTEST, video.playbackRate * 2);
    else {
      video.playbackRate = Number(this.part("speed").value);
      video.play().catch(unlessPaused);
    }
  }

  halt() {
    this.stopBackwards();
    this.video.pause();
    this.seek(this.frame);
  }

  backward() {
    this.video.pause();
    this.shuttle = Math.max(-FASTEST, this.shuttle ? this.shuttle * 2 : -1);
    this.timer ||= setInterval(() => {
      if (this.frame <= 0) return this.halt();
      return this.video.seeking || this.seek(this.frame + this.shuttle);
    }, 1000 / this.rate.perSecond);
    this.showPlaying();
  }

  stopBackwards() {
    clearInterval(this.timer);
    this.timer = this.shuttle = 0;
    this.showPlaying();
  }

  step(by) {
    if (!this.video.paused || this.timer) this.halt();
    this.seek(this.frame + by);
  }

  seek(frame) {
    const to = this.rate.clamp(frame);
    this.video.currentTime = this.rate.middle(to);
    this.show(to);
  }

  loop(_by, button) {
    this.video.loop = !this.video.loop;
    button.setAttribute("aria-pressed", this.video.loop);
  }

  sound(_by, button) {
    this.video.muted = !this.video.muted;
    button.setAttribute("aria-pressed", !this.video.muted);
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.video.requestFullscreen();
  }

  drag(event) {
    const box = this.part("scrub").getBoundingClientRect();
    if (!this.video.paused || this.timer) this.halt();
    this.seek(Math.floor(((event.clientX - box.left) / box.width) * this.rate.frames));
  }

  scrubKey(event) {
    const to = { Home: 0, End: this.rate.frames - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.seek(to);
  }

  show(frame) {
    this.frame = frame;
    const at = `${((100 * (frame + 0.5)) / this.rate.frames).toFixed(3)}%`;
    const head = this.part("head");
    head.setAttribute("x1", at);
    head.setAttribute("x2", at);
    this.part("timecode").textContent = this.rate.timecode(frame);
    this.part("frame").textContent = frame;
    this.part("scrub").setAttribute("aria-valuenow", frame);
    this.place.dataset.frame = frame;
    document.querySelectorAll("[data-player-frame-field]").forEach((field) => (field.value = frame));
  }

  showPlaying() {
    const playing = Boolean(this.timer) || !this.video.paused;
    this.place.toggleAttribute("data-playing", playing);
    this.part("play").setAttribute("aria-pressed", playing);
  }
}

export function startPlayers() {
  const players = [...document.querySelectorAll("[data-player]")].map((place) => new Player(place));
  // a part of the page that came just now learns the frame too
  document.addEventListener("htmx:after:settle", () => players.forEach((player) => player.show(player.frame)));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-player-go]") : null;
    if (!link || !players.length) return;
    event.preventDefault();
    players[0].step(Number(link.dataset.playerGo) - players[0].frame);
  });
}


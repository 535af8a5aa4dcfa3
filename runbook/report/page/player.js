"use strict";
(() => {
  // A terminal emulator for text: it follows cursor movements and ignores colours.
  const TOKEN = /\x1b\[([0-9;?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()#].|\x1b[^[\]]|[\r\n\b\t]|[^\x00-\x1f]+/gs;
  const CUT = /\x1b(?:\[[0-9;?]*|\][^\x07\x1b]*|[()#])?$/;

  function terminal(width, height) {
    let lines = [[]], row = 0, column = 0, held = "";
    const at = () => { while (lines.length <= row) lines.push([]); return lines[row]; };
    const top = () => Math.max(0, lines.length - height);
    function control(parameters, letter) {
      const [first, second] = parameters.split(";").map(Number), n = first || 1;
      if (letter === "A") row = Math.max(top(), row - n);
      else if (letter === "B") row += Math.min(n, height);
      else if (letter === "C") column = Math.min(width - 1, column + n);
      else if (letter === "D") column = Math.max(0, column - n);
      else if (letter === "G") column = Math.min(width, n) - 1;
      else if (letter === "H" || letter === "f") {
        row = top() + Math.min(height, n) - 1;
        column = Math.min(width, second || 1) - 1;
      } else if (letter === "K") {
        if (!first) at().length = Math.min(at().length, column);
        else at().fill(" ", 0, first === 2 ? undefined : column + 1);
      } else if (letter === "J") {
        if (first === 2 || first === 3) lines.splice(top());
        else if (!first) { at().length = Math.min(at().length, column); lines.length = row + 1; }
        at();
      }
    }
    return {
      write(text) {
        text = held + text;
        held = (CUT.exec(text) || [""])[0];
        for (const [token, parameters, letter] of text.slice(0, text.length - held.length).matchAll(TOKEN)) {
          if (letter) control(parameters, letter);
          else if (token === "\r") column = 0;
          else if (token === "\n") row += 1;
          else if (token === "\b") column = Math.max(0, column - 1);
          else if (token === "\t") column = Math.min(width - 1, (column | 7) + 1);
          else if (token[0] !== "\x1b") for (const sign of token) {
            if (column >= width) { row += 1; column = 0; }
            const line = at();
            while (line.length < column) line.push(" ");
            line[column++] = sign;
          }
        }
        at();
      },
      text: () => lines.map(line => line.join("")).join("\n"),
    };
  }

  const clock = hundredths => {
    const seconds = Math.floor(hundredths / 100);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  function attach(box, cast) {
    const [play, speed, slider] = box.querySelectorAll("button, select, input");
    const shown = box.querySelector("output"), view = box.querySelector("pre");
    const times = [], texts = [];
    let sum = 0, screen, next = 0, now = 0, frame = 0, last = 0;
    for (let n = 0; n < cast.e.length; n += 2) { times.push(sum += cast.e[n]); texts.push(cast.e[n + 1]); }
    slider.max = sum;
    function show(time) {
      if (!screen || time < now) { screen = terminal(cast.w, cast.h); next = 0; }
      now = Math.min(time, sum);
      for (; next < texts.length && times[next] <= now; next++) screen.write(texts[next]);
      const text = screen.text();
      view.hidden = false;
      if (view.textContent !== text) { view.textContent = text; view.scrollTop = view.scrollHeight; }
      slider.value = now;
      slider.setAttribute("aria-valuetext", `${clock(now)} of ${clock(sum)}`);
      shown.textContent = `${clock(now)} / ${clock(sum)}`;
    }
    function stop() { cancelAnimationFrame(frame); frame = 0; play.textContent = "▶ Play"; }
    function step(time) {
      show(now + Math.min(time - last, 500) / 10 * Number(speed.value));
      last = time;
      if (now >= sum) stop(); else frame = requestAnimationFrame(step);
    }
    play.addEventListener("click", () => {
      if (frame) return stop();
      if (now >= sum) show(0);
      play.textContent = "⏸ Pause";
      last = performance.now();
      frame = requestAnimationFrame(step);
    });
    slider.addEventListener("input", () => show(Number(slider.value)));
    shown.textContent = `0:00 / ${clock(sum)}`;
    box.hidden = false;
  }

  const casts = JSON.parse(document.getElementById("recordings").textContent);
  for (const box of document.querySelectorAll(".player")) attach(box, casts[box.dataset.recording]);
})();

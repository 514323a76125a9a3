"use strict";
(() => {
  const drawn = new Map();

  const colour = (place, name) => getComputedStyle(place).getPropertyValue(name).trim();

  // The table has the newest first. Of what was before its first row nothing is known, nor where an amount is a dash.
  function read(place, room) {
    const rows = [...place.querySelectorAll("tbody tr")].reverse();
    const before = Math.max(0, room - rows.length);
    return {
      before,
      marks: [...Array(before).fill(""),
        ...rows.map((row) => row.querySelector("[data-mark]")?.dataset.mark
          ?? row.querySelector("time").textContent.slice(11, 16))],
      amounts: [...Array(before).fill([]), ...rows.map((row) =>
        [...row.querySelectorAll("td")].map(({ textContent: amount }) =>
          amount === "-" ? null : Number(amount)))],
    };
  }

  // A line through one point alone would not be seen. The band is behind all others, on an axis of its own, so light that
  // they keep a contrast of 3 on it.
  function sets(place, kind, amounts) {
    const isLone = amounts.filter(([first]) => first != null).length === 1;
    return [...place.querySelectorAll(".legend li")].map((item, number) => {
      const tone = colour(item, "--tone"), isBand = item.className === "band";
      return {
        label: item.textContent,
        data: amounts.map((row) => isBand ? row[number] && 1 : row[number] ?? null),
        backgroundColor: tone, borderColor: tone,
        borderWidth: kind === "line" ? 2 : 0, pointRadius: isLone ? 4 : 0,
        categoryPercentage: 1, barPercentage: 0.8,
        ...(isBand && {
          type: "bar", yAxisID: "yBand", grouped: false, barPercentage: 1, backgroundColor: `${tone}0f`,
          borderWidth: { top: 4 },
          tooltip: { callbacks: { label: ({ raw }) => raw ? item.textContent : "" } } }),
      };
    });
  }

  function options(place, kind) {
    const [soft, line, ink, surface] = ["--ink-2", "--line", "--ink", "--surface"].map((name) => colour(place, name));
    const stacked = kind === "bar";
    return {
      responsive: true, maintainAspectRatio: false, animation: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: ink, titleColor: surface, bodyColor: surface,
          displayColors: false, cornerRadius: 4 },
      },
      scales: {
        x: { stacked, offset: true, grid: { display: false, borderColor: line },
          ticks: { color: soft, maxRotation: 0, autoSkipPadding: 24 } },
        y: { stacked, beginAtZero: true, suggestedMax: 4, grid: { color: line, drawBorder: false },
          ticks: { color: soft, maxTicksLimit: 5 } },
        yBand: { display: false, min: 0, max: 1 },
      },
    };
  }

  // Time that was not counted is hatched: it is no 0.
  const hatching = (before, total) => ({
    id: "hatching",
    beforeDatasetsDraw({ ctx, canvas, chartArea: { left, top, width, height } }) {
      if (!before) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, width * before / total, height);
      ctx.clip();
      ctx.strokeStyle = colour(canvas, "--line");
      for (let x = left - height; x < left + width; x += 8) {
        ctx.moveTo(x, top + height);
        ctx.lineTo(x + height, top);
      }
      ctx.stroke();
      ctx.restore();
    },
  });

  function draw(place) {
    const canvas = place.querySelector("canvas"), kind = canvas.dataset.kind;
    const { before, marks, amounts } = read(place, Number(canvas.dataset.room));
    place.dataset.drawn = "yes";
    drawn.set(canvas, new Chart(canvas, { type: kind,
      data: { labels: marks, datasets: sets(place, kind, amounts) }, options: options(place, kind),
      plugins: [hatching(before, marks.length)] }));
  }

  function drawMissing(isAgain) {
    for (const [canvas, chart] of drawn) {
      if (isAgain || !canvas.isConnected) { chart.destroy(); drawn.delete(canvas); }
    }
    for (const place of document.querySelectorAll("[data-chart]"))
      if (!drawn.has(place.querySelector("canvas"))) draw(place);
  }

  Chart.defaults.locale = "en";
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawMissing();
  document.addEventListener("refreshed", () => drawMissing());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawMissing(true));
})();

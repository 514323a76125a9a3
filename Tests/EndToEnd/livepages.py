"""Scripts for pages of the console that change while they are open: what a page shows at that moment, and its clock."""

from browsing import Browser

# The chart of calls on the Overview, where that of times follows.
CALLS = "[data-chart]:has([data-kind=bar])"
INKED = """
    const canvas = document.querySelector("[data-chart] canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, place) => place % 4 === 3 && value > 0).length"""
# The number of these pixels in the light scheme's red for failures: the line or point of the alert itself, not the
# lines behind it.
REDDISH = """
    const canvas = document.querySelector("[data-chart] canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, place) => place % 4 === 0 && value > 120 && pixels[place + 1] < 80
      && pixels[place + 2] < 80 && pixels[place + 3] > 200).length"""
# The number of bands that are drawn over the whole height of the chart of calls.
BANDS = """
    const chart = Chart.getChart(document.querySelector("[data-chart]:has([data-kind=bar]) canvas"));
    const band = chart.data.datasets.findIndex((one) => one.label === "Active halts");
    return chart.getDatasetMeta(band).data.filter((one) => one.height > chart.chartArea.height * 0.99).length"""
# The number of halts in each minute of the chart of calls, newest first; empty if there was none.
HALTED = """
    const cells = "[data-chart]:has([data-kind=bar]) td[data-column='Active halts']";
    return [...document.querySelectorAll(cells)].map((one) => Number(one.textContent))"""
CONNECTED = "return document.documentElement.dataset.connected === 'yes'"
# The time of the page, its title and its exact form; read at once, since a newer page replaces the element.
TIME = """
    const time = document.querySelector("#contact time");
    return [time.textContent, time.title, time.dateTime]"""
# The clock of the client, five days ahead.
FIVE_DAYS_OFF = """
    const Real = Date;
    window.Date = class extends Real {
      constructor(...given) { if (given.length) super(...given); else super(Real.now() + 432000000); }
      static now() { return Real.now() + 432000000; }
    };"""
AN_HOUR_PASSES = "const real = performance.now.bind(performance); performance.now = () => real() + 3600000"
# Notes when the figure of refusals was changed, in ms, and by how much a timer of the page was late since it began: so
# much the machine was busy with something else.
NOTED = """
    window.noted = {};
    window.late = [];
    new MutationObserver(() => {
      const figure = [...document.querySelectorAll("main dt")].find((one) => one.textContent.trim() === "Denied, last hour");
      const shown = figure && figure.nextElementSibling.textContent.trim();
      if (shown && !(shown in window.noted)) window.noted[shown] = Date.now();
    }).observe(document.body, { childList: true, subtree: true });
    let last = Date.now();
    setInterval(() => { const now = Date.now(); window.late.push([now, now - last - 50]); last = now; }, 50);"""


def refused(browser: Browser) -> int:
    """The number of refusals in the last hour, as the page shows it."""
    figure = "//dt[normalize-space()='Denied, last hour']/following-sibling::dd[1]"
    return int(browser.driver.find_element("xpath", figure).text.replace("\u202f", ""))

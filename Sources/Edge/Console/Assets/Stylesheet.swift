/// The console's style sheet: one column on a telephone, wider if there is room, light or dark like the system, and
/// black on white in print.
enum Stylesheet {
    static let source: StaticString = """
        :root {
          color-scheme: light dark;
          --ground: #ffffff; --raised: #f5f6f8; --ink: #1a1f26; --soft: #4f5a67; --line: #c9ced6;
          --link: #0b57a4; --accent: #0b57a4; --accent-ink: #ffffff;
          --bad: #a11d22; --bad-ink: #ffffff; --bad-ground: #fdecec;
          --warn: #7a3d00; --warn-ground: #fff1dc; --good: #14602f; --good-ground: #e5f5ea;
          --calm: #5f8fc4; --alert: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #12151a; --raised: #1b2027; --ink: #e8ebef; --soft: #adb6c2; --line: #3b444f;
            --link: #8fc1ff; --accent: #8fc1ff; --accent-ink: #0b1a2b;
            --bad: #ff9d9d; --bad-ink: #2b0a0b; --bad-ground: #3a1719;
            --warn: #ffc078; --warn-ground: #38270f; --good: #8fdca8; --good-ground: #12301d;
            --calm: #4d7fb5; --alert: #ff8a80;
          }
        }
        *, *::before, *::after { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif;
        }
        a { color: var(--link); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.125rem; margin: 0 0 .75rem; }
        h3 { font-size: 1rem; margin: 1rem 0 .5rem; }
        p { margin: 0 0 .75rem; }
        code, .value, .literal, .key {
          font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .9375em;
        }
        .skip { position: absolute; left: -100vw; }
        .skip:focus { left: .5rem; top: .5rem; background: var(--ground); padding: .5rem; z-index: 1; }
        .stop > form { max-width: 30rem; padding: .5rem 0; }
        body > header { border-bottom: 1px solid var(--line); background: var(--raised); }
        body > header, body > footer { padding: .5rem 1rem; }
        body > header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; }
        .brand { font-weight: 700; text-decoration: none; color: inherit; }
        nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 .25rem; }
        nav a { display: inline-block; padding: .375rem .5rem; text-decoration: none; border-radius: .25rem; }
        nav a:hover { text-decoration: underline; }
        nav [aria-current="page"] {
          color: var(--ink); font-weight: 600; box-shadow: inset 0 -3px 0 var(--accent); border-radius: 0;
        }
        body > header nav { flex: 1 1 auto; margin: 0 -.5rem; }
        body > header .muted { font-size: .875rem; }
        main nav { margin: 0 -.5rem 1rem; }
        .page { max-width: 72rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
        .crumbs { margin: 0 0 .75rem; }
        body > footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; }
        .muted { color: var(--soft); }
        .nowrap { white-space: nowrap; }
        .number { font-variant-numeric: tabular-nums; }
        .notice { border: 1px solid var(--line); border-left-width: 5px; padding: .75rem 1rem; margin: 0 0 1rem; }
        .notice p:last-child { margin: 0; }
        .good { border-color: var(--good); background: var(--good-ground); }
        .warning { border-color: var(--warn); background: var(--warn-ground); }
        .bad { border-color: var(--bad); background: var(--bad-ground); }
        .card { border: 1px solid var(--line); border-radius: .375rem; padding: 1rem; margin: 0 0 1rem; }
        .card > :last-child, .card > .wide:last-child { margin-bottom: 0; }
        .columns { display: grid; grid-template-columns: minmax(0, 1fr); column-gap: 1rem; align-items: start; }
        @media (min-width: 60rem) { .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
        .figures {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 0;
        }
        .figures > div { border-left: 3px solid var(--line); padding: 0 0 0 .75rem; }
        .figures > .bad { border-color: var(--bad); padding: .25rem .5rem .25rem .75rem; margin: -.25rem 0; }
        .figures dt { color: var(--soft); font-size: .875rem; line-height: 1.3; min-height: 2.6em; }
        .figures dd {
          margin: .125rem 0 0; font-size: 1.75rem; line-height: 1.2; font-weight: 600;
          font-variant-numeric: tabular-nums;
        }
        .figures dd span { font-size: .875rem; font-weight: 400; }
        .figures > .bad dd { color: var(--bad); }
        .part { max-width: 52rem; }
        .badge {
          display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .625rem;
          font-size: .875rem; overflow-wrap: break-word;
        }
        .badge.high { color: var(--bad); font-weight: 600; }
        .badge.medium { color: var(--warn); }
        .badge.low { color: var(--good); }
        .badge.good { color: var(--good); }
        .badge.warning { color: var(--warn); }
        .badge.bad { color: var(--bad); font-weight: 600; }
        .value {
          display: inline; unicode-bidi: isolate; direction: ltr; white-space: pre-wrap;
          overflow-wrap: anywhere; word-break: break-word;
        }
        .hidden { color: var(--warn); background: var(--warn-ground); font-weight: 600; }
        .sign { color: var(--soft); }
        .literal { color: var(--soft); }
        .decoded { display: block; border-left: 3px solid var(--line); padding-left: .5rem; margin-top: .25rem; }
        .tree { list-style: none; margin: 0; padding: 0 0 0 1rem; border-left: 1px solid var(--line); }
        .tree li { margin: .25rem 0; }
        .block {
          background: var(--raised); border: 1px solid var(--line); border-radius: .25rem; padding: .5rem .75rem;
          margin: 0 0 1rem; overflow-wrap: anywhere; white-space: pre-wrap;
          font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .9375em;
        }
        .timeline { list-style: none; margin: 0 0 1rem; padding: 0 0 0 1.25rem; border-left: 2px solid var(--line); }
        .timeline > li { position: relative; margin: 0 0 1.25rem; }
        .timeline > li::before {
          content: ""; position: absolute; left: calc(-1.25rem - 6px); top: .5em; width: 10px; height: 10px;
          border-radius: 50%; background: var(--calm);
        }
        .timeline > .bad::before { background: var(--bad); }
        .timeline > .bad { background: none; }
        .tone-calm { --tone: var(--calm); }
        .tone-bad { --tone: var(--alert); }
        .legend {
          display: none; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0 0 .5rem; padding: 0;
          color: var(--soft); font-size: .875rem;
        }
        .legend li::before {
          content: ""; display: inline-block; width: .75rem; height: .75rem; margin: 0 .375rem 0 0;
          border-radius: .125rem; background: var(--tone); vertical-align: baseline;
        }
        .picture { display: none; position: relative; height: 14rem; margin: 0 0 .75rem; }
        [data-drawn] > .legend { display: flex; }
        [data-drawn] > .picture { display: block; }
        [data-drawn] > .undrawn { display: none; }
        .chart > details > :last-child { margin: .5rem 0 0; }
        summary { cursor: pointer; padding: .25rem 0; }
        .facts { margin: 0; }
        .facts:not(:last-child) { margin: 0 0 1rem; }
        .facts dt { color: var(--soft); }
        .facts dd { margin: 0 0 .75rem; overflow-wrap: anywhere; }
        @media (min-width: 40rem) {
          .facts { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .5rem 1rem; }
          .facts dd { margin: 0; }
          .columns .facts { grid-template-columns: minmax(5rem, 8rem) 1fr; }
        }
        /* Whether a table has room is known by its own place, not by the screen. */
        .wide { overflow-x: auto; margin: 0 0 1rem; container-type: inline-size; }
        table { border-collapse: collapse; width: 100%; }
        caption { text-align: left; color: var(--soft); padding: 0 0 .5rem; }
        th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; }
        thead th { border-bottom: 2px solid var(--line); white-space: nowrap; }
        tbody td, tbody th { border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; }
        tbody tr:last-child > * { border-bottom: 0; }
        @container (max-width: 47.99rem) {
          .stack thead { position: absolute; left: -100vw; }
          .stack, .stack caption, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
          .stack tr { border: 1px solid var(--line); border-radius: .375rem; padding: .5rem .75rem; margin: 0 0 .75rem; }
          .stack tbody th, .stack tbody td { border: 0; padding: .125rem 0; }
          .stack tr:last-child { margin: 0; }
          .stack tbody td::before { content: attr(data-column) ": "; color: var(--soft); }
        }
        @container (min-width: 48rem) {
          tbody th { min-width: 14rem; }
          tbody td { min-width: 5rem; }
          tbody td:has(.value) { min-width: 9.5rem; }
        }
        .filters, .row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1rem; }
        .pager { display: flex; gap: 1rem; }
        .field { margin: 0 0 .75rem; }
        .filters .field { margin: 0; }
        label, legend { display: block; font-weight: 600; }
        fieldset { border: 0; margin: 0; padding: 0; }
        .hint { color: var(--soft); margin: 0; font-size: .9375rem; }
        input, select, textarea {
          font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft);
          border-radius: .25rem; padding: .5rem; width: 100%; max-width: 32rem; min-height: 2.75rem;
        }
        button {
          font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .25rem;
          border: 2px solid var(--accent); background: var(--ground); color: var(--accent); cursor: pointer;
        }
        button.approve { background: var(--accent); color: var(--accent-ink); }
        button.deny { background: var(--bad); border-color: var(--bad); color: var(--bad-ink); }
        button[disabled] {
          background: var(--raised); border-color: var(--line); color: var(--soft); cursor: not-allowed;
        }
        button.quiet {
          border-color: transparent; background: none; min-height: 0; padding: 0 .25rem; font-weight: 400;
        }
        .actions { display: grid; gap: 2rem; max-width: 52rem; }
        .actions > button { justify-self: start; }
        @media (min-width: 60rem) { .actions { grid-template-columns: 1fr 1fr; gap: 4rem; } }
        .empty { padding: 2rem 0; color: var(--soft); }
        [hidden] { display: none; }
        @media print {
          :root {
            color-scheme: light; --ground: #fff; --raised: #fff; --ink: #000; --soft: #333; --line: #888;
            --link: #000; --warn: #000; --bad: #000; --good: #000; --warn-ground: #eee;
            --bad-ground: #fff; --good-ground: #fff;
          }
          nav, .skip, .actions, .filters, .pager, form { display: none; }
          .card, .part { break-inside: avoid-page; }
          .wide { overflow: visible; }
        }
        """
}

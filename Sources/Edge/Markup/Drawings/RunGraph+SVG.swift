import InterlockAdministration
import InterlockEvidence
import InterlockModel

extension RunGraph {
    /// The largest place of the line of time.
    private static let lineWidth = 480
    private static let margin = 16
    private static let rowHeight = 24
    /// The width of a character of the monospaced font, rounded up, in pixels.
    private static let letter = 8

    /// The drawing as an SVG file of its own: it loads nothing, runs nothing, and follows the reader's choice of light
    /// or dark colours.
    package var svg: String {
        let rows = rows
        let scale = TimeScale(spans, width: Int64(Self.lineWidth), cutWidth: 12)
        let titles = ["Start", "Time", "Took", "Tool", "End"]
        let texts: [(String, KeyPath<Row, String>?)] = [
            (titles[0], \.start), (titles[1], nil), (titles[2], \.took), (titles[3], \.tool),
            (titles[4], \.end),
        ]
        let widths = texts.map { title, text in
            guard let text else { return Self.lineWidth + Self.letter }
            return ([title.count] + rows.map { $0[keyPath: text].count }).reduce(0, max)
                * Self.letter
        }
        var lefts: [Int] = []
        var right = Self.margin
        for width in widths {
            lefts.append(right)
            right += width + 2 * Self.letter
        }
        let below = Self.pauses(scale)
        let top = Self.margin + Self.rowHeight * (head.count + 1)
        let bottom = top + Self.rowHeight * rows.count
        let legend = 64 * Self.letter
        let longest = (head + below).map(\.count).max() ?? 0
        let width = max(right, longest * Self.letter + Self.margin, legend) + Self.margin
        let height = bottom + Self.rowHeight * (below.count + 1) + 2 * Self.margin

        var body = head.enumerated().map { number, line in
            Self.text(line, x: Self.margin, row: number, top: Self.margin)
        }
        if !rows.isEmpty {
            body += zip(texts, lefts).map { text, left in
                Self.text(text.0, x: left, row: -1, top: top, kind: "label")
            }
        }
        body += scale.cuts.map { cut in
            let x = lefts[1] + cut
            return #"<path class="cut" d="M\#(x) \#(top)V\#(bottom)"/>"#
        }
        for (number, row) in rows.enumerated() {
            for (text, left) in zip(texts, lefts) {
                guard let text = text.1 else { continue }
                body.append(Self.text(row[keyPath: text], x: left, row: number, top: top))
            }
            body += Self.bars(
                of: row.span, scale, left: lefts[1], top: top + number * Self.rowHeight)
        }
        body += below.enumerated().map { number, line in
            Self.text(line, x: Self.margin, row: number, top: bottom + Self.margin, kind: "label")
        }
        if !rows.isEmpty {
            body += Self.legend(top: bottom + Self.margin + below.count * Self.rowHeight)
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title">
            <title id="title">\(head.joined(separator: ": ").escapedForSVG)</title>
            \(Self.style)
            <path class="ground" d="M0 0H\(width)V\(height)H0Z"/>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    /// The colours of charts in light and dark (docs/specs/console.md, section 2).
    private static let style = """
        <style>
        svg { --ground: #ffffff; --ink: #16191d; --label: #4a5361; --cut: #7b8491;
          --server: #5b8fcb; --people: #9a6200; --denied: #b42318; color-scheme: light dark }
        @media (prefers-color-scheme: dark) { svg { --ground: #161a20; --ink: #e9ecf1;
          --label: #b1bac6; --cut: #727d8c; --server: #5b93d3; --people: #d79a3c; --denied: #f0766c } }
        text { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; fill: var(--ink);
          white-space: pre }
        .label { fill: var(--label) }
        .ground { fill: var(--ground) }
        .cut, .began { fill: none; stroke: var(--cut); stroke-dasharray: 2 3 }
        .server { fill: var(--server) }
        .people { fill: var(--people) }
        .denied { fill: var(--denied) }
        </style>
        """

    private static func text(
        _ text: String, x: Int, row: Int, top: Int, kind: String = "value"
    ) -> String {
        let y = top + row * rowHeight + 16
        return #"<text class="\#(kind)" x="\#(x)" y="\#(y)">\#(text.escapedForSVG)</text>"#
    }

    private static func bars(
        of span: CallSpan, _ scale: TimeScale, left: Int, top: Int
    ) -> [String] {
        let bars = scale.bars(of: span)
        guard !bars.isEmpty else {
            let x = left + scale.place(of: span.start)
            return [#"<path class="began" d="M\#(x) \#(top + 4)v16"><title>began</title></path>"#]
        }
        return bars.map { bar in
            switch bar.kind {
            case .people:
                rectangle(
                    bar.kind, x: left + bar.start, y: top + 12, width: bar.length, height: 8,
                    "waits for people, \(bar.duration.inTwoUnits)")
            case .server:
                rectangle(
                    bar.kind, x: left + bar.start, y: top + 4, width: bar.length, height: 16,
                    "with the server, \(bar.duration.inTwoUnits)")
            case .denied:
                rectangle(
                    bar.kind, x: left + bar.start, y: top + 4, width: 3, height: 16, "denied")
            }
        }
    }

    private static func rectangle(
        _ kind: CallBar.Kind, x: Int, y: Int, width: Int, height: Int, _ title: String
    ) -> String {
        let place = #"x="\#(x)" y="\#(y)" width="\#(width)" height="\#(height)""#
        return
            #"<rect class="\#(kind.rawValue)" \#(place)><title>\#(title.escapedForSVG)</title></rect>"#
    }

    private static func legend(top: Int) -> [String] {
        let kinds: [(CallBar.Kind, String)] = [
            (.server, "with the server"), (.people, "waits for people"), (.denied, "denied"),
        ]
        var x = margin
        return kinds.flatMap { kind, words in
            defer { x += (words.count + 4) * letter }
            let height = kind == .people ? 8 : 16
            return [
                rectangle(
                    kind, x: x, y: top + 20 - height, width: kind == .denied ? 3 : 12,
                    height: height, words),
                text(words, x: x + 2 * letter, row: 0, top: top, kind: "label"),
            ]
        }
    }
}

import InterlockAdministration
import InterlockEvidence

extension RunGraph {
    /// The characters of a drawing.
    private struct Characters {
        let people: Character
        let server: Character
        let denied: Character
        /// A call of which nothing but the beginning is known.
        let began: Character
        let cut: Character

        static let blocks = Characters(
            people: "▄", server: "█", denied: "×", began: "·", cut: "┊")
        static let ascii = Characters(
            people: "-", server: "#", denied: "x", began: ".", cut: ":")

        subscript(kind: CallBar.Kind) -> Character {
            switch kind {
            case .people: people
            case .server: server
            case .denied: denied
            }
        }
    }

    /// The line of the drawing that names its columns; a run without calls has none.
    package static let titleLine = 2

    private static let titles = ["START", "", "TOOK", "TOOL", "END"]
    /// The columns of the narrowest drawing: a narrower terminal breaks its lines.
    private static let fewestColumns = 60
    /// The columns that bars get before names are cut.
    private static let fewestBars = 16

    /// The drawing for a terminal, one line a call.
    ///
    /// - Parameters:
    ///   - columns: the width of the terminal; below 60, lines are as long as for 60.
    ///   - isASCII: true if the terminal shows no other characters.
    package func lines(columns: Int, isASCII: Bool) -> [String] {
        guard !spans.isEmpty else { return head }
        let rows = rows
        let columns = max(columns, Self.fewestColumns)
        func widest(_ title: Int, _ text: KeyPath<Row, String>) -> Int {
            max(Self.titles[title].count, rows.map { $0[keyPath: text].count }.max() ?? 0)
        }
        let (start, took) = (widest(0, \.start), widest(2, \.took))
        let room = columns - start - took - 2 * (Self.titles.count - 1)
        let tool = min(
            widest(3, \.tool), max(room - widest(4, \.end) - Self.fewestBars, 8))
        let end = min(widest(4, \.end), max(room - tool - Self.fewestBars, 8))
        let bars = max(room - tool - end, 8)
        let scale = TimeScale(spans, width: Int64(bars - 1), cutWidth: 2)
        let characters = isASCII ? Characters.ascii : .blocks
        func line(_ texts: [String]) -> String {
            let widths = [start, bars, took, tool, end]
            var line = zip(texts, widths).map { $0.cut(to: $1, isASCII: isASCII).padded(to: $1) }
                .joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        return head
            + [line(Self.titles)]
            + rows.map { row in
                line([
                    row.start, Self.bars(of: row.span, bars, scale, characters), row.took,
                    row.tool, row.end,
                ])
            } + Self.pauses(scale) + [legend(scale, characters)]
    }

    private static func bars(
        of span: CallSpan, _ width: Int, _ scale: TimeScale, _ characters: Characters
    ) -> String {
        var cells = [Character](repeating: " ", count: width)
        for cut in scale.cuts where cells.indices.contains(cut) { cells[cut] = characters.cut }
        let bars = scale.bars(of: span)
        for bar in bars {
            let range = bar.start..<bar.start + max(bar.length, 1)
            for cell in range.clamped(to: cells.indices) { cells[cell] = characters[bar.kind] }
        }
        if bars.isEmpty { cells[min(scale.place(of: span.start), width - 1)] = characters.began }
        return String(cells)
    }

    /// The meaning of each character that the drawing has.
    private func legend(_ scale: TimeScale, _ characters: Characters) -> String {
        let bars = spans.map { scale.bars(of: $0) }
        let kinds = Set(bars.joined().map(\.kind))
        let meanings: [(Bool, Character, String)] = [
            (kinds.contains(.server), characters.server, "with the server"),
            (kinds.contains(.people), characters.people, "waits for people"),
            (kinds.contains(.denied), characters.denied, "denied"),
            (bars.contains(where: \.isEmpty), characters.began, "began"),
            (!scale.pauses.isEmpty, characters.cut, "pause cut"),
        ]
        return meanings.filter(\.0).map { "\($0.1) \($0.2)" }.joined(separator: "  ")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text, or its beginning with an ellipsis if it is longer than `width`, which is 4 or more.
    fileprivate func cut(to width: Int, isASCII: Bool) -> String {
        guard count > width else { return self }
        let ellipsis = isASCII ? "..." : "…"
        return prefix(width - ellipsis.count) + ellipsis
    }
}

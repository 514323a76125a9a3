import InterlockModel
package import InterlockPolicyReview

/// The flows of data through one agent as a drawing: sources on the left, the agent in the middle, sinks on the right. It
/// is measured once and written as a part of a page and as a file.
package struct FlowDrawing {
    struct Label {
        enum Kind { case name, words, agent }
        let kind: Kind
        let x: Int
        let y: Int
        let text: String
        /// The whole name, if `text` is only its beginning.
        var whole: String?
    }

    struct Line {
        enum Kind { case plain, exposed, more }
        let kind: Kind
        let strokes: Strokes
    }

    /// The boxes of tools, hosts and the agent.
    private(set) var boxes: [Line] = []
    private(set) var lines: [Line] = []
    private(set) var labels: [Label] = []
    private(set) var height = 0
    let flows: DataFlows
    /// The agent's name.
    let agent: String
    /// True if sensitive data can reach the outside.
    let isExposed: Bool

    /// The names of one side that are drawn; the last one is "12 more" if there are more.
    static let mostNames = 16
    static let width = 2 * (margin + nameWidth + wireWidth + curveWidth) + agentWidth

    /// The width of a character of the monospaced font, rounded up, in pixels.
    private static let letter = 8
    private static let margin = 8
    private static let nameLetters = 25
    private static let nameWidth = nameLetters * letter + 16
    private static let wireLetters = 24
    private static let wireWidth = wireLetters * letter
    private static let curveWidth = 48
    private static let agentLetters = 16
    private static let agentWidth = agentLetters * letter + 16
    private static let rowHeight = 44
    private static let boxHeight = 28
    private static let top = 32
    private static let agentLeft = margin + nameWidth + wireWidth + curveWidth

    package init(_ reach: WorstCase) {
        self.init(reach.dataFlows, of: reach.agent.text)
    }

    /// - Parameter agent: text of any origin.
    package init(_ flows: DataFlows, of agent: String) {
        self.flows = flows
        self.agent = agent
        isExposed = !flows.sensitive.isEmpty
        let rows = max(1, [flows.sources, flows.sinks].map(Self.rowCount).max() ?? 1)
        let bottom = Self.top + rows * Self.rowHeight
        let agentHeight = min(rows * Self.rowHeight - 16, max(Self.boxHeight, rows * 16))
        let agentTop = Self.top + (rows * Self.rowHeight - agentHeight) / 2
        heading("Reads from", x: Self.margin)
        heading("Writes to", x: Self.width - Self.margin - Self.nameWidth)
        draw(flows.sources, isLeft: true, rows: rows, agentTop: agentTop, agentHeight: agentHeight)
        draw(flows.sinks, isLeft: false, rows: rows, agentTop: agentTop, agentHeight: agentHeight)
        boxes.append(
            Line(
                kind: .plain,
                strokes: .box(
                    x: Self.agentLeft, y: agentTop, width: Self.agentWidth, height: agentHeight)))
        add(
            agent, .agent, x: Self.agentLeft + Self.agentWidth / 2,
            y: agentTop + agentHeight / 2 + 5, letters: Self.agentLetters)
        legend(y: bottom + 24)
        height = bottom + 40
    }

    private static func rowCount(_ ends: [DataFlows.End]) -> Int { min(ends.count, mostNames) }

    private mutating func heading(_ words: String, x: Int) {
        labels.append(Label(kind: .words, x: x, y: Self.top - 12, text: words))
    }

    private mutating func draw(
        _ ends: [DataFlows.End], isLeft: Bool, rows: Int, agentTop: Int, agentHeight: Int
    ) {
        let count = Self.rowCount(ends)
        let named = ends.count > Self.mostNames ? Self.mostNames - 1 : ends.count
        let top = Self.top + (rows - count) * Self.rowHeight / 2
        for number in 0..<count {
            let y = top + number * Self.rowHeight + Self.rowHeight / 2
            let agentY = agentTop + agentHeight * (number + 1) / (count + 1)
            let end = number < named ? ends[number] : nil
            let rest = ends.dropFirst(named)
            let isMarked = isExposed && (end?.isExposed ?? rest.contains(where: \.isExposed))
            let box = isLeft ? Self.margin : Self.width - Self.margin - Self.nameWidth
            let kind: Line.Kind = end == nil ? .more : isMarked ? .exposed : .plain
            boxes.append(
                Line(
                    kind: end == nil ? .more : .plain,
                    strokes: .box(
                        x: box, y: y - Self.boxHeight / 2, width: Self.nameWidth,
                        height: Self.boxHeight)))
            add(
                end?.name ?? "\(rest.count) more", .name, x: box + 8, y: y + 5,
                letters: Self.nameLetters)
            let words =
                isLeft ? box + Self.nameWidth : Self.width - Self.agentLeft + Self.curveWidth
            if let end {
                add(Self.effects(of: end), .words, x: words + 6, y: y - 5, letters: nil)
                add(Self.outcome(of: end), .words, x: words + 6, y: y + 15, letters: nil)
            }
            let right = Self.agentLeft + Self.agentWidth
            lines.append(
                Line(
                    kind: kind,
                    strokes: isLeft
                        ? .wire(
                            from: box + Self.nameWidth, y, bend: Self.agentLeft - Self.curveWidth,
                            end: Self.agentLeft - 7, agentY, to: Self.agentLeft)
                        : .wire(
                            from: right, agentY, bend: right + 7, end: right + Self.curveWidth, y,
                            to: box)))
            lines.append(
                Line(
                    kind: kind == .exposed ? .exposed : .plain,
                    strokes: isLeft
                        ? .tip(x: Self.agentLeft, y: agentY) : .tip(x: box, y: y)))
        }
    }

    private mutating func legend(y: Int) {
        var x = Self.margin
        let kinds: [(Line.Kind, String)] =
            isExposed
            ? [(.exposed, "sensitive data can reach the outside"), (.plain, "other data")]
            : [(.plain, "data")]
        for (kind, text) in kinds {
            lines.append(Line(kind: kind, strokes: .line(x: x, y: y - 4, length: 24)))
            add(text, .words, x: x + 32, y: y, letters: nil)
            x += 32 + (text.count + 3) * Self.letter
        }
        add(
            "above a line: effects; below: the easiest outcome of a call", .words, x: x, y: y,
            letters: nil)
    }

    /// - Parameters:
    ///   - text: text of any origin.
    ///   - letters: the most characters that are drawn; nil if `text` is short.
    private mutating func add(
        _ text: String, _ kind: Label.Kind, x: Int, y: Int, letters: Int?
    ) {
        let line = SafeLine.text(text)
        let isCut = letters.map { line.count > $0 } ?? false
        let shown = isCut ? line.prefix((letters ?? 1) - 1) + "…" : line
        labels.append(Label(kind: kind, x: x, y: y, text: shown, whole: isCut ? line : nil))
    }

    /// The effects that have room, gravest first, and the number of the others.
    static func effects(of end: DataFlows.End) -> String {
        guard end.verdict != nil else { return "egress" }
        var text = ""
        for (number, effect) in end.effects.enumerated() {
            let longer = text + (number > 0 ? ", " : "") + effect.words
            let rest = end.effects.count - number
            let isLast = rest == 1
            if longer.count > wireLetters - (isLast ? 2 : 6) { return text + ", +\(rest)" }
            text = longer
        }
        return text
    }

    /// The easiest outcome of a call: `allowed`, `1 approval`, `2 approvals`.
    static func outcome(of end: DataFlows.End) -> String {
        switch end.verdict {
        case .approve(let people): Shape.count(people, "approval")
        case .allow, nil: "allowed"
        case .deny: "denied"
        }
    }
}

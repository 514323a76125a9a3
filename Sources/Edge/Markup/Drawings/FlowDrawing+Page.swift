import InterlockModel
import InterlockPolicyReview

extension FlowDrawing {
    /// The drawing with its table, which is its text: a narrow screen and a screen reader have the table alone.
    @HTMLBuilder package var content: [HTML] {
        if !flows.sources.isEmpty || !flows.sinks.isEmpty {
            element(.div, .style(.wide, .flow)) {
                element(.h3) { "Flows of data" }
                element(.p) { gist }
                picture
                element(.p, .style(.hint, .undrawn)) {
                    "The drawing needs a wider screen. The table has the same."
                }
            }
            element(.details) {
                element(.summary) { "Show as table" }
                table.html
            }
        }
    }

    /// The drawing in one sentence.
    var gist: String {
        let sources = flows.sources.count { $0.isExposed }
        let sinks = flows.sinks.count { $0.isExposed }
        guard isExposed else { return "No sensitive data can reach the outside." }
        return "Sensitive data of \(Shape.count(sources, "tool")) can reach "
            + (sinks == 1 ? "1 tool or host outside." : "\(sinks) tools and hosts outside.")
    }

    private var picture: HTML {
        element(
            .svg, .word(.role, "img"),
            .text(.label, "Flows of data. \(gist) The table has each tool and host."),
            .extent(width: Self.width, height: height)
        ) {
            for box in boxes {
                element(.path, .style([.box] + box.kind.styles), .strokes(box.strokes))
            }
            for line in lines { element(.path, .style(line.kind.styles), .strokes(line.strokes)) }
            for label in labels {
                element(
                    .text, .style(label.kind.styles), .number(.x, label.x), .number(.y, label.y)
                ) {
                    if let whole = label.whole { element(.title) { whole } }
                    label.text
                }
            }
        }
    }

    private var table: Table {
        let ends = flows.sources.map { ("Reads from", $0) } + flows.sinks.map { ("Writes to", $0) }
        return Table(
            "Flows of data, most severe first",
            [.name("Tool or host"), "Direction", "Effects", "Easiest outcome"], ends
        ) { direction, end in
            [
                .safe(end.name), .text(direction),
                .text(
                    end.verdict == nil
                        ? "egress" : end.effects.map(\.words).joined(separator: ", ")),
                .text(Self.outcome(of: end)),
            ]
        }
    }
}

extension FlowDrawing.Line.Kind {
    fileprivate var styles: [Style] {
        switch self {
        case .plain: []
        case .exposed: [.toneBad]
        case .more: [.more]
        }
    }
}

extension FlowDrawing.Label.Kind {
    fileprivate var styles: [Style] {
        switch self {
        case .name: []
        case .words: [.hint]
        case .agent: [.key]
        }
    }
}

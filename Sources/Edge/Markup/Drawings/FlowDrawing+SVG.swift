import InterlockModel
import InterlockPolicyReview

extension FlowDrawing {
    /// The drawing as an SVG file of its own: it loads nothing, runs nothing, and follows the reader's choice of light or
    /// dark colours. Its description has every tool and host, also those that are not drawn.
    package var svg: String {
        let margin = 8
        let head = "Flows of data of agent \(SafeLine.text(agent))"
        let (width, height) = (Self.width, height + 2 * Self.headHeight)
        let body =
            boxes.map { Self.path($0, "box") } + lines.map { Self.path($0, "line") }
            + labels.map(Self.text)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 -\(2 * Self.headHeight) \(width) \(height)" role="img" \
            aria-labelledby="title" aria-describedby="description">
            <title id="title">\("\(head). \(gist)".escapedForSVG)</title>
            <desc id="description">\(description.escapedForSVG)</desc>
            \(Self.style)
            <path class="ground" d="M0 -\(2 * Self.headHeight)h\(width)v\(height)h-\(width)z"/>
            <text x="\(margin)" y="-\(2 * Self.headHeight - 20)">\(head.escapedForSVG)</text>
            <text class="words" x="\(margin)" y="-\(Self.headHeight - 20)">\(gist)</text>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    private static let headHeight = 24

    /// Every flow in words, a line for each tool and host.
    private var description: String {
        let sources = flows.sources.map { ("reads from", $0) }
        let sinks = flows.sinks.map { ("writes to", $0) }
        return (sources + sinks).map { direction, end in
            let effects =
                end.verdict == nil ? "egress" : end.effects.map(\.words).joined(separator: ", ")
            return "\(direction) \(SafeLine.text(end.name)): \(effects); \(Self.outcome(of: end))"
        }.joined(separator: "\n")
    }

    /// The colours of charts in light and dark (docs/specs/console.md, section 2).
    private static let style = """
        <style>
        svg { --ground: #ffffff; --ink: #16191d; --words: #4a5361; --edge: #7b8491; --box: #eceff3;
          --denied: #b42318; color-scheme: light dark }
        @media (prefers-color-scheme: dark) { svg { --ground: #161a20; --ink: #e9ecf1;
          --words: #b1bac6; --edge: #727d8c; --box: #0a0c10; --denied: #f0766c } }
        text { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; fill: var(--ink);
          white-space: pre }
        .words { fill: var(--words) }
        .agent { font-weight: 600; text-anchor: middle }
        .ground { fill: var(--ground) }
        .line { fill: none; stroke: var(--edge); stroke-width: 1.5 }
        .line.exposed { stroke: var(--denied); stroke-width: 3 }
        .box { fill: var(--box); stroke: var(--edge) }
        .more { stroke-dasharray: 4 3 }
        </style>
        """

    private static func path(_ line: Line, _ kind: String) -> String {
        let kinds =
            switch line.kind {
            case .plain: kind
            case .exposed: "\(kind) exposed"
            case .more: "\(kind) more"
            }
        return #"<path class="\#(kinds)" d="\#(line.strokes.path)"/>"#
    }

    private static func text(_ label: Label) -> String {
        let kind =
            switch label.kind {
            case .name: "name"
            case .words: "words"
            case .agent: "agent"
            }
        let whole = label.whole.map { "<title>\($0.escapedForSVG)</title>" } ?? ""
        return #"<text class="\#(kind)" x="\#(label.x)" y="\#(label.y)">"#
            + "\(whole)\(label.text.escapedForSVG)</text>"
    }
}

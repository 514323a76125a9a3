import InterlockAdministration
import InterlockModel

/// The calls of a run as bars on one line of time: waits for people, time with the server. Times without any call that are
/// longer than a tenth of the whole are cut, and named.
struct Waterfall {
    let spans: [CallSpan]
    /// True if the viewer may also read the records.
    let reads: Bool

    private static let height = 12

    @HTMLBuilder var content: [HTML] {
        let scale = TimeScale(spans, width: 300, cutWidth: 12)
        Table(
            "In the order in which they began",
            [
                .name("Call"), .time("Began"),
                .state("Waits for people and time with the server"), .number("Took"),
                .state("End"),
            ], spans, isBroad: true
        ) { span in
            [
                name(of: span), Shape.exact(span.start), drawing(of: span, scale),
                .text(Shape.duration(span.last - span.start)), .group(end(of: span)),
            ]
        }.html
        for pause in scale.pauses {
            element(.p, .style(.hint)) {
                "Nothing for \(Shape.duration(pause.length)), from "
                Shape.exact(pause.from)
                "; the drawing leaves it out."
            }
        }
    }

    private func name(of span: CallSpan) -> HTML {
        let name = HTML.safe(span.tool ?? "unknown")
        return reads ? hyperlink(Link("audit", String(span.index))) { name } : name
    }

    /// The bars of a call, for eyes alone: the columns next to them say begin, length and end.
    private func drawing(of span: CallSpan, _ scale: TimeScale) -> HTML {
        var (people, server, denied) = (Bars(), Bars(), Bars())
        for bar in scale.bars(of: span) {
            switch bar.kind {
            case .people:
                people.add(
                    x: bar.start, bottom: Self.height, height: Self.height / 2, width: bar.length)
            case .server:
                server.add(
                    x: bar.start, bottom: Self.height, height: Self.height, width: bar.length)
            case .denied:
                denied.add(x: bar.start, bottom: Self.height, height: Self.height, width: 3)
            }
        }
        return element(
            .svg, .style(.spark, .waterfall), .word(.ariaHidden, "true"),
            .word(.viewBox, "0 0 312 12"), .word(.aspect, "none")
        ) {
            element(.path, .style(.toneWarm), .bars(people))
            element(.path, .style(.toneCalm), .bars(server))
            element(.path, .style(.toneBad), .bars(denied))
        }
    }

    @HTMLBuilder private func end(of span: CallSpan) -> [HTML] {
        switch span.end {
        case .result(let status): SafeText.text(status)
        case .denied(let code):
            "denied "
            element(.span, .style(.muted)) { SafeText.text(code) }
        case .unknown: "outcome unknown"
        case .open: "not ended in these steps"
        }
    }
}

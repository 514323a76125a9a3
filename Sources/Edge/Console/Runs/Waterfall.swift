import InterlockAdministration
import InterlockModel

/// The calls of a run as bars on one line of time: waits for people, time with the server. Times without any call that are
/// longer than a tenth of the whole are cut, and named.
struct Waterfall {
    let spans: [CallSpan]
    /// True if the viewer may also read the records.
    let reads: Bool

    private static let width: Int64 = 300
    private static let cutWidth: Int64 = 12
    private static let height = 12

    @HTMLBuilder var content: [HTML] {
        let scale = TimeScale(spans)
        Table(
            "In the order in which they began",
            ["Call", "Began", "Waits for people and time with the server", "Took", "End"], spans
        ) { span in
            [
                name(of: span), Shape.time(span.start), drawing(of: span, scale),
                .text(Shape.duration(span.last - span.start)), .group(end(of: span)),
            ]
        }.html
        for pause in scale.pauses {
            element(.p, .style(.hint)) {
                "Nothing for \(Shape.duration(pause.until - pause.from)), from "
                Shape.time(pause.from)
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
        for part in span.parts {
            let (from, until) = (scale.place(of: part.from), scale.place(of: part.until))
            let length = max(1, until - from)
            switch part.phase {
            case .people:
                people.add(x: from, bottom: Self.height, height: Self.height / 2, width: length)
            case .server:
                server.add(x: from, bottom: Self.height, height: Self.height, width: length)
            }
        }
        if case .denied = span.end {
            denied.add(
                x: scale.place(of: span.last), bottom: Self.height, height: Self.height, width: 3)
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

    /// Places times on the line, without long pauses.
    struct TimeScale {
        struct Period {
            let from: Timestamp
            let until: Timestamp
        }
        private(set) var pauses: [Period] = []
        /// The times that the line shows, in order and apart.
        private var busy: [Period] = []
        private let scale: Double

        init(_ spans: [CallSpan]) {
            let ordered = spans.sorted { $0.start < $1.start }
            guard let first = ordered.first, let end = ordered.map(\.last).max() else {
                scale = 0
                return
            }
            let longestGap = (end - first.start) / 10
            for span in ordered {
                guard let newest = busy.last, span.start - newest.until <= longestGap else {
                    if let newest = busy.last {
                        pauses.append(Period(from: newest.until, until: span.start))
                    }
                    busy.append(Period(from: span.start, until: span.last))
                    continue
                }
                busy[busy.count - 1] = Period(
                    from: newest.from, until: max(newest.until, span.last))
            }
            let shown = busy.reduce(0) { $0 + ($1.until - $1.from).microseconds }
            let room = Waterfall.width - Int64(pauses.count) * Waterfall.cutWidth
            scale = shown > 0 ? Double(max(room, 1)) / Double(shown) : 0
        }

        /// The distance from the left edge, 0 to 300.
        func place(of time: Timestamp) -> Int {
            var before: Double = 0
            for (number, part) in busy.enumerated() {
                let gap = Double(Int64(number) * Waterfall.cutWidth)
                if time <= part.until {
                    let inside = max(0, (time - part.from).microseconds)
                    return Int((before + Double(inside) * scale + gap).rounded())
                }
                before += Double((part.until - part.from).microseconds) * scale
            }
            return Int(Waterfall.width)
        }
    }
}

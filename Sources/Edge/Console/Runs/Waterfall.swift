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
        struct Pause {
            let from: Timestamp
            let until: Timestamp
        }
        private(set) var pauses: [Pause] = []
        /// The times with calls, in order and apart.
        private var busy: [Pause] = []
        private let scale: Double

        init(_ spans: [CallSpan]) {
            for span in spans.sorted(by: { $0.start < $1.start }) {
                if let newest = busy.last, span.start <= newest.until {
                    busy[busy.count - 1] = Pause(
                        from: newest.from, until: max(newest.until, span.last))
                } else {
                    busy.append(Pause(from: span.start, until: span.last))
                }
            }
            let whole = Self.length(busy.first?.from, busy.last?.until)
            var joined: [Pause] = []
            for part in busy {
                guard let newest = joined.last else {
                    joined.append(part)
                    continue
                }
                if (part.from - newest.until).microseconds * 10 > whole {
                    pauses.append(Pause(from: newest.until, until: part.from))
                    joined.append(part)
                } else {
                    joined[joined.count - 1] = Pause(from: newest.from, until: part.until)
                }
            }
            busy = joined
            let shown = busy.reduce(0) { $0 + ($1.until - $1.from).microseconds }
            let room = Waterfall.width - Int64(pauses.count) * Waterfall.cutWidth
            scale = shown > 0 ? Double(max(room, 1)) / Double(shown) : 0
        }

        private static func length(_ from: Timestamp?, _ until: Timestamp?) -> Int64 {
            guard let from, let until else { return 0 }
            return (until - from).microseconds
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

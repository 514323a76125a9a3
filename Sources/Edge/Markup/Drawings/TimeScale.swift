import InterlockAdministration
package import InterlockEvidence
package import InterlockModel

/// One line of time for the calls of a run. Times without any call that are longer than a tenth of the whole are cut.
/// Places are whole units of a drawing, from 0 at its left edge to its width: pixels, or columns of a terminal.
package struct TimeScale: Sendable {
    package struct Period: Sendable, Hashable {
        package let from: Timestamp
        package let until: Timestamp

        package var length: Duration { until - from }
    }

    /// The times that the line leaves out, in order; at most nine.
    package private(set) var pauses: [Period] = []
    /// The times that the line shows, in order and apart.
    private var busy: [Period] = []
    private let width: Int64
    private let cutWidth: Int64
    /// Units of the drawing for a microsecond.
    private let scale: Double

    /// - Parameters:
    ///   - width: the largest place.
    ///   - cutWidth: the units that a cut takes.
    package init(_ spans: [CallSpan], width: Int64, cutWidth: Int64) {
        (self.width, self.cutWidth) = (width, cutWidth)
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
            busy[busy.count - 1] = Period(from: newest.from, until: max(newest.until, span.last))
        }
        let shown = busy.reduce(0) { $0 + $1.length.microseconds }
        let room = width - Int64(pauses.count) * cutWidth
        scale = shown > 0 ? Double(max(room, 1)) / Double(shown) : 0
    }

    /// The distance from the left edge, 0 to the width.
    package func place(of time: Timestamp) -> Int {
        var before: Double = 0
        for (number, part) in busy.enumerated() {
            let gap = Double(Int64(number) * cutWidth)
            if time <= part.until {
                let inside = max(0, (time - part.from).microseconds)
                return Int((before + Double(inside) * scale + gap).rounded())
            }
            before += Double(part.length.microseconds) * scale
        }
        return Int(width)
    }

    /// The middle of each cut.
    package var cuts: [Int] { pauses.map { place(of: $0.from) + Int(cutWidth) / 2 } }
}

/// A part of a call on a line of time.
package struct CallBar: Sendable, Hashable {
    package enum Kind: String, Sendable { case people, server, denied }

    package let kind: Kind
    /// The left edge.
    package let start: Int
    /// 1 or more; 0 for a denial, which is a moment.
    package let length: Int
    package let duration: Duration
}

extension TimeScale {
    /// The bars of a call in the order of time; empty for a call whose steps say nothing but its beginning.
    package func bars(of span: CallSpan) -> [CallBar] {
        let parts = span.parts.map { part in
            let start = place(of: part.from)
            return CallBar(
                kind: part.phase == .people ? .people : .server, start: start,
                length: max(1, place(of: part.until) - start), duration: part.until - part.from)
        }
        guard case .denied = span.end else { return parts }
        return parts + [
            CallBar(
                kind: .denied, start: place(of: span.last), length: 0, duration: .zero)
        ]
    }
}

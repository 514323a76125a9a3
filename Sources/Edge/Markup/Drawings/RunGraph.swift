import InterlockAdministration
package import InterlockEvidence
import InterlockModel

/// The calls of a run as bars on one line of time, as the page of the run draws them, for other places: a terminal, a
/// file.
package struct RunGraph {
    let run: String
    let agent: String
    let spans: [CallSpan]

    /// - Parameters:
    ///   - run: the id of the run.
    ///   - agent: text of any origin.
    package init(run: String, agent: String, spans: [CallSpan]) {
        (self.run, self.agent, self.spans) = (run, agent, spans)
    }

    /// The texts of a call, next to its bars.
    struct Row {
        let span: CallSpan
        let start: String
        let took: String
        let tool: String
        let end: String
    }

    /// The calls in the order in which they began.
    var rows: [Row] {
        let isOfOneDay = Set([first, last].compactMap { $0.map(Self.day) }).count == 1
        return spans.map { span in
            let time = span.start.rfc3339(fractionDigits: 0)
            return Row(
                span: span, start: isOfOneDay ? String(time.dropFirst(11).prefix(8)) : time,
                // A call without an end has no length yet.
                took: span.end == .open ? "-" : (span.last - span.start).inTwoUnits,
                tool: (span.tool ?? "unknown").withMarks, end: Self.end(of: span))
        }
    }

    /// The lines above the drawing.
    var head: [String] {
        let name = "run \(run), agent \(agent.withMarks)"
        guard let first, let last else { return [name, "no call of it is on record"] }
        let times = [first, last].map { $0.rfc3339(fractionDigits: 0) }
        return [name, "\(count) from \(times[0]) to \(times[1])"]
    }

    /// `1 call`, or `2 calls`.
    package var count: String { spans.count == 1 ? "1 call" : "\(spans.count) calls" }

    /// The lines below the drawing that name what it leaves out.
    static func pauses(_ scale: TimeScale) -> [String] {
        scale.pauses.map { pause in
            "pause cut: \(pause.length.inTwoUnits) from \(pause.from.rfc3339(fractionDigits: 0))"
        }
    }

    private var first: Timestamp? { spans.map(\.start).min() }
    private var last: Timestamp? { spans.map(\.last).max() }

    private static func day(_ time: Timestamp) -> String {
        String(time.rfc3339(fractionDigits: 0).prefix(10))
    }

    private static func end(of span: CallSpan) -> String {
        switch span.end {
        case .result(let status): status.withMarks
        case .denied(let code): "denied \(code.withMarks)"
        case .unknown: "outcome unknown"
        case .open: "not ended"
        }
    }
}

package import InterlockAdministration

/// An agent's calls of the last hour: a bar for each minute, refused calls from below, with the numbers in words.
package struct Sparkline {
    package let total: CallCounts
    package let minutes: [CallCounts]

    private static let height: Int64 = 16

    package init(_ agent: AgentSummary) { (total, minutes) = (agent.lastHour, agent.minutes) }

    @HTMLBuilder package var content: [HTML] {
        if total.done + total.refused == 0 {
            "none"
        } else {
            drawing
            words
        }
    }

    private var words: String {
        let denied = total.refused > 0 ? ", \(Shape.grouped(total.refused)) denied" : ""
        return Shape.grouped(total.done) + denied
    }

    /// The bars, for eyes alone: the words next to them say the sums.
    package var drawing: HTML {
        let most = max(1, minutes.map { $0.done + $0.refused }.max() ?? 1)
        func height(_ count: Int64) -> Int {
            count > 0 ? max(1, Int(count * Self.height / most)) : 0
        }
        var (done, refused) = (Bars(), Bars())
        for (place, counts) in minutes.enumerated() {
            let lower = height(counts.refused)
            let upper = min(height(counts.done), Int(Self.height) - lower)
            refused.add(x: 2 * place, bottom: Int(Self.height), height: lower)
            done.add(x: 2 * place, bottom: Int(Self.height) - lower, height: upper)
        }
        return element(
            .svg, .style(.spark), .word(.ariaHidden, "true"), .word(.viewBox, "0 0 120 16"),
            .word(.aspect, "none")
        ) {
            element(.path, .style(.toneCalm), .bars(done))
            element(.path, .style(.toneBad), .bars(refused))
        }
    }
}

import InterlockAdministration
package import InterlockEvidence
import InterlockModel

/// The calls of a run as bars on one line of time: waits for people, time with the server. Times without any call that are
/// longer than a tenth of the whole are cut, and named.
package struct Waterfall {
    private let scale: TimeScale

    private static let height = 12

    package init(_ spans: [CallSpan]) { scale = TimeScale(spans, width: 300, cutWidth: 12) }

    @HTMLBuilder package var pauses: [HTML] {
        for pause in scale.pauses {
            element(.p, .style(.hint)) {
                "Nothing for \(Shape.duration(pause.length)), from "
                Shape.exact(pause.from)
                "; the bars leave it out."
            }
        }
    }

    /// The bars of a call, for eyes alone: the words of its entry say begin, length and end.
    package func drawing(of span: CallSpan) -> HTML {
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
}

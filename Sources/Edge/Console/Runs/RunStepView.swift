import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel

/// One step of a run.
struct RunStepView {
    let step: RunStep
    /// True if the viewer may also read the record.
    let reads: Bool

    var html: HTML {
        element(.li) {
            Shape.exact(step.record.time ?? Timestamp(microseconds: 0))
            " "
            for (place, word) in step.words.enumerated() where !word.isEmpty {
                if place == 0 {
                    element(.strong) { SafeText.text(word) }
                } else {
                    SafeText.text(word)
                }
                " "
            }
            if let place = step.record.text("at") {
                element(.span, .style(.muted)) { SafeText.text(place) }
                " "
            }
            if let duration = step.record["dur"]?.integer {
                "took \(Shape.duration(.microseconds(duration))) "
            }
            if let size = step.keptSize { "\(size) " }
            if reads {
                hyperlink(Link("audit", String(step.index))) { "record \(step.index)" }
                if let payload = step.content {
                    PayloadView(payload: payload, mostBytes: Self.mostBytes).content
                }
            }
        }
    }

    /// The size in bytes up to which a payload is shown with its step; a page has up to fifty steps.
    private static let mostBytes = 2048
}

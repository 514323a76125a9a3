import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// One step of a run.
struct RunStepView {
    let step: RunStep
    /// True if the viewer may also read the record.
    let reads: Bool
    /// Begins the id of the mark's popover: once in a page for each record.
    var mark: StaticString = "proof"
    /// The policy in force, which declares the units of arguments.
    let policy: (any PolicyQueries)?

    var html: HTML {
        element(.li) {
            Shape.exact(step.record.time ?? Timestamp(microseconds: 0))
            " "
            element(.strong) { SafeText.text(RecordHeadline(record: step.record).headline) }
            " "
            if step.type == .runInput, let source = step.record.text("src") {
                "from "
                SafeText.text(source)
                " "
            }
            for word in step.words.dropFirst() where !word.isEmpty {
                SafeText.text(word)
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
                " "
            }
            ProofBadge(record: step.index, step.proof, mark, files: reads).html
            if reads {
                if let payload = step.content {
                    RecordedPayload(
                        payload: payload, record: step.record, policy: policy,
                        mostBytes: Self.mostBytes
                    ).content
                }
            }
        }
    }

    /// The size in bytes up to which a payload is shown with its step; a page has up to fifty steps.
    static let mostBytes = 2048
}

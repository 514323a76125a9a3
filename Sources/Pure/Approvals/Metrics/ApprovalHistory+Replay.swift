package import InterlockJSON
import InterlockModel

extension ApprovalHistory {
    /// The record types that `replay` uses; other types contain nothing about people's decisions.
    package static let types = [
        "approval.requested", "approval.reissued", "approval.viewed", "approval.granted",
        "approval.denied", "approval.probe", "approver.enrolled",
    ]

    /// Applies a record of the log. The caller must pass records in the order of the log.
    ///
    /// - Parameter floor: the minimum reading time, used if the record does not state it.
    package mutating func replay(_ leaf: JSONValue, floor: Duration? = nil) {
        let type = leaf["t"]?.string
        let at = Timestamp(microseconds: leaf["ts"]?.integer ?? 0)
        let person = leaf["by"]?.string.flatMap(Pseudonym.init(written:))
        if type == "approver.enrolled", let person { return enrolled(person, at: at) }
        guard let request = leaf["appr"]?.string.flatMap({ ApprovalID($0) }) else { return }
        let floor = leaf["floor"]?.integer.map { Duration.microseconds($0) } ?? floor
        switch (type, person) {
        case ("approval.requested", _):
            // The request of a probe has no intent, because no call is behind it.
            asked(request, isProbe: leaf["intent"] == nil, floor: floor)
        case ("approval.reissued", _): asked(request, isProbe: nil, floor: floor)
        case ("approval.viewed", let person?): viewed(request, by: person, at: at)
        case ("approval.granted", let person?): decided(request, .approve, by: person, at: at)
        case ("approval.denied", let person?): decided(request, .deny, by: person, at: at)
        case ("approval.probe", let person?):
            guard let verdict = leaf["verdict"]?.string.flatMap(Vote.Verdict.init) else { return }
            decided(request, verdict, by: person, at: at)
        default: break
        }
    }
}

import InterlockMarkup
import InterlockModel
import InterlockReview

/// The words of reviews on pages.
enum ReviewLabels {
    /// A time that ends a day is named by that day, in UTC.
    static func end(_ time: Timestamp) -> HTML {
        guard time == time.day.start else { return Shape.exact(time) }
        let day = (time - Duration.seconds(1)).day
        return .text("end of \(day.text), UTC")
    }

    static func words(of cause: DriftItem.Cause) -> String {
        switch cause {
        case .toolChanged: "A tool changed"
        case .newVersion: "A new version of a server"
        case .serverUntrusted: "A server in quarantine"
        case .undeclaredEffect: "An effect that the policy does not declare"
        case .incident: "An incident"
        case .gateChanged: "A check of a change of the merge gate"
        }
    }

    static func words(of outcome: DriftItem.Outcome?) -> String {
        switch outcome {
        case nil: "no outcome"
        case .keep?: "stay"
        case .raise?: "are raised"
        case .lower(let second)?: "are lowered, with \(second.address)"
        }
    }
}

extension ReviewStratum {
    /// The calls of it, for people.
    var words: String {
        switch self {
        case .always: "always read: break-glass, exceptions, unknown ends"
        case .approved: "approved by people"
        case .unattended: "ran without a person"
        case .denied: "denied"
        case .read: "only read"
        }
    }
}

extension MarkedRecord.Outcome {
    var words: String {
        switch self {
        case .ok: "in order"
        case .unclear: "unclear"
        case .erased: "erased"
        case .finding(let severity): "finding of severity \(severity.rawValue)"
        }
    }
}

extension ReviewControl {
    /// The question as the beginning of a line.
    var question: String { text.prefix(1).uppercased() + text.dropFirst() }
}

import InterlockJSON
import InterlockModel

extension JSONValue {
    /// The time in UTC, in whole seconds, in the form of `TextShape.time`.
    static func time(_ time: Timestamp) -> JSONValue { .string(time.rfc3339(fractionDigits: 0)) }
}

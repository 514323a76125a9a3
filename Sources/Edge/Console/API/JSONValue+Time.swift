import InterlockJSON
import InterlockModel

extension JSONValue {
    /// In UTC and whole seconds, as `TextShape.time` has it.
    static func time(_ time: Timestamp) -> JSONValue { .string(time.rfc3339(fractionDigits: 0)) }
}

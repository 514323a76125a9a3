/// The reason TLS could not be set up: the faulty setting, the cause and the advice.
package struct TLSFailure: Error, Equatable, Sendable {
    package enum Part: String, Sendable {
        case certificate, key, clientAuthority, serverAuthority, library
    }
    package let part: Part
    package let reason: String
    package let help: String
    package init(_ part: Part, _ reason: String, help: String) {
        self.part = part
        self.reason = reason
        self.help = help
    }
    package static func == (a: TLSFailure, b: TLSFailure) -> Bool { a.part == b.part }
}

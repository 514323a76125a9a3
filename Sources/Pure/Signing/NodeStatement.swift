import InterlockAlerts
package import InterlockModel

/// A statement of a node about itself that the log's key signs, as the signer accepts it: of its own log, of the present
/// time, in canonical form.
package struct NodeStatement: Hashable, Sendable {
    package let type: PayloadType
    package let payload: [UInt8]
    /// The origin of the log that it names.
    let origin: String
    /// The time at which it says that it is made.
    let at: Timestamp
    /// The size of the log that it states, or nil if it states none.
    let size: UInt64?

    /// The types of statements. Everything else that a node signs is signed by other keys.
    package static let types: [PayloadType] = [.alive, .drill]

    /// - Throws: `tooLarge`; `malformed`, also for a type that is not in `types`.
    package init(_ type: PayloadType, _ payload: [UInt8]) throws(SignerRefusal) {
        guard payload.count <= Envelope.largestPayload else {
            throw SignerRefusal(.tooLarge, "the statement has \(payload.count) bytes")
        }
        self.type = type
        self.payload = payload
        do throws(FormError) {
            switch type {
            case .alive:
                let message = try AliveMessage(parsing: payload)
                origin = message.origin
                at = message.at
                size = message.size
            case .drill:
                let report = try DrillReport(parsing: payload)
                origin = report.origin
                at = report.ended
                size = nil
                guard report.node == Self.node(of: report.origin) else {
                    throw FormError.badMember("node", "the node of `origin`")
                }
            default: throw FormError.badMember("payloadType", "a type that a log's key signs")
            }
        } catch { throw SignerRefusal(.malformed, "\(error)") }
    }

    /// The middle part of `<domain>/<node>/<epoch>`.
    private static func node(of origin: String) -> String {
        let parts = origin.split(separator: "/")
        return parts.count >= 2 ? String(parts[parts.count - 2]) : origin
    }

    /// The bytes that are signed.
    var message: [UInt8] { preAuthenticationEncoding(type.text, payload) }
}

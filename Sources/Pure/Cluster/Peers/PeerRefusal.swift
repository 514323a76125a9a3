/// The reason why a message of a node is not taken. Nothing of it is applied, not even that its sender was heard.
package enum PeerRefusal: String, Error, Sendable, CaseIterable {
    /// The other end has presented no certificate that can be read.
    case noCertificate = "no-certificate"
    case expired
    /// The certificate is not of a node of this trust domain.
    case otherDomain = "other-domain"
    /// The name is not that of an admitted member, or it is this node's own.
    case unknownNode = "unknown-node"
    /// The key is not the one in the entry of the member.
    case otherKey = "other-key"
    /// There is no such path or method.
    case unknownPath = "unknown-path"
    case tooLarge = "too-large"
    case tooMany = "too-many"
    case malformed
    case otherOrganisation = "other-organisation"
    /// The message names another sender than the certificate, or another receiver than this node.
    case otherSender = "other-sender"
    case otherReceiver = "other-receiver"
    case replayed
    /// The node does not serve agents yet, or not any more.
    case notReady = "not-ready"

    /// The HTTP status of the answer.
    package var status: Int {
        switch self {
        case .noCertificate, .expired, .otherDomain, .unknownNode, .otherKey: 403
        case .unknownPath: 404
        case .tooLarge: 413
        case .tooMany: 429
        case .malformed: 400
        case .otherOrganisation, .otherSender, .otherReceiver: 421
        case .replayed: 409
        case .notReady: 503
        }
    }
}

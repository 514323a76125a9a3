/// The way a call that a halt interrupted ended at its server.
package enum CutEnd: Sendable {
    /// The call never reached its server.
    case undone
    /// The server responded, and the result is withheld.
    case answered
    /// The effect at the server is unknown: people must check.
    case unknown
}

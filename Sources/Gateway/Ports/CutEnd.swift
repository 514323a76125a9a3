/// How a call that a halt cut came to its end.
package enum CutEnd: Sendable {
    /// It never reached its server.
    case undone
    /// Its server answered, and the result is withheld.
    case answered
    /// Nobody knows what its server did: people have to look.
    case unknown
}

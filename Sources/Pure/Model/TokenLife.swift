/// The bounds on the lifetime of an agent's credential, shared by all code that issues, accepts or waits for the expiry
/// of one.
package enum TokenLife {
    package static let bounds = Duration.seconds(60)...Duration.seconds(31 * 86_400)
    /// The tolerance for clock differences: a token is accepted for this much longer than it states.
    package static let leeway = Duration.seconds(5)
}

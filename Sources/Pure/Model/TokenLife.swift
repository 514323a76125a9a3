/// How long a credential of an agent can count. Whoever mints one, takes one or waits for the end of one
/// holds to the same bounds.
package enum TokenLife {
    package static let bounds = Duration.seconds(60)...Duration.seconds(31 * 86_400)
    /// For clocks that are apart; a token counts so much longer than it says.
    package static let leeway = Duration.seconds(5)
}
